import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseCsv } from '../../api/csv';
import { IMPORTABLE_STATUSES } from '../../contracts/capaImport';
import { plusMs, type Instant } from '../../contracts/instant';
import { seedDemo } from '../../dev/seed';
import { checkTable } from '../../domain/capaImport/checkTable';
import { readLines } from '../../domain/capaImport/columns';
import { runAs } from '../../platform/clientInterceptors';
import { personInForce } from '../../store/authority';
import { importWorld } from '../../store/capaImportWorld';
import { importProgress, sendImport, storeImport } from '../../store/capaImports';
import type { RecordDoc } from '../../store/schemas/records';
import { verifyStore } from '../support/verified';
import { shiftedDays } from '../support/shiftedDays';
import { openSkippingWorld, type SkippingWorld } from '../support/timeSkipping';

/** A Monday, fourteen years after that of the example; calendars of the demo know no holidays of 2040. */
const MONDAY = '2040-11-26';
const AS_OF = '2026-11-23';
const NOW = `${MONDAY}T09:00:00.000Z` as Instant;
const table = shiftedDays(readFileSync(path.join(__dirname, '../../docs/examples/capas.csv'), 'utf8'), { from: AS_OF, to: MONDAY });

describe('sixty CAPAs are brought in', () => {
  let world: SkippingWorld;
  const records = () => world.fresh.store.models.records.find({ capability: 'capa' }).sort({ _id: 1 }).lean<RecordDoc[]>();
  const armedOf = ({ armed }: RecordDoc) => Object.fromEntries(armed.filter(({ warning }) => warning === undefined).map(({ name, due }) => [name, due]));
  const row = async (externalNumber: string): Promise<RecordDoc> => {
    const found = (await records()).find(({ state }) => (state as unknown as { imported: { externalNumber: string } }).imported.externalNumber === externalNumber);
    if (!found) throw new Error(`${externalNumber} did not come in`);
    return found;
  };
  const deliver = () => runAs({ kind: 'system', name: 'housekeeping', correlationId: 'test' }, () => world.client.workflow.execute('deliverHeld', { workflowId: `held/${world.taskQueue}/${String(Math.random())}`, taskQueue: world.taskQueue }));

  beforeAll(async () => {
    world = await openSkippingWorld();
    await world.startWorker();
    await world.until(NOW);
    await seedDemo(world.fresh.store, NOW);
  });
  afterAll(() => world.close());

  it('Q1 Q10 all sixty come to run, five in each state; what is said to be closed by both sides waits for their signatures', async () => {
    const { store } = world.fresh;
    const person = await personInForce(store, { personId: 'meridian-quality', at: NOW });
    if (!person) throw new Error('nobody imports');
    const parsed = parseCsv(table);
    const { lines } = readLines('records' in parsed ? parsed.records : []);
    const facts = await importWorld(store, { lines, importer: person, catchUpOn: undefined, now: NOW, tzdb: 'test' });
    const { capas, mistakes } = checkTable(lines, facts);
    expect([mistakes, capas.length, facts.catchUpAt]).toEqual([[], 60, '2040-12-10T09:00:00.000Z']);
    const by = { actor: { kind: 'person', personId: person.personId, name: person.name, role: 'quality', organisationId: 'meridian' }, at: NOW, correlationId: 'import' } as const;
    const actor = { person: { personId: person.personId, name: person.name, role: 'quality', organisationId: 'meridian' }, by };
    await storeImport(store, { id: 'import-of-the-test', organisationId: 'meridian', fileSha256: 'f', catchUpAt: facts.catchUpAt, capas, actor });
    await sendImport({ store, now: () => NOW, send: world.send }, 'import-of-the-test', 60_000);
    expect((await importProgress(store, 'import-of-the-test')).every(({ progress }) => progress === 'running')).toBe(true);
    const all = await records();
    expect([all.length, new Set(all.map(({ number }) => number)).size, all.filter(({ done }) => done)]).toEqual([60, 60, []]);
    expect(await store.models.steps.countDocuments({ act: 'open', capability: 'capa' })).toBe(60);
    expect(await store.models.commands.countDocuments({ act: 'open', status: 'answered', 'answer.status': 201 } as never)).toBe(60);
    // Of the five that the table calls closed one is the importer's own.
    const counts = Object.fromEntries([...new Set(all.map((record) => record.status))].map((status) => [status, all.filter((record) => record.status === status).length]));
    expect(counts).toEqual({ ...Object.fromEntries(IMPORTABLE_STATUSES.map((status) => [status, 5])), closure_review: 9, closed: 1 });
  });

  // By hand, in London in winter unless said: noon is 12:00 UTC, in summer 11:00 UTC; a due day ends at 23:59.
  const LATE = '2040-12-10T09:00:00.000Z';
  it.each<[string, string, Record<string, string>]>([
    // Major, opened on Monday, 19 November: 3 bd ended on the 22nd; 15 bd: 10 December; 20 bd: the 17th; 60 d: 18 January; 90 d: 17 February.
    ['draft', 'M-CAPA-101', { 'stage/response': LATE, 'stage/root-cause': '2040-12-10T12:00:00.000Z', 'stage/plan': '2040-12-17T12:00:00.000Z', 'stage/corrective': '2041-01-18T12:00:00.000Z', 'stage/preventive': '2041-02-17T12:00:00.000Z' }],
    // Minor, opened on Wednesday, 21 November: 5 bd: the 28th; 20 bd: 19 December; 30 bd, over Christmas and Boxing Day: 4 January; 90 d; 120 d.
    ['triage', 'M-CAPA-102', { 'stage/response': '2040-11-28T12:00:00.000Z', 'stage/root-cause': '2040-12-19T12:00:00.000Z', 'stage/plan': '2041-01-04T12:00:00.000Z', 'stage/corrective': '2041-02-19T12:00:00.000Z', 'stage/preventive': '2041-03-21T12:00:00.000Z' }],
    // Major, opened on Friday, 16 November: 3 bd ended on the 21st; 15 bd: 7 December; 20 bd: the 14th.
    ['containment', 'M-CAPA-103', { 'stage/response': LATE, 'stage/root-cause': '2040-12-07T12:00:00.000Z', 'stage/plan': '2040-12-14T12:00:00.000Z', 'stage/corrective': '2041-01-15T12:00:00.000Z', 'stage/preventive': '2041-02-14T12:00:00.000Z' }],
    // Critical, opened on Thursday, 8 November: 10 bd ended on the 22nd; 15 bd: the 29th; 30 d; 60 d.
    ['investigation', 'M-CAPA-104', { 'stage/root-cause': LATE, 'stage/plan': '2040-11-29T12:00:00.000Z', 'stage/corrective': '2040-12-08T12:00:00.000Z', 'stage/preventive': '2041-01-07T12:00:00.000Z' }],
    // Minor, opened on Monday, 5 November; its table says that the cause is due on Friday, 14 December, extended once.
    ['investigation', 'M-CAPA-116', { 'stage/root-cause': '2040-12-14T23:59:00.000Z', 'stage/plan': '2040-12-17T12:00:00.000Z', 'stage/corrective': '2041-02-03T12:00:00.000Z', 'stage/preventive': '2041-03-05T12:00:00.000Z' }],
    // Minor, opened on Monday, 29 October, the day after summer time: 30 bd: 10 December; 90 d; 120 d.
    ['plan_review', 'M-CAPA-105', { 'stage/plan': '2040-12-10T12:00:00.000Z', 'stage/corrective': '2041-01-27T12:00:00.000Z', 'stage/preventive': '2041-02-26T12:00:00.000Z' }],
    // Major, opened on 24 September in summer time: 60 d ended on 23 November, 90 d: 23 December, 11:00; actions due 45 and 120 days after.
    ['plan_approved', 'M-CAPA-106', { 'stage/corrective': LATE, 'stage/preventive': '2040-12-23T11:00:00.000Z', 'action/c1': LATE, 'action/p1': '2041-01-22T23:59:00.000Z' }],
    // Minor, opened on 7 September: 90 d: 6 December; 120 d: 5 January; actions due 45 and 120 days after.
    ['implementation', 'M-CAPA-107', { 'stage/corrective': '2040-12-06T11:00:00.000Z', 'stage/preventive': '2041-01-05T11:00:00.000Z', 'action/c1': LATE, 'action/p1': '2041-01-05T23:59:00.000Z' }],
    // Verified on 14 September and 13 August, at noon in summer time: 365 d.
    ['implementation_verified', 'M-CAPA-108', { monitoring: '2041-09-14T11:00:00.000Z' }],
    ['monitoring', 'M-CAPA-109', { monitoring: '2041-08-13T11:00:00.000Z' }],
    // Its table says until 3 October 2041, in summer time.
    ['monitoring', 'M-CAPA-133', { monitoring: '2041-10-03T22:59:00.000Z' }],
    // The window ended in August, the assessment was signed off in July: both are overdue.
    ['effectiveness_check', 'M-CAPA-110', { 'stage/assessment': LATE }],
    ['closure_review', 'M-CAPA-111', { 'stage/closure': LATE }],
    // Its table says Friday, 21 December, extended twice.
    ['closure_review', 'M-CAPA-147', { 'stage/closure': '2040-12-21T23:59:00.000Z' }],
    // Closed on 4 July 2040, noon: watched for 365 d.
    ['closed', 'M-CAPA-112', { 'recurrence-watch': '2041-07-04T11:00:00.000Z' }],
  ])('Q6 Q8 Q11 Q15 %s: %s has the timers of its dates', async (status, externalNumber, expected) => {
    const record = await row(externalNumber);
    expect([record.status, armedOf(record)]).toEqual([status, expected]);
  });

  it('Q12 Q16 no storm: one letter for each responsible person, which lists everything, and one before it of the breaches that were denied; no issue is opened', async () => {
    const { models } = world.fresh.store;
    expect(world.mailbox.letters).toEqual([]);
    const denied = await models.notices.find({ status: 'held', reason: 'breach_denied' }).lean();
    expect([...new Set(denied.map(({ organisationId }) => organisationId))].toSorted()).toEqual(['alpine', 'harbor']);
    const last = denied.map(({ holdUntil }) => holdUntil ?? NOW).toSorted().at(-1) ?? NOW;
    await world.until(plusMs(last, 5 * 60_000));
    await deliver();
    const first = world.mailbox.letters.length;
    expect(first).toBe(new Set(denied.map(({ personId }) => personId)).size);
    const held = await models.notices.find({ status: 'held' }).lean();
    expect(held.length).toBeGreaterThan(60);
    await world.until(plusMs(NOW, 20 * 60_000));
    await deliver();
    const letters = world.mailbox.letters.slice(first);
    const people = new Set(held.map(({ personId }) => personId));
    expect([letters.length, new Set(letters.map(({ to }) => String(to))).size, people.size]).toEqual([11, 11, 11]);
    for (const personId of people) {
      const lines = held.filter((notice) => notice.personId === personId);
      expect(letters.find(({ to }) => String(to) === lines[0]?.address)?.subject).toBe(`Digest ${MONDAY}: ${String(lines.length)} ${lines.length === 1 ? 'notice' : 'notices'}`);
    }
    // Of each CAPA with something overdue somebody is told.
    const late = (await records()).filter(({ armed }) => armed.some(({ due }) => due === LATE));
    expect(new Set(held.filter(({ reason }) => reason === 'import_overdue').map(({ recordId }) => recordId))).toEqual(new Set(late.map(({ _id }) => _id)));
    expect(await models.records.countDocuments({ capability: 'escalation' })).toBe(0);
    expect(await models.signatures.countDocuments()).toBe(0);
    expect(await verifyStore(world.fresh.store, {})).toMatchObject({ intact: true });
  });
});
