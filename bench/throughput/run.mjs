import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBuilt, ensureDependencies } from '../../dev/start/build.mjs';
import { startEngines } from '../../test/runner/engines.mjs';

const USAGE = `npm run bench:throughput -- [--quick]

One worker and one API process, then two of each, in turns on the same engines: issues opened and
told per second over HTTP, and how long an acknowledgement takes. Raw results go to bench/results/,
the table into docs/performance.md. --quick uses small numbers and keeps nothing.
`;
const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const say = (line) => process.stderr.write(`${line}\n`);
const quick = process.argv.includes('--quick');

if (process.argv.includes('--help')) process.stdout.write(USAGE);
else {
  await ensureDependencies({ root, say });
  await ensureBuilt({ root, say });
  const engines = await startEngines({ root, needed: ['mongod', 'temporal'], say, interrupted: () => false });
  try {
    const result = await measure(engines.env);
    const lines = tableOf(result);
    process.stdout.write(`${lines}\n`);
    if (!quick) keep(result, lines);
  } finally {
    await engines.stop();
  }
}

async function measure(env) {
  const hook = join(root, 'test/faults/support/typescript.cjs');
  const child = spawn(process.execPath, ['-r', hook, join(root, 'bench/throughput/main.ts'), ...(quick ? ['--quick'] : [])], { cwd: root, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  if (code !== 0) throw new Error(`the measurement ended with ${code}`);
  return JSON.parse(output);
}

function tableOf({ layouts }) {
  const rows = layouts.map(({ workers, apis, toldPerSecond, openMs, acknowledgeMs, steadyAcknowledgeMs, tasksByWorker }) => [
    `${workers} + ${apis}`, toldPerSecond, `${openMs.p50} / ${openMs.p99}`, `${acknowledgeMs.p50} / ${acknowledgeMs.p99}`, `${steadyAcknowledgeMs.p50} / ${steadyAcknowledgeMs.p99}`, tasksByWorker.map((share) => `${Math.round(share * 100)} %`).join(' / '),
  ]);
  const head = ['workers + APIs', 'issues opened and told per second', 'open p50 / p99 ms', 'acknowledge, as fast as it goes, p50 / p99 ms', 'acknowledge, ten a second, p50 / p99 ms', 'tasks by worker'];
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function keep(result, lines) {
  const day = new Date().toISOString().slice(0, 10);
  mkdirSync(join(root, 'bench/results'), { recursive: true });
  writeFileSync(join(root, `bench/results/throughput-${day}.json`), `${JSON.stringify(result, null, 1)}\n`);
  const file = join(root, 'docs/performance.md');
  const [from, to] = ['<!-- bench:throughput -->', '<!-- /bench:throughput -->'];
  const page = readFileSync(file, 'utf8');
  const [start, end] = [page.indexOf(from), page.indexOf(to)];
  if (start < 0 || end < start) throw new Error(`${file} has no place marked ${from}`);
  writeFileSync(file, `${page.slice(0, start + from.length)}\n${lines}\n${page.slice(end)}`);
  say(`kept in bench/results/throughput-${day}.json and docs/performance.md`);
}
