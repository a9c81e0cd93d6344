import { readFileSync } from 'node:fs';

/** Environment variables as a process gets them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** One variable at fault. Never holds its value, which may be a secret. */
export interface ConfigProblem {
  readonly variable: string;
  readonly expected: string;
}

/** The environment does not say what the process needs; lists every problem that was found. */
export class ConfigError extends Error {
  readonly problems: readonly ConfigProblem[];
  constructor(problems: readonly ConfigProblem[]) {
    super(['The configuration is wrong:', ...problems.map((p) => `  ${p.variable}: ${p.expected}`)].join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/**
 * The environment without empty values (compose files pass `X=`) and with each secret that came
 * as `<name>_FILE` read from that file, less surrounding white space.
 */
export function readEnvironment(env: Environment, secrets: readonly string[]): { values: Record<string, string>; problems: ConfigProblem[] } {
  const values: Record<string, string> = {};
  const problems: ConfigProblem[] = [];
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && value.trim() !== '') values[name] = value;
  }
  for (const name of secrets) {
    const fileVariable = `${name}_FILE`;
    const file = values[fileVariable];
    if (file === undefined) continue;
    if (values[name] !== undefined) {
      problems.push({ variable: fileVariable, expected: `either ${name} or ${fileVariable}, not both` });
      continue;
    }
    const content = contentOf(file);
    if (content === undefined || content === '') {
      problems.push({ variable: fileVariable, expected: `a readable file that holds ${name}` });
    } else {
      values[name] = content;
    }
  }
  return { values, problems };
}

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
}
