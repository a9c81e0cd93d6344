import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { locateEngine } from '../../dev/engines/locate';
import { startMongod } from '../../dev/engines/mongod';
import { CASES } from './cases';
import { measureCase, type Measured } from './measure';
import { seedIssues } from './seed';
import { openSite, type Site } from './site';
import { indexMb, measureWrites } from './writes';

const USAGE = `npm run bench:lists -- [--issues 1000000] [--times 60] [--keep-none]

Seeds 1,000 and 1,000,000 issues on a MongoDB of its own and times pages of GET /api/v1/issues on both,
in turn. Needs some 8 GB of disk and a quarter of an hour. Raw results go to bench/results/.
`;
const SMALL = 1000;

async function main(argv: readonly string[]): Promise<void> {
  if (argv.includes('--help')) return void process.stdout.write(USAGE);
  const large = numberOf(argv, '--issues', 1_000_000);
  const times = numberOf(argv, '--times', 60);
  const folder = mkdtempSync(join(tmpdir(), 'cro-bench-lists-'));
  const executable = await locateEngine('mongod', { env: process.env, say });
  const mongod = await startMongod({
    executable, dataDir: folder, logFile: join(folder, 'mongod.log'), cacheGb: 2, adminPassword: 'bench-admin-password', applicationPassword: 'bench-application-password',
  });
  const sites: Site[] = [];
  try {
    const [small, big, writes] = await Promise.all(['small', 'big', 'writes'].map((name) => openSite(mongod, name)));
    if (!small || !big || !writes) throw new Error('a site is missing');
    sites.push(small, big, writes);
    say(`seeding ${String(SMALL)} and ${String(large)} issues`);
    // The reader sees all of the few, so that both answer pages of the same length.
    await seedIssues(small.store, { total: SMALL, readerShare: 1 });
    const seedingMs = await seedIssues(big.store, { total: large, say });
    const rows: { name: string; small: Measured; large: Measured }[] = [];
    for (const listCase of CASES) {
      const [atSmall, atLarge] = await measureCase([small, big], { listCase, times });
      if (!atSmall || !atLarge) continue;
      rows.push({ name: listCase.name, small: atSmall, large: atLarge });
      say(lineOf(listCase.name, atSmall, atLarge));
    }
    say('writes, with one index set after the other');
    const costs = await measureWrites(writes.owner);
    const machine = { cpus: cpus().length, model: cpus()[0]?.model ?? '', memoryGb: Math.round(totalmem() / 1e9), node: process.version, loadAtEnd: loadavg() };
    const result = { at: new Date().toISOString(), machine, small: SMALL, large, times, seedingMs, listIndexMb: await indexMb(big.owner), rows, writes: costs };
    process.stdout.write(`\n${tableOf(rows)}\n\n${costs.map((cost) => JSON.stringify(cost)).join('\n')}\n`);
    if (!argv.includes('--keep-none')) keep(result);
  } finally {
    for (const site of sites) await site.close();
    await mongod.process.stop(20_000);
    rmSync(folder, { recursive: true, force: true });
  }
}

const ratio = (large: number, small: number): string => (large / small).toFixed(2);
const lineOf = (name: string, small: Measured, large: Measured): string =>
  `| ${name} | ${String(small.returned)} / ${String(large.returned)} | ${String(small.store.p50Ms)} / ${String(large.store.p50Ms)} | ${ratio(large.store.p50Ms, small.store.p50Ms)} | ${String(small.http.p50Ms)} / ${String(large.http.p50Ms)} | ${ratio(large.http.p50Ms, small.http.p50Ms)} | ${String(small.http.p95Ms)} / ${String(large.http.p95Ms)} |`;

function tableOf(rows: readonly { name: string; small: Measured; large: Measured }[]): string {
  const head = ['| page of 50 by | rows: small / large | store p50, ms: small / large | ratio | HTTP p50, ms: small / large | ratio | HTTP p95, ms |', '|---|---|---|---|---|---|---|'];
  return [...head, ...rows.map(({ name, small, large }) => lineOf(name, small, large))].join('\n');
}

function keep(result: { readonly at: string }): void {
  const folder = join(process.cwd(), 'bench', 'results');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `lists-${result.at.slice(0, 10)}.json`);
  writeFileSync(file, `${JSON.stringify(result, undefined, 1)}\n`);
  say(`raw results: ${file}`);
}

function numberOf(argv: readonly string[], name: string, otherwise: number): number {
  const at = argv.indexOf(name);
  const given = at < 0 ? otherwise : Number(argv[at + 1]);
  if (!Number.isInteger(given) || given < 1) throw new Error(`${name} takes a whole number above 0`);
  return given;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
