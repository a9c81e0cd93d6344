import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseCsv } from '../../api/csv';
import type { Json } from '../../contracts/step';
import { adminApi, type AdminApi, type SignedIn } from '../support/adminApi';
import { extendedCapa, playedCapa, playedRecord } from '../support/measuredCapas';

const SCRIPT = path.join(__dirname, '../../docs/recompute-capa-metrics.py');
const PERIOD = 'from=2026-03-01&to=2028-06-01&zone=Europe/Zurich&asOf=2030-01-01T00:00:00Z';
const PLAYED = 110;
const FOUR_YEARS_MS = 4 * 365 * 86_400_000;

interface Sourced { capaId: string; number: string; part: string; ms?: number }
interface Metric { name: string; unit: string; numerator: number | null; denominator: number; value: number | null; formula: { version: number; text: string }; target?: object; median?: Sourced | null; sources: { numerator: Sourced[] | null; denominator: Sourced[] | null; path: string } }
interface Figures { from: string; to: string; asOf: string; stateAt: string; scope: { capas: number; recordsHash: string; seats: object[] }; excluded: { reason: string; count: number; capaIds: string[] }[]; warnings: { code: string }[]; groups: { classification: string; metrics: Metric[] }[] }

/** Runs the recomputation as a reader would. */
function recompute(...args: string[]): Promise<{ code: number; out: string }> {
  return new Promise((resolve) => {
    execFile('python3', [SCRIPT, ...args], { maxBuffer: 1 << 26 }, (error, stdout, stderr) => { resolve({ code: error ? Number(error.code) : 0, out: stdout + stderr }); });
  });
}
const listening = (server: Server): Promise<string> =>
  new Promise((resolve) => { server.listen(0, '127.0.0.1', () => { resolve(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}`); }); });
const disagreeing = (out: string): string[] => [...out.matchAll(/^DISAGREES (\S+) +(\S+)/gm)].map(([, group, name]) => `${String(group)} ${String(name)}`);

describe('figures over CAPAs through the API', () => {
  let api: AdminApi;
  let lead: SignedIn;
  let bound: SignedIn;
  let other: SignedIn;
  let server: Server;
  let address: string;
  let folder: string;
  let token: string;
  const get = async <T = Figures>(by: SignedIn, at: string): Promise<T> => {
    const answer = await by.send('get', at);
    expect([at, answer.status, answer.status === 200 ? '' : answer.text]).toEqual([at, 200, '']);
    return answer.body as T;
  };
  const metricOf = (figures: Figures, name: string, group = 'all'): Metric => {
    const found = figures.groups.find(({ classification }) => classification === group)?.metrics.find((one) => one.name === name);
    if (!found) throw new Error(`no ${name}`);
    return found;
  };
  const pagesOf = async (by: SignedIn, at: string): Promise<Sourced[]> => {
    const items: Sourced[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: { items: Sourced[]; next: string | null } = await get(by, `${at.replace('/api/v1', '')}&limit=17${cursor === '' ? '' : `&cursor=${cursor}`}`);
      items.push(...page.items);
      cursor = page.next;
    }
    return items;
  };

  beforeAll(async () => {
    api = await adminApi();
    api.pass(FOUR_YEARS_MS);
    await api.fresh.store.models.memberships.updateMany({}, { $set: { until: null } });
    [lead, bound, other] = await Promise.all(['spo-lead', 'cro-lead', 'cro2-lead'].map((id) => api.signIn(id))) as [SignedIn, SignedIn, SignedIn];
    const played = Array.from({ length: PLAYED }, (_, seed) => {
      const cro = seed % 6 === 5 ? 'cro2' : 'cro';
      const record = playedRecord(playedCapa(seed), { id: `capa-${String(seed)}`, sponsor: 'spo', cro, studyId: cro === 'cro' ? 'st1' : 'st2' });
      // Some came in from elsewhere, in the middle of their lives.
      const imported = { status: (['triage', 'plan_review', 'closure_review'] as const)[seed % 3], extensions: [{ deadline: 'stage/plan', count: seed % 2 }], catchUpAt: record.openedAt };
      return seed % 11 === 7 ? { ...record, state: { ...(record.state as object), imported } as unknown as Json } : record;
    });
    const extended = playedRecord(extendedCapa(), { id: 'extended', sponsor: 'spo', cro: 'cro', studyId: 'st1' });
    await api.fresh.store.models.records.insertMany([...played, extended]);
    const made = await lead.send('post', '/tokens', { name: 'figures', scopes: ['read'], expiresInDays: 1 });
    token = String(made.body.secret);
    server = createServer(api.app);
    address = await listening(server);
    folder = mkdtempSync(path.join(tmpdir(), 'figures-'));
  });
  afterAll(async () => {
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true, force: true });
    await api.close();
  });

  test('Q15 every figure names formula, version, scope and instant; its sources are complete on their pages', async () => {
    const figures = await get(lead, `/capas/metrics?${PERIOD}`);
    expect(figures).toMatchObject({ from: '2026-02-28T23:00:00.000Z', to: '2028-05-31T22:00:00.000Z', asOf: '2030-01-01T00:00:00.000Z', stateAt: '2028-05-31T22:00:00.000Z', zone: 'Europe/Zurich' });
    expect(figures.groups.map(({ classification }) => classification)).toEqual(['all', 'corrective', 'preventive']);
    expect(figures.excluded.map(({ reason }) => reason)).toEqual(['drill', 'draft', 'imported']);
    expect(figures.scope).toMatchObject({ recordsHash: expect.stringMatching(/^[0-9a-f]{64}$/), seats: [{ organisationId: 'spo', studyId: null, role: 'study_lead' }] });
    for (const metric of figures.groups.flatMap(({ metrics }) => metrics)) {
      expect(metric.formula.version).toBe(1);
      if (metric.denominator === 0) expect(metric.value).toBeNull();
    }
    const cycle = metricOf(figures, 'cycle_time');
    expect(cycle).toMatchObject({ unit: 'ms', numerator: null, median: { ms: cycle.value } });
    const opened = metricOf(figures, 'closure_rate');
    expect([opened.denominator > 50, opened.sources.denominator]).toEqual([true, null]);
    const pages = await pagesOf(lead, opened.sources.path);
    expect([pages.length, new Set(pages.map(({ capaId }) => capaId)).size]).toEqual([opened.denominator, opened.denominator]);
    expect(pages[0]).toEqual({ capaId: 'capa-0', number: 'CAPA-capa-0', part: 'opening' });
    const green = metricOf(figures, 'effectiveness', 'preventive');
    expect(await pagesOf(lead, `${green.sources.path}&of=numerator`)).toEqual(green.sources.numerator);
    expect(green.target).toEqual({ above: 0.9, met: (green.value ?? 0) > 0.9 });
  });

  test('Q15 two organisations see the same number for the same scope, and neither what is not shared with it', async () => {
    const both = `${PERIOD}&organisationId=spo,cro`;
    const [ours, theirs] = [await get(lead, `/capas/metrics?${both}`), await get(bound, `/capas/metrics?${both}`)];
    const { seats: _ours, ...scope } = ours.scope;
    const { seats: _theirs, ...sameScope } = theirs.scope;
    expect({ ...theirs, scope: sameScope }).toEqual({ ...ours, scope });
    expect(ours.scope.capas).toBeGreaterThan(50);
    const whole = await get(lead, `/capas/metrics?${PERIOD}`);
    const rest = await get(other, `/capas/metrics?${PERIOD}`);
    expect((await get(other, `/capas/metrics?${PERIOD}&organisationId=cro2,spo`)).scope.capas + ours.scope.capas).toBe(whole.scope.capas);
    // What is one organisation's own matter, the sponsor does not see.
    expect((await get(bound, `/capas/metrics?${PERIOD}`)).scope.capas).toBeGreaterThan(ours.scope.capas);
    expect(JSON.stringify(rest)).not.toContain('"capa-0"');
    const none = await get(await api.signIn('root'), `/capas/metrics?${PERIOD}`);
    expect([none.scope.capas, metricOf(none, 'closure_rate').value]).toEqual([0, null]);
  });

  test('Q15 filters narrow the scope; what cannot be measured names its field', async () => {
    const of = async (filter: string) => (await get(lead, `/capas/metrics?${PERIOD}&${filter}`)).scope.capas;
    const [all, critical, major, minor, study] = [await of('organisationId=spo'), await of('severity=critical'), await of('severity=major'), await of('severity=minor'), await of('studyId=st2')];
    expect([minor > 0, critical + major + minor, study]).toEqual([true, all, await of('organisationId=cro2')]);
    const corrective = await get(lead, `/capas/metrics?${PERIOD}&classification=corrective`);
    expect(corrective.groups.map(({ classification }) => classification)).toEqual(['corrective']);
    const { sources: mine, ...figure } = metricOf(corrective, 'on_time_original', 'corrective');
    const { sources: _same, ...same } = metricOf(await get(lead, `/capas/metrics?${PERIOD}`), 'on_time_original', 'corrective');
    expect(figure).toEqual(same);
    expect((await pagesOf(lead, mine.path)).length).toBe(figure.denominator);
    for (const [query, field] of [['from=2026-05-01&to=2026-05-01', 'from'], ['zone=Mars', 'zone'], ['from=soon', 'from'], ['to=2026-02-30', 'to'], ['asOf=2099-01-01T00:00:00Z', 'asOf'], ['from=2000-01-01', 'from']] as const) {
      expect([query, (await lead.send('get', `/capas/metrics?${query}`)).body]).toMatchObject([query, { status: 422, errors: [{ field }] }]);
    }
    expect((await lead.send('get', '/capas/metrics?organisationId=a,b,c')).status).toBe(400);
    expect((await lead.send('get', '/capas/metrics/beauty/sources')).status).toBe(400);
    // Without a period: the last year up to now.
    expect((await get(lead, '/capas/metrics')).scope.capas).toBeGreaterThan(0);
  });

  test('Q15 a script that has nothing of the product recomputes every figure from the records, over HTTP', async () => {
    const { code, out } = await recompute(address, token, PERIOD, '--save', folder);
    expect([disagreeing(out), code, out.match(/(\d+) of \1 figures agree/) !== null]).toEqual([[], 0, true]);
    const quarter = await recompute(address, token, 'from=2026-10-01&to=2027-01-01&organisationId=cro&severity=major');
    expect([disagreeing(quarter.out), quarter.code]).toEqual([[], 0]);
    const saved = await recompute('--saved', folder);
    expect([disagreeing(saved.out), saved.code]).toEqual([[], 0]);
    expect((await recompute(address, 'no-token', PERIOD)).code).toBe(2);
  });

  test('Q15 the list as CSV: the caller\'s CAPAs with original and current due dates, by the filters of the list', async () => {
    const rowsOf = async (by: SignedIn, query = '') => {
      const answer = await by.send('get', `/capas.csv${query}`);
      expect([answer.status, answer.headers['content-type'], answer.headers['content-disposition']]).toEqual([200, 'text/csv; charset=utf-8', 'attachment; filename="capas.csv"']);
      const parsed = parseCsv(answer.text);
      if ('brokenAt' in parsed) throw new Error(parsed.message);
      const [header = [], ...rows] = parsed.records;
      return rows.map((row) => Object.fromEntries(header.map((name, n) => [name, row[n] ?? ''])));
    };
    const all = await rowsOf(bound);
    expect(all.length).toBe(await api.fresh.store.models.records.countDocuments({ capability: 'capa', visibleTo: 'cro', studyId: 'st1' }));
    expect(all.map(({ opened_at: at }) => at)).toEqual(all.map(({ opened_at: at }) => at).toSorted().reverse());
    const extended = all.find(({ id }) => id === 'extended');
    expect(extended).toMatchObject({ status: 'closed', outcome: 'effective', iteration: '1', late_original: 'yes', late_current: 'no', extensions_granted: '1', closed_by: 'effective', title: 'Title of extended' });
    const [original, due] = /c1 corrective verified: original due (\S+), due (\S+), reported/.exec(extended?.['actions'] ?? '')?.slice(1) ?? [];
    expect(Date.parse(due ?? '') - Date.parse(original ?? '')).toBe(10 * 86_400_000);
    const open = await rowsOf(bound, '?status=monitoring&studyId=st1');
    expect([open.length > 0, open.length < all.length, open.every(({ status }) => status === 'monitoring')]).toEqual([true, true, true]);
    expect((await rowsOf(other)).some(({ id }) => id === 'extended')).toBe(false);
    expect(await rowsOf(await api.signIn('root'))).toEqual([]);
    expect((await bound.send('get', '/capas.csv?mood=good')).status).toBe(400);
  });

  test('Q15 it disagrees with a server whose formula is wrong', async () => {
    // Puts the current date in the place of the original one, as a product that hides its extensions would.
    const liar = createServer((req, res) => {
      void (async () => {
        const asked = String(req.url).replace('/metrics/on_time_original/', '/metrics/on_time_current/');
        const answer = await fetch(address + asked, { headers: { authorization: String(req.headers.authorization) } });
        const body = await answer.json() as Figures;
        if (asked.startsWith('/api/v1/capas/metrics?')) {
          for (const { metrics } of body.groups) {
            const [honest, current] = ['on_time_original', 'on_time_current'].map((name) => metrics.find((one) => one.name === name));
            if (honest && current) Object.assign(honest, { numerator: current.numerator, denominator: current.denominator, value: current.value });
          }
        }
        res.setHeader('content-type', 'application/json').end(JSON.stringify(body));
      })();
    });
    const { code, out } = await recompute(await listening(liar), token, PERIOD);
    await new Promise((resolve) => { liar.close(resolve); liar.closeAllConnections(); });
    expect(code).toBe(1);
    expect(disagreeing(out)).toContain('all on_time_original');
    expect(disagreeing(out).every((line) => line.endsWith('on_time_original'))).toBe(true);
  });

  test('Q15 it disagrees with every figure that was bent, forgets a source, or has another version', async () => {
    const readJson = (name: string): unknown => JSON.parse(readFileSync(path.join(folder, name), 'utf8'));
    const honest = [readJson('metrics.json') as Figures, readJson('sources.json') as Record<string, Sourced[]>] as const;
    const bent = async (bend: (figures: Figures, sources: Record<string, Sourced[]>) => void) => {
      const [figures, sources] = structuredClone(honest) as [Figures, Record<string, Sourced[]>];
      bend(figures, sources);
      writeFileSync(path.join(folder, 'metrics.json'), JSON.stringify(figures));
      writeFileSync(path.join(folder, 'sources.json'), JSON.stringify(sources));
      return recompute('--saved', folder);
    };
    const names = honest[0].groups.flatMap(({ classification, metrics }) => metrics.map(({ name }) => `${classification} ${name}`));
    const counting = honest[0].groups.flatMap(({ classification, metrics }) => metrics.filter(({ denominator }) => denominator > 0).map(({ name }) => `${classification} ${name}`));
    expect(counting.length).toBeGreaterThan(60);
    const each = (figures: Figures, change: (metric: Metric) => void) => { figures.groups.forEach(({ metrics }) => { metrics.forEach(change); }); };
    expect(disagreeing((await bent((figures) => { each(figures, (metric) => { metric.value = metric.value === null ? 1 : metric.value * 1.001 + 0.001; }); })).out)).toEqual(names);
    expect(disagreeing((await bent((figures) => { each(figures, (metric) => { metric.formula.version = 2; }); })).out)).toEqual(names);
    // One source less, and everything that follows from it: only who reads the records can tell.
    const forgetful = await bent((figures, sources) => {
      each(figures, (metric) => {
        const listed = sources[`${metric.sources.path}&of=denominator`];
        const gone = listed?.pop();
        const kept = sources[`${metric.sources.path}&of=numerator`]?.filter(({ capaId, part }) => capaId !== gone?.capaId || part !== gone.part);
        if (metric.unit === 'ratio' && kept) sources[`${metric.sources.path}&of=numerator`] = kept;
        if (gone && metric.unit === 'ratio') Object.assign(metric, { denominator: metric.denominator - 1, numerator: kept?.length ?? 0, value: metric.denominator > 1 ? (kept?.length ?? 0) / (metric.denominator - 1) : null });
      });
    });
    expect([disagreeing(forgetful.out), forgetful.code]).toEqual([counting, 1]);
  });
});
