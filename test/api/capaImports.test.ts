import { readFileSync } from 'node:fs';
import path from 'node:path';
import { stringify } from 'csv-stringify/sync';
import { parse } from 'csv-parse/sync';
import request, { type Response } from 'supertest';
import { createApp } from '../../api/app';
import { parseInstant, type Instant } from '../../contracts/instant';
import { DEFAULT_RETENTION } from '../../contracts/retention';
import { seedDemo } from '../../dev/seed';
import { retentionOf } from '../../domain/evidence/retention';
import { createRecord } from '../../store/administration';
import { ensureDefaultPolicies } from '../../store/defaultPolicies';
import { personKind, deactivatePerson } from '../../store/people';
import { verifyStore } from '../support/verified';
import { adminApi, type AdminApi } from '../support/adminApi';

const example = (name: string): string => readFileSync(path.join(__dirname, '../../docs/examples', name), 'utf8');
const CLEAN = example('capas.csv');
const FAULTY = example('capas-mistakes.csv');
/** The examples are as of November 2026; windows of the clean one end in 2027. */
const NOW = parseInstant('2026-11-23T09:00:00Z') as Instant;

/** What the faulty example has wrong, as its reader is to be told. */
const PLANTED: readonly (readonly [field: string, says: string])[] = [
  ['row 2, study', 'no study of yours'], ['row 3, opened_on', 'there is no such day'],
  ['row 4, owner', 'nobody has the address'], ['row 5, containment', 'say why none is needed'],
  ['row 6, root_cause', 'is empty, but a CAPA in plan_review'], ['row 7, plan_approvals', 'stands twice'],
  ['row 8, plan_approvals', 'is empty, but a CAPA in implementation'], ['row 9, implementation_verified_on', 'lies before'],
  ['row 10, state', 'the monitoring window ended'], ['row 11, state', 'one of draft, triage'],
  ['row 12, waiver_approvals', 'is not waived'], ['row 13, closed_on', 'lies before the opening'],
  ['row 14, raising_organisation', 'no organisation that you work with'], ['row 15, opened_on', 'number that a spreadsheet keeps'],
  ['row 16, owner', 'has left'], ['row 18, cause_categories', 'human error alone'],
  ['row 19, plan_approvals', 'you have uploaded no file M-CAPA-plan-signed.pdf'], ['row 20, closed_on', 'says more than the state implementation'],
  ['row 21, actions', 'is not done, but the implementation is verified'], ['row 22, current_due', 'nothing is due in monitoring'],
  ['row 23, state', 'what was dropped is over'], ['row 24, extensions', 'a whole number'],
  ['row 25, closed_on', 'its watch for recurrence is over'], ['row 26, raising_organisation', 'does not work on HRB-301'],
  ['row 27, opened_on', 'lies in the future'], ['row 28, owner', 'not of Meridian'],
  ['row 29, extensions', 'the date has moved'], ['row 30, cause_categories', 'there is no category sloppiness'],
  ['row 31, plan_approvals', 'has no scan'], ['row 32, actions', 'before the opening'],
  ['row 33, actions', 'is verified, but not done'], ['row 34, effect_assessor', 'holds no role'],
  ['row 35, external_number', 'stands in row 4 already'], ['row 37, outcome', 'ineffective does not close'],
  ['row 38, raising_organisation', 'the sponsor is one of the two'], ['row 39, problem_extent', 'is empty, but a CAPA in triage'],
  ['row 40, owner', 'is empty, but a CAPA in containment has it'], ['row 41, title', 'at most 200 are taken'],
  ['row 42, risk_before', 'likelihood x impact'], ['row 42, effect_window_days', 'a whole number'],
  ['row 43, plan_approvals', 'owns this CAPA'], ['row 44, actions', 'has no owner'],
  ['row 45, implementation_approvals', 'nobody of'], ['row 47, external_number', 'was brought in already'],
  ['row 49, closure_summary', 'is empty, but a CAPA in closed'], ['row 49, risk_after', 'likelihood x impact'],
  ['row 50, accountable_organisation', 'not yours to bring in'], ['row 51, topic', 'lower-case letters'],
  ['row 51, severity', 'one of critical, major, minor'], ['row 51, classification', 'one of corrective, preventive'],
  ['row 52, opened_on', 'read differently in different countries'], ['row 52, serious_breach', 'yes or no'],
  ['row 53', 'cells, the header'], ['row 54, effect_assessor', 'carries out an action'],
  ['row 56, current_due', 'lies before the original date'],
];

type Row = Record<string, string>;
const rowsOf = (csv: string): Row[] => parse(csv, { columns: true });
const csvOf = (rows: readonly Row[], delimiter = ','): string => stringify([...rows], { header: true, delimiter });

