import { readFileSync } from 'node:fs';
import { Refused } from './refused.mjs';

export const USAGE = `Usage: npm start [-- options]

Starts the whole stack on this machine: MongoDB, Temporal with its Web UI, worker, API and, for the
demo, a mailbox. State lives in .data/ and survives restarts. Ctrl-C stops everything.

  --port N          port of the API (default 8080, or PORT)
  --no-demo         no demo data and no local mailbox; SMTP_URL and MAIL_FROM must then be set
  --without NAME    leave out worker or api (may be repeated)
  --reset           delete all local state in .data/ first
  --help            this text

Existing engines are used instead of local ones when these variables are set:
  MONGODB_URI       with MONGODB_ADMIN_URI to provision roles and collections
  TEMPORAL_ADDRESS  with TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS…

Other variables: CRO_DATA_DIR (instead of .data/), CRO_ENGINES_DIR (engine cache), SMTP_URL, PUBLIC_URL.
MONGODB_URI_FILE, MONGODB_ADMIN_URI_FILE and SMTP_URL_FILE name files that hold them.
`;

/** Variables that decide what is started, and that may come as `<name>_FILE` too. */
const FROM_FILES = ['MONGODB_URI', 'MONGODB_ADMIN_URI', 'SMTP_URL'];
const PROCESSES = ['worker', 'api'];

/**
 * Reads the command line. Throws Refused, with exit code 2, on anything that it does not know.
 * @returns {{ help: boolean, reset: boolean, demo: boolean, port: number, without: string[] }}
 */
export function parseOptions(argv, env = {}) {
  const options = { help: false, reset: false, demo: true, port: 8080, without: [] };
  if (env.PORT !== undefined && env.PORT !== '') options.port = portOf(env.PORT, 'PORT');
  const words = argv.flatMap((word) => (/^--[a-z-]+=/.test(word) ? [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)] : [word]));
  while (words.length > 0) {
    const word = words.shift();
    if (word === '--help' || word === '-h') options.help = true;
    else if (word === '--reset') options.reset = true;
    else if (word === '--no-demo') options.demo = false;
    else if (word === '--port') options.port = portOf(words.shift(), '--port');
    else if (word === '--without') options.without.push(processOf(words.shift()));
    else throw new Refused(`"${word}" is not an option of npm start; \`npm start -- --help\` lists them.`, 2);
  }
  return options;
}

/** The environment with what its `<name>_FILE` variables name read in. Throws Refused when a file cannot be read. */
export function environmentOf(given) {
  const env = { ...given };
  for (const name of FROM_FILES) {
    const file = env[`${name}_FILE`];
    if (!file || env[name]) continue;
    try {
      env[name] = readFileSync(file, 'utf8').trim();
    } catch (error) {
      throw new Refused(`${name}_FILE names ${file}, which cannot be read (${error.code}): correct it, and start again.`);
    }
    delete env[`${name}_FILE`];
  }
  return env;
}

function portOf(text, name) {
  const port = /^\d{1,5}$/.test(text ?? '') ? Number(text) : NaN;
  if (!(port >= 1 && port <= 65_535)) throw new Refused(`${name} needs a port number from 1 to 65535, for example --port 8090.`, 2);
  return port;
}

function processOf(text) {
  if (!PROCESSES.includes(text)) throw new Refused(`--without needs one of: ${PROCESSES.join(', ')}.`, 2);
  return text;
}
