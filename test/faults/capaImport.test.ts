import { readFileSync } from 'node:fs';
import path from 'node:path';
import { DAY_MS } from '../../domain/time/zone';
import { instantOf } from '../../contracts/instant';
import { seedDemo } from '../../dev/seed';
import { ensureDefaultPolicies } from '../../store/defaultPolicies';
import { verifyStore } from '../support/verified';
import { openMailbox } from '../support/letters';
import { freshStore, type FreshStore } from '../support/mongo';
import { startProduct, tokenFor, type ProductProcesses } from '../support/product';
import { shiftedDays } from '../support/shiftedDays';
import { eventually } from '../support/world';
import { cleanups, ownTemporal } from './support/engines';

const AS_OF = '2026-11-23';
/** The example as of this week's Monday, or up to six days before. */
const weeks = Math.floor((Date.now() - Date.parse(AS_OF)) / (7 * DAY_MS));
const table = shiftedDays(readFileSync(path.join(__dirname, '../../docs/examples/capas.csv'), 'utf8'), { from: AS_OF, to: instantOf(Date.parse(AS_OF) + weeks * 7 * DAY_MS).slice(0, 10) });

describe('API and worker are killed while sixty CAPAs are brought in', () => {
  const cleanup = cleanups();
  let fresh: FreshStore;
  let product: ProductProcesses;
  let token = '';

  beforeAll(async () => {
    const temporal = await ownTemporal();
    cleanup.add(temporal.discard);
    const mailbox = await openMailbox();
    cleanup.add(() => mailbox.close());
    fresh = await freshStore();
    cleanup.add(() => fresh.drop());
    const now = instantOf(Date.now());
    await ensureDefaultPolicies(fresh.store, now);
    await seedDemo(fresh.store, now);
    token = await tokenFor(fresh.store, 'meridian-quality');
    product = await startProduct({ temporalAddress: temporal.engine.address, mongodbUri: fresh.uri, smtpUrl: mailbox.url, workers: 1, apis: 1, sentinelSeconds: 5 });
    cleanup.add(() => product.stop());
  }, 180_000);
  afterAll(cleanup.run);

  const post = (query: string): Promise<Response | undefined> => fetch(`${product.apis[0]?.url ?? ''}/api/v1/capa-imports${query}`, {
    method: 'POST', body: table, headers: { 'Content-Type': 'text/csv', 'Idempotency-Key': 'killed', Authorization: `Bearer ${token}` },
  }).catch(() => undefined);

  it('P3 Q1 what was stored comes to run, all sixty, none twice; the same request is answered with them', async () => {
    const { models } = fresh.store;
    const dry = await (await post(''))?.json() as { importable: boolean; sha256: string; mistakes: unknown[] };
    expect([dry.mistakes, dry.importable]).toEqual([[], true]);
    const query = `?dryRun=false&checked=${dry.sha256}`;
    const cut = post(query);
    await eventually('some run', async () => (await models.records.countDocuments({ capability: 'capa' })) >= 5, 30_000);
    await Promise.all([product.apis[0]?.process.kill(), product.workers[0]?.kill()]);
    const before = await models.records.countDocuments({ capability: 'capa' });
    expect(await cut).toBeUndefined();
    expect(before).toBeLessThan(60);
    product.workers[0]?.start();
    product.apis[0]?.process.start();
    // Nobody asks again: housekeeping sends what has no answer.
    await eventually('all of them run', async () => (await models.records.countDocuments({ capability: 'capa' })) === 60, 120_000);
    await eventually('every opening is answered', async () => (await models.commands.countDocuments({ capability: 'capa', status: 'received' })) === 0, 60_000);
    await eventually('the API is back', async () => (await fetch(`${product.apis[0]?.url ?? ''}/readyz`).catch(() => undefined))?.ok === true, 60_000);
    const again = await post(query);
    const { progress, lines } = await again?.json() as { progress: object; lines: { number: string; recordId: string }[] };
    expect([again?.status, again?.headers.get('idempotency-replayed'), progress]).toEqual([201, 'true', { waiting: 0, running: 60, refused: 0 }]);
    expect(new Set(lines.map(({ number }) => number)).size).toBe(60);
    expect(await models.steps.countDocuments({ capability: 'capa', act: 'open' })).toBe(60);
    expect(await models.capaImports.countDocuments()).toBe(1);
    expect(await verifyStore(fresh.store, {})).toMatchObject({ intact: true });
  }, 300_000);
});