describe('old CAPAs from a table', () => {
  let api: AdminApi;
  let app: ReturnType<typeof createApp>;
  const sessions = new Map<string, { cookie: string; csrf: string }>();
  const by = { actor: { kind: 'system', name: 'provisioning' }, at: NOW, correlationId: 'test' } as const;

  beforeAll(async () => {
    api = await adminApi({}, { now: () => NOW });
    // Temporal is out of reach: what is stored waits.
    app = createApp({ ...api.deps, gateway: { ...api.deps.gateway, send: () => Promise.resolve('pending') } });
    await ensureDefaultPolicies(api.fresh.store, NOW);
    const people = (await seedDemo(api.fresh.store, api.deps.now())) ?? [];
    const left = await createRecord(api.fresh.store, { kind: personKind, by, fields: { email: 'olga.former@meridian.example', name: 'Olga Former', organisationId: 'meridian', passwordHash: '-' } });
    await deactivatePerson(api.fresh.store, { id: left._id, reason: 'left', by });
    for (const id of ['meridian-quality', 'meridian-quality-head', 'alpine-quality', 'meridian-project-manager', 'meridian-organisation-admin']) {
      const { email, password } = people.find((person) => person.id === id) ?? {};
      const answer = await request(app).post('/api/v1/sessions').send({ email, password });
      sessions.set(id, { cookie: String(answer.headers['set-cookie']).split(';')[0] ?? '', csrf: answer.body.csrfToken });
    }
  });
  afterAll(() => api.close());

  interface Sending { readonly query?: string; readonly who?: string; readonly key?: string }
  const send = (text: string, { query = '', who = 'meridian-quality', key }: Sending = {}): Promise<Response> => {
    const { cookie = '', csrf = '' } = sessions.get(who) ?? {};
    const post = request(app).post(`/api/v1/capa-imports${query}`).set('Cookie', cookie).set('X-CSRF-Token', csrf).type('text/csv');
    return (key === undefined ? post : post.set('Idempotency-Key', key)).send(text);
  };
  const get = (to: string, who = 'meridian-quality'): Promise<Response> => request(app).get(`/api/v1/capa-imports${to}`).set('Cookie', sessions.get(who)?.cookie ?? '');
  const bringIn = async (text: string, { key, who }: Sending): Promise<Response> => {
    const { body } = await send(text, { ...(who !== undefined && { who }) });
    return send(text, { query: `?dryRun=false&checked=${String(body.sha256)}`, key: key ?? 'k', ...(who !== undefined && { who }) });
  };
  const fields = ({ body }: Response): string[] => (body.mistakes ?? []).map(({ field }: { field: string }) => field);
  /** Documents in every collection; refusals are evidence, and no change. */
  const everything = async (): Promise<string> => {
    const counts = await Promise.all(Object.entries(api.fresh.store.models).map(async ([name, model]) =>
      [name, await (model as unknown as { countDocuments: (filter: object) => Promise<number> }).countDocuments(name === 'audit' ? { streamId: { $not: /^refusals\// } } : {})]));
    return JSON.stringify(counts.filter(([name]) => name !== 'credentials'));
  };

  test('Q2 Q3 Q5 Q8 Q9 Q10 Q16 the example with planted mistakes: each is reported with row and column, nothing else is, and nothing changes', async () => {
    const known = { ...rowsOf(CLEAN)[0], external_number: 'M-CAPA-007', title: 'Known before' } as Row;
    expect((await bringIn(csvOf([known]), { key: 'before' })).status).toBe(202);
    const before = await everything();
    const dry = await send(FAULTY);
    expect([dry.status, dry.body.importable, dry.body.lines]).toEqual([200, false, 60]);
    expect(fields(dry)).toEqual(PLANTED.map(([field]) => field));
    for (const [index, [field, says]] of PLANTED.entries()) expect([field, dry.body.mistakes[index].message]).toEqual([field, expect.stringContaining(says)]);
    expect(PLANTED.length).toBeGreaterThanOrEqual(50);
    expect(await everything()).toBe(before);
    const real = await send(FAULTY, { query: `?dryRun=false&checked=${String(dry.body.sha256)}`, key: 'faulty' });
    expect([real.status, real.body.type, real.body.mistakes, real.body.errors.map(({ field }: { field: string }) => field)]).toEqual([422, '/problems/rule_broken', PLANTED.length, PLANTED.map(([field]) => field)]);
    expect(await everything()).toBe(before);
  });

  test('Q15 what came in once is a mistake in the next table; the clean example has none, and its dry run says what is overdue', async () => {
    const before = await everything();
    const dry = await send(CLEAN);
    expect([dry.status, dry.body.importable, dry.body.mistakes, dry.body.rows.length]).toEqual([200, true, [], 60]);
    expect(await everything()).toBe(before);
    // Ten business days in England from Monday, 23 November 2026.
    expect(dry.body.catchUpAt).toBe('2026-12-07T09:00:00.000Z');
    const overdue = new Map(dry.body.rows.map(({ row, overdue: late }: { row: number; overdue: string[] }) => [row, late]));
    // Opened on 10 November, noon, minor: a response within 5 business days ended on the 17th, a cause within 20 does on 8 December.
    expect([overdue.get(2), overdue.get(27), overdue.get(51), overdue.get(8), overdue.get(10)]).toEqual([['stage/response'], ['stage/response'], ['stage/response', 'stage/root-cause'], ['action/c1'], []]);
  });

  test('P1 Q2 the import is stored whole: import, lines, openings and trail; a repetition is the same, another one brings in nothing', async () => {
    const stored = await bringIn(CLEAN, { key: 'clean' });
    expect([stored.status, stored.body.rows, stored.body.progress]).toEqual([202, 60, { waiting: 60, running: 0, refused: 0 }]);
    expect(stored.headers['location']).toBe(`/api/v1/capa-imports/${String(stored.body.id)}`);
    expect(stored.body.states).toEqual(Object.fromEntries(['draft', 'triage', 'containment', 'investigation', 'plan_review', 'plan_approved', 'implementation', 'implementation_verified', 'monitoring', 'effectiveness_check', 'closure_review', 'closed'].map((status) => [status, 5])));
    const { models } = api.fresh.store;
    const commands = await models.commands.find({ capability: 'capa', status: 'received' }).lean();
    expect(commands).toHaveLength(61);
    expect(new Set(commands.map(({ opening }) => (opening as { opening: { number: string } }).opening.number)).size).toBe(61);
    const trail = await models.audit.find({ streamId: `capa-import/${String(stored.body.id)}` }).lean();
    expect(trail).toMatchObject([{ action: 'capa-import.created', actor: { personId: 'meridian-quality' }, detail: { rows: 60, fileSha256: stored.body.fileSha256, organisationId: 'meridian' } }]);
    const again = await send(CLEAN, { query: '?dryRun=false', key: 'clean' });
    expect([again.status, again.headers['idempotency-replayed'], again.body.id]).toEqual([202, 'true', stored.body.id]);
    expect((await send(CLEAN.replace('M-CAPA-101', 'M-CAPA-999'), { query: '?dryRun=false', key: 'clean' })).body.type).toBe('/problems/idempotency_key_reused');
    const other = await send(CLEAN);
    expect(fields(other)).toEqual(Array.from({ length: 60 }, (_, index) => `row ${String(index + 2)}, external_number`));
    expect(other.body.mistakes[0].message).toMatch(/is CAPA-[A-Z0-9-]+-\d+\b/);
    expect(await models.commands.countDocuments({ capability: 'capa' })).toBe(61);
    const read = await get(`/${String(stored.body.id)}`);
    expect([read.status, read.body.lines.length, read.body.lines[0]]).toEqual([200, 60, { row: 2, externalNumber: 'M-CAPA-101', recordId: expect.any(String), number: expect.stringMatching(/^CAPA-/), status: 'draft', progress: 'waiting', reason: null }]);
    expect((await get('')).body.items.map(({ rows }: { rows: number }) => rows).toSorted()).toEqual([1, 60]);
    expect(await verifyStore(api.fresh.store, {})).toMatchObject({ intact: true });
  });

  test('P4 only quality of the organisation that owes the CAPAs brings them in, and looks at imports', async () => {
    for (const who of ['meridian-project-manager', 'meridian-organisation-admin']) expect((await send(CLEAN, { who })).status).toBe(403);
    const other = await send(CLEAN, { who: 'alpine-quality' });
    expect(other.body.mistakes.filter(({ column }: { column: string }) => column === 'accountable_organisation').length).toBeGreaterThan(0);
    expect(other.body.rows).toEqual([]);
    const { items } = (await get('')).body;
    expect((await get(`/${String(items[0].id)}`, 'alpine-quality')).status).toBe(404);
    expect((await get('', 'meridian-project-manager')).body.items).toEqual([]);
    expect((await get(`/${String(items[0].id)}`, 'meridian-quality-head')).status).toBe(200);
  });

  test('the second step needs its key and the hash of what was checked; the catch-up date lies ahead', async () => {
    const table = csvOf([{ ...rowsOf(CLEAN)[0], external_number: 'M-CAPA-300' }]);
    const { sha256 } = (await send(table)).body;
    expect((await send(table, { query: `?dryRun=false&checked=${String(sha256)}` })).body.type).toBe('/problems/idempotency_key_missing');
    expect((await send(table, { query: '?dryRun=false', key: 'none' })).body.errors).toEqual([{ field: 'checked', message: expect.stringContaining('is missing') }]);
    expect((await send(table.replace('M-CAPA-300', 'M-CAPA-301'), { query: `?dryRun=false&checked=${String(sha256)}`, key: 'other' })).body.type).toBe('/problems/wrong_state');
    for (const on of ['2026-11-20', '2028-01-01']) expect((await send(table, { query: `?catchUpOn=${on}` })).body.errors).toEqual([{ field: 'catchUpOn', message: expect.any(String) }]);
    // The day counts to its end, in London.
    expect((await send(table, { query: '?catchUpOn=2026-12-18' })).body.catchUpAt).toBe('2026-12-18T23:59:00.000Z');
  });

  test('tables as spreadsheets write them: semicolons, a byte-order mark, lines of another order; what is no table says so', async () => {
    const rows = rowsOf(CLEAN).slice(0, 2).map((row, index) => ({ ...row, external_number: `M-CAPA-40${String(index)}` }));
    expect((await send(`\ufeff${csvOf(rows, ';')}`)).body).toMatchObject({ importable: true, lines: 2 });
    expect((await send(csvOf(rows.map((row) => Object.fromEntries(Object.entries(row).toReversed()))))).body).toMatchObject({ importable: true });
    expect(fields(await send('number,title\n1,2\n'))).toContain('row 1, external_number');
    expect(fields(await send(csvOf(rows).split('\n')[0] ?? ''))).toEqual(['row 1']);
    expect(fields(await send('external_number,"title\n1,2\n'))).toEqual(['row 1']);
    const many = Array.from({ length: 501 }, (_, index) => ({ ...rows[0], external_number: `N-${String(index)}` }));
    expect((await send(csvOf(many))).body.mistakes).toMatchObject([{ field: 'row 502', message: expect.stringContaining('500') }]);
  });

  test('B11 P5 a scan that was uploaded before is found by its name, linked from the first moment, and is no signature', async () => {
    const stored = { person: { personId: 'meridian-quality', name: 'q', role: 'quality', organisationId: 'meridian' } };
    const doc = (id: string, fileName: string) => ({
      _id: id, lineId: id, version: 1, replaces: null, fileName, mediaType: 'application/pdf', sizeBytes: 1, sha256: id.padEnd(64, '0'), retention: retentionOf(DEFAULT_RETENTION, 'quality_record', NOW), sealedKey: 'k',
      storedBy: stored.person, storedAt: NOW,
    });
    await api.fresh.store.models.evidence.create([doc('e1', 'plan-signed.pdf'), doc('e2', 'twice.pdf'), doc('e3', 'twice.pdf')]);
    const row = rowsOf(CLEAN).find(({ state, raising_organisation: raising }) => state === 'plan_approved' && raising === 'Meridian Clinical Research') as Row;
    const approval = (scan: string): Row => ({ ...row, external_number: 'M-CAPA-500', plan_approvals: `Helen Ward | Meridian Clinical Research | Head of QA | ${String(row['opened_on'])} | ${scan}` });
    expect((await send(csvOf([approval('twice.pdf')]))).body.mistakes).toMatchObject([{ field: 'row 2, plan_approvals', message: expect.stringContaining('several files') }]);
    const brought = await bringIn(csvOf([{ ...approval('Plan-signed.pdf'), evidence: 'e3' }]), { key: 'scan' });
    expect(brought.status).toBe(202);
    const { recordId } = brought.body.lines[0];
    const links = await api.fresh.store.models.evidenceLinks.find({ recordId }).lean();
    expect(links.map(({ evidenceId }) => evidenceId).toSorted()).toEqual(['e1', 'e3']);
    const command = await api.fresh.store.models.commands.findOne({ recordId }).lean();
    expect(command?.opening).toMatchObject({ opening: { imported: { approvals: [{ subject: 'plan', name: 'Helen Ward', organisationId: 'meridian', evidenceId: 'e1', reference: null }], evidenceHashes: { e1: 'e1'.padEnd(64, '0') } } } });
    expect(await api.fresh.store.models.signatures.countDocuments()).toBe(0);
  });

  test('B11 P14 a file of one sponsor\'s line is on no other sponsor\'s: nothing is brought in', async () => {
    const [first, second] = ['Alpine Therapeutics', 'Harbor Biologics'].map((sponsor, index) => ({ ...rowsOf(CLEAN).find(({ raising_organisation: raising }) => raising === sponsor) as Row, external_number: `M-CAPA-70${String(index)}`, evidence: 'e1' }));
    const refused = await bringIn(csvOf([first as Row, second as Row]), { key: 'across' });
    expect([refused.status, refused.body.errors]).toMatchObject([422, [{ field: 'row 3, evidence' }]]);
    expect(await api.fresh.store.models.capaImportRows.countDocuments({ externalNumber: /M-CAPA-70/u })).toBe(0);
  });
});
