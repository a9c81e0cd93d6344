import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { keepEnvironment } from './localEnvironment';
import { startMailbox, type Mailbox } from './mailbox';
import { startLocalEngines, type Engines } from './localEngines';
import { ProcessRegister, type Identify } from './orphans';
import { ManagedProcess, after } from './process';
import { localKeyRing } from './secrets';
import { Stack } from './stack';
import { freePort } from './engines/ports';
import { runOnce, serviceEnvironment, untilAnswering } from './services';

/** What `npm start` asks for. */
export interface StackRequest {
  readonly root: string;
  readonly dataDir: string;
  readonly options: { readonly reset: boolean; readonly demo: boolean; readonly port: number; readonly without: readonly string[] };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly identify: Identify;
  readonly say: (line: string) => void;
  /** Deletes all local state. */
  readonly reset: () => void;
  /** Throws Refused when the port is taken. */
  readonly checkPort: (port: number) => Promise<void>;
}

interface Running {
  readonly stack: Stack;
  readonly request: StackRequest;
  mailbox?: Mailbox;
}

/** A terminal and npm may both pass on one Ctrl-C; only a later one means impatience. */
const SECOND_SIGNAL_MS = 1000;
/** How long what is being brought up may take to clear away what it was in the middle of. */
const CLEARING_MS = 2000;

/** Runs the whole stack until it is told to stop; answers the exit code. Leaves no process behind. */
export async function runStack(request: StackRequest): Promise<number> {
  const register = new ProcessRegister(request.dataDir, request.identify);
  const stack = new Stack({ register, say: request.say });
  const running: Running = { stack, request };
  const told = stopSignal(running);
  let bringing: Promise<void> = Promise.resolve();
  try {
    const left = await register.endOrphans(10_000);
    if (left.length > 0) request.say(`ended what an earlier start had left running: ${left.join(', ')}`);
    if (request.options.reset) {
      request.reset();
      request.say(`deleted all local state in ${request.dataDir}`);
    }
    if (!request.options.without.includes('api')) await request.checkPort(request.options.port);
    bringing = bringUp(running);
    await Promise.race([bringing, told]);
    await told;
    return 0;
  } catch (error) {
    if (stack.stopping) return 0;
    request.say(error instanceof Error && error.name === 'Refused' ? error.message : `Starting failed unexpectedly: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    return 1;
  } finally {
    await stack.stop();
    await Promise.race([bringing.catch(() => undefined), after(CLEARING_MS)]);
    await running.mailbox?.close();
  }
}

async function bringUp(running: Running): Promise<void> {
  const { request, stack } = running;
  const { env, options, dataDir, root } = request;
  const started: ManagedProcess[] = [];
  const onStart = (process: ManagedProcess): void => { stack.add(process); };
  const engines = await startLocalEngines({ dataDir, env, say: request.say, signal: stack.stopped, onStart: (process) => { started.push(process); onStart(process); } });
  if (stack.stopping) return;
  for (const engine of started) stack.keepRunning(engine);
  if (options.demo && isEmpty(env['SMTP_URL'])) {
    running.mailbox = await startMailbox({ folder: join(dataDir, 'mail'), smtpPort: await freePort(2525), httpPort: await freePort(8026) });
  }
  const services = serviceEnvironment({ env, engines, mailbox: running.mailbox, options, dataDir, keysFile: isEmpty(env['CRO_KEYS_FILE']) ? localKeyRing(dataDir) : env['CRO_KEYS_FILE'] });
  keepEnvironment(dataDir, services);
  request.say('provisioning …');
  await runOnce({ root, dataDir, onStart, name: 'provision', script: 'worker/provision.js', env: { ...services, ...(engines.mongodbAdminUri === undefined ? {} : { MONGODB_ADMIN_URI: engines.mongodbAdminUri }) } });
  if (options.demo) await runOnce({ root, dataDir, onStart, name: 'seed', script: 'dev/seed.js', env: services });
  for (const [name, script] of [['worker', 'worker/main.js'], ['api', 'api/main.js']] as const) {
    if (!options.without.includes(name)) launch(running, { name, script, env: services });
  }
  await announce(running, engines);
}

function launch({ stack, request }: Running, service: { name: string; script: string; env: Readonly<Record<string, string | undefined>> }): void {
  if (stack.stopping) return;
  const child = new ManagedProcess({
    name: service.name,
    command: process.execPath,
    args: ['--enable-source-maps', join(request.root, 'dist', service.script)],
    cwd: request.root,
    env: service.env,
    logFile: join(request.dataDir, 'logs', `${service.name}.log`),
  });
  child.start();
  stack.add(child);
  stack.keepRunning(child);
}

async function announce({ stack, request, mailbox }: Running, engines: Engines): Promise<void> {
  const { options, say, dataDir } = request;
  const url = `http://127.0.0.1:${String(options.port)}`;
  if (engines.temporalUiUrl !== undefined) say(`Temporal Web UI  ${engines.temporalUiUrl}`);
  if (options.without.includes('api')) {
    say('running without the API');
    return;
  }
  // Without a worker the API is up but never ready.
  const partial = options.without.length > 0;
  await untilAnswering({ url: `${url}${partial ? '/healthz' : '/readyz'}`, say, stopped: () => stack.stopping, logs: join(dataDir, 'logs') });
  if (stack.stopping) return;
  if (mailbox !== undefined) say(`mailbox          ${url}/dev/mail`);
  const accounts = join(dataDir, 'demo-credentials.json');
  if (options.demo) say(existsSync(accounts) ? `demo accounts    ${accounts}` : `demo accounts    ${accounts} is gone, and only it had the passwords: put it back, or start a new demo with \`npm start -- --reset\``);
  say(`logs             ${join(dataDir, 'logs')}`);
  say(partial ? `running without ${options.without.join(', ')}: ${url}` : `ready ${url}`);
}

/** Resolves at the first SIGINT, SIGTERM or SIGHUP; a second one later kills everything at once. */
function stopSignal({ stack, request }: Running): Promise<void> {
  return new Promise((resolve) => {
    let first: number | undefined;
    const on = (): void => {
      const now = Date.now();
      if (first === undefined) {
        first = now;
        request.say('stopping …');
        resolve();
      } else if (now - first > SECOND_SIGNAL_MS) {
        request.say('stopping at once');
        void stack.kill();
      }
    };
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, on);
  });
}

function isEmpty(value: string | undefined): value is undefined | '' {
  return value === undefined || value === '';
}
