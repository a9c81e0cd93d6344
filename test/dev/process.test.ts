import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identify } from '../../dev/start/lock.mjs';
import { ProcessRegister } from '../../dev/orphans';
import { ManagedProcess, after } from '../../dev/process';
import { Stack } from '../../dev/stack';

let folder: string;
const started: ManagedProcess[] = [];
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'cro-process-')); });
afterEach(async () => {
  await Promise.all(started.splice(0).map((each) => each.kill()));
  rmSync(folder, { recursive: true, force: true });
});

function node(name: string, script: string): ManagedProcess {
  const managed = new ManagedProcess({ name, command: process.execPath, args: ['-e', script], logFile: join(folder, `${name}.log`) });
  managed.start();
  started.push(managed);
  return managed;
}

const FOREVER = 'setInterval(() => {}, 1000); console.log("up")';
const STUBBORN = 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000); console.log("up")';

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !condition(); i += 1) await after(25);
  expect(condition()).toBe(true);
}
const log = (name: string): string => readFileSync(join(folder, `${name}.log`), 'utf8');

describe('one process', () => {
  test('ends when asked, and can be started again', async () => {
    const one = node('one', FOREVER);
    await until(() => log('one').includes('up'));
    expect(await one.stop(5000)).toBe('stopped');
    expect(one.running).toBe(false);
    one.start();
    expect(one.running).toBe(true);
  });

  test('is killed with its children when patience ends', async () => {
    const parent = node('parent', `const c = require("child_process").spawn(process.execPath, ["-e", ${JSON.stringify(STUBBORN)}]); console.log("child", c.pid); ${STUBBORN}`);
    await until(() => log('parent').includes('up'));
    const child = Number(/child (\d+)/.exec(log('parent'))?.[1]);
    expect(await parent.stop(300)).toBe('killed');
    await until(() => identify(child) === undefined);
  });

  test('a program that does not exist ends with code 127', async () => {
    const none = new ManagedProcess({ name: 'none', command: join(folder, 'none'), args: [], logFile: join(folder, 'none.log') });
    none.start();
    expect((await none.ended).code).toBe(127);
  });
});

describe('the stack', () => {
  const stackOf = (said: string[]): Stack => new Stack({ register: new ProcessRegister(folder, identify), say: (line) => said.push(line), firstPauseMs: 50 });

  test('starts again what crashed, says so with the log, and stops in order', async () => {
    const said: string[] = [];
    const stack = stackOf(said);
    const worker = node('worker', FOREVER);
    const mongod = node('mongod', FOREVER);
    for (const each of [mongod, worker]) {
      stack.add(each);
      stack.keepRunning(each);
    }
    const first = worker.pid ?? 0;
    process.kill(first, 'SIGKILL');
    await until(() => worker.pid !== undefined && worker.pid !== first);
    expect(said).toEqual([expect.stringMatching(/^worker ended \(SIGKILL\) and is started again in 0\.05 s; its last words: .* \(all of it is at the end of .*worker\.log\)$/)]);
    const order: string[] = [];
    void worker.ended.then(() => order.push('worker'));
    void mongod.ended.then(() => order.push('mongod'));
    await stack.stop();
    expect(order).toEqual(['worker', 'mongod']);
    expect(said).toHaveLength(1);
  });

  test('a process that comes while it stops does not survive', async () => {
    const stack = stackOf([]);
    await stack.stop();
    const late = node('late', FOREVER);
    stack.add(late);
    await late.ended;
    expect(late.running).toBe(false);
  });
});

describe('what a killed start left behind', () => {
  test('is ended by the next, stubborn ones too', async () => {
    const left = node('left', FOREVER);
    const stubborn = node('stubborn', STUBBORN);
    await until(() => log('left').includes('up') && log('stubborn').includes('up'));
    new ProcessRegister(folder, identify).write([{ name: 'left', pid: left.pid }, { name: 'stubborn', pid: stubborn.pid }]);
    expect(await new ProcessRegister(folder, identify).endOrphans(500)).toEqual(['stubborn', 'left']);
    await Promise.all([left.ended, stubborn.ended]);
    expect(left.running || stubborn.running).toBe(false);
  });

  test('a process that only has the same id is left alone', async () => {
    const bystander = node('bystander', FOREVER);
    new ProcessRegister(folder, () => 'an earlier life').write([{ name: 'left', pid: bystander.pid }]);
    expect(await new ProcessRegister(folder, identify).endOrphans(500)).toEqual([]);
    expect(bystander.running).toBe(true);
  });
});
