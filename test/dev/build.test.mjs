import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identify } from '../../dev/start/lock.mjs';
import { ensureDependencies, sweepBuilds } from '../../dev/start/build.mjs';

let folder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cro-build-'));
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'package-lock.json'), '{}');
});
afterEach(() => { rmSync(folder, { recursive: true, force: true }); });

/** A project whose packages are missing, and an `npm` that does this. */
function npmThat(script) {
  writeFileSync(join(folder, 'bin/npm'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return { ...process.env, PATH: `${join(folder, 'bin')}:${process.env.PATH}` };
}

async function until(condition) {
  for (let i = 0; i < 400 && !condition(); i += 1) await new Promise((resolve) => setTimeout(resolve, 25));
  expect(condition()).toBe(true);
}

test('packages for development are installed where NODE_ENV says production, too: the compiler is one of them', async () => {
  const env = npmThat(`echo "$@" > '${folder}/asked'; mkdir -p '${folder}/node_modules'`);
  const said = [];
  await ensureDependencies({ root: folder, say: (line) => said.push(line), env });
  expect(readFileSync(join(folder, 'asked'), 'utf8')).toContain('--include=dev');
  await ensureDependencies({ root: folder, say: (line) => said.push(line), env });
  expect(said).toEqual(['installing packages …']);
});

test('an installation that fails is a sentence, and is tried again by the next start', async () => {
  const env = npmThat('exit 1');
  for (let start = 1; start <= 2; start += 1) {
    await expect(ensureDependencies({ root: folder, say: () => undefined, env })).rejects.toMatchObject({ name: 'Refused', message: expect.stringMatching(/npm install` failed: check the network/) });
  }
});

test('who is told to stop while packages are installed ends the installation too', async () => {
  const env = npmThat(`echo $$ > '${folder}/npm.pid'; exec sleep 600`);
  const script = `import(${JSON.stringify(join(__dirname, '../../dev/start/build.mjs'))}).then((build) => build.ensureDependencies({ root: ${JSON.stringify(folder)}, say: () => undefined })).catch((error) => { console.log(error.message); process.exit(3); })`;
  const starter = spawn(process.execPath, ['-e', script], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  starter.stdout.on('data', (chunk) => { said += chunk; });
  const ended = new Promise((resolve) => starter.once('close', resolve));
  await until(() => existsSync(join(folder, 'npm.pid')) && readFileSync(join(folder, 'npm.pid'), 'utf8') !== '');
  const npm = Number(readFileSync(join(folder, 'npm.pid'), 'utf8'));
  starter.kill('SIGTERM');
  expect({ code: await ended, said }).toEqual({ code: 3, said: 'stopped\n' });
  expect(identify(npm)).toBeUndefined();
});

test('what a build that was cut off left beside dist/ is removed; that of a build that runs is not', async () => {
  const gone = spawn(process.execPath, ['-e', '0']);
  await new Promise((resolve) => gone.once('exit', resolve));
  for (const name of ['dist', `dist-${gone.pid}`, `dist-old-${gone.pid}`, `dist-${process.pid}`, 'dist-notes']) mkdirSync(join(folder, name));
  sweepBuilds(folder);
  expect(readdirSync(folder).filter((name) => name.startsWith('dist')).sort()).toEqual(['dist', `dist-${process.pid}`, 'dist-notes'].sort());
});
