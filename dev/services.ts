import { join } from 'node:path';
import type { Engines } from './localEngines';
import type { Mailbox } from './mailbox';
import { lastWords } from './lastWords';
import { ManagedProcess, after } from './process';
import { Refused } from './refused';

type Environment = Readonly<Record<string, string | undefined>>;

export interface ServiceFacts {
  readonly env: Environment;
  readonly engines: Engines;
  readonly mailbox: Mailbox | undefined;
  readonly options: { readonly demo: boolean; readonly port: number };
  readonly dataDir: string;
  readonly keysFile: string;
}

/** What worker, API, provisioning and seed find in their environment. The administrator's URI is not in it. */
export function serviceEnvironment(facts: ServiceFacts): Environment {
  const { env, engines, mailbox, options } = facts;
  const { MONGODB_ADMIN_URI: _admin, MONGODB_ADMIN_URI_FILE: _adminFile, ...own } = env;
  return {
    ...(engines.temporalUiUrl === undefined ? own : withoutTemporal(own)),
    MONGODB_URI: engines.mongodbUri,
    TEMPORAL_ADDRESS: engines.temporalAddress,
    PORT: String(options.port),
    PUBLIC_URL: env['PUBLIC_URL'] ?? `http://127.0.0.1:${String(options.port)}`,
    CRO_KEYS_FILE: facts.keysFile,
    CRO_DATA_DIR: facts.dataDir,
    MAIL_FROM: env['MAIL_FROM'] ?? 'CRO oversight <oversight@localhost>',
    ...(mailbox === undefined ? {} : { SMTP_URL: mailbox.smtpUrl, MAILBOX_URL: mailbox.url }),
    ...(options.demo ? { CRO_DEMO: '1' } : {}),
  };
}

/** Namespace, keys and certificates in somebody's shell belong to another Temporal than the local one. */
function withoutTemporal(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('TEMPORAL_') || name === 'TEMPORAL_TASK_QUEUE'));
}

/** Runs a script of dist/ to its end. Throws Refused, with the log's path, when it fails. */
export async function runOnce(job: { root: string; dataDir: string; name: string; script: string; env: Environment; onStart: (process: ManagedProcess) => void }): Promise<void> {
  const logFile = join(job.dataDir, 'logs', `${job.name}.log`);
  const step = new ManagedProcess({
    name: job.name,
    command: process.execPath,
    args: ['--enable-source-maps', join(job.root, 'dist', job.script)],
    cwd: job.root,
    env: job.env,
    logFile,
  });
  step.start();
  job.onStart(step);
  const exit = await step.ended;
  if (exit.code !== 0) throw new Refused(`The step "${job.name}" failed: ${lastWords(logFile)}; all of it is at the end of ${logFile}.`);
}

/** Polls until the address answers 200; says once a minute what is still missing. */
export async function untilAnswering(wait: { url: string; say: (line: string) => void; stopped: () => boolean; logs: string }): Promise<void> {
  let complaintAt = Date.now() + 60_000;
  while (!wait.stopped()) {
    const answer = await ask(wait.url);
    if (answer === undefined) return;
    if (Date.now() > complaintAt) {
      complaintAt = Date.now() + 60_000;
      wait.say(`still not ready (${answer}); look into ${wait.logs}`);
    }
    await after(200);
  }
}

/** Undefined when it answers 200, else what it answers. */
async function ask(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5000) });
    return response.status === 200 ? undefined : `${String(response.status)} ${(await response.text()).slice(0, 300)}`;
  } catch {
    return 'the API does not answer';
  }
}
