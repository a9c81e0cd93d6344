import fc from 'fast-check';
import type { Block, Cell } from '../../../contracts/document';
import { hashEntry } from '../../../domain/audit/chain';
import { reportDocument } from '../../../domain/capaReport/document';
import { capaReport, reportText, type ReportSources } from '../../../domain/capaReport/report';
import { contentHashOf } from '../../../domain/signature/demand';
import { CRO, SPONSOR } from '../capa/capas';
import { playDeviated, playReported, reportedSources } from '../../support/reportedCapa';

const run = playReported();
const sources = reportedSources(run);
const whole = capaReport(sources);
const anyRevision = fc.integer({ min: 1, max: run.steps.length });

const linesOf = (cell: Cell): readonly string[] => (typeof cell === 'string' ? [cell] : cell.map(({ text }) => text));
function wordsOf(block: Block): readonly string[] {
  switch (block.kind) {
    case 'heading':
    case 'text': return [block.text];
    case 'facts': return block.facts.flatMap(([label, value]) => [label, ...linesOf(value)]);
    case 'table': return [...block.columns.map(({ label }) => label), ...[...block.rows].flatMap((cells) => cells.flatMap(linesOf))];
  }
}
const attached = { bytes: new Uint8Array(), sha256: 'the hash of the JSON' };
const documentOf = (report: typeof whole) => reportDocument({ ...attached, text: reportText(report) });
const paperOf = (report: typeof whole): string => [...documentOf(report).blocks].flatMap(wordsOf).join('\n');

/** The same value with the members of every object in another order. */
function shuffled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shuffled);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).toReversed().map(([key, member]) => [key, shuffled(member)]));
}

describe('the report of a CAPA', () => {
  test('P15 Q1 the same bytes from the same revision, in whatever order a store gives the members', () => {
    fc.assert(fc.property(anyRevision, (rev) => {
      const at = reportedSources(run, rev);
      expect(reportText(capaReport(shuffled(at) as ReportSources))).toBe(reportText(capaReport(at)));
    }), { numRuns: 30 });
  });

  test('P15 Q5 JSON and paper show what was measured beside target, sample and goal, by which formula and from which records, and who deviated from it', () => {
    const report = capaReport(reportedSources(playDeviated()));
    expect(report.iterations.at(-1)).toMatchObject({
      effect: { by: 'escalation_drills', numerator: 2, denominator: 3, sample: 3, goal: 1, formula: expect.stringMatching(/^Drills between/u), measurement: { sources: [{ recordId: 'drill-1', met: true }, { recordId: 'drill-2', met: true }, { recordId: 'drill-3', met: false }] } },
      deviations: [{ reason: 'The third drill fell on a public holiday of the site.' }, { by: { personId: 'ann' } }],
    });
    const paper = paperOf(report);
    for (const said of ['at least 100 % of the sample met', '2 of 3 met (66.7 %)', 'planned: a sample of 3, at least 100 % met', 'the product, from its records: escalation drills', 'DRL-4 (drill-1)', 'not met', 'Agreed: the two others were out of hours.']) expect(paper).toContain(said);
    const byHand = paperOf(whole);
    for (const said of ['people (manual): no records of the product say it', 'restore 1', '0 of 3 met (0 %)']) expect(byHand).toContain(said);
  });

  test('P15 P2 P6 at any revision every hash can be computed again from the JSON alone', () => {
    fc.assert(fc.property(anyRevision, (rev) => {
      const { trail, signatures, basis } = JSON.parse(reportText(capaReport(reportedSources(run, rev)))) as typeof whole;
      let prevHash = '0'.repeat(64);
      for (const entry of trail.entries) {
        if ('withheld' in entry) throw new Error('nothing is withheld here');
        expect([entry.prevHash, hashEntry(entry)]).toEqual([prevHash, entry.hash]);
        prevHash = entry.hash;
      }
      expect([trail.intact, trail.head, basis.lastEntry?.hash]).toEqual([true, prevHash, prevHash]);
      for (const { content, contentHash, verifies } of signatures) expect([contentHashOf(content), verifies]).toEqual([contentHash, true]);
    }), { numRuns: 30 });
  });

  test('P15 P5 at any revision paper says of every signature and every file what the JSON says', () => {
    fc.assert(fc.property(anyRevision, (rev) => {
      const report = capaReport(reportedSources(run, rev));
      const paper = paperOf(report);
      for (const { printedName, role, organisationName, meaning, zone, contentHash, subject, version } of report.signatures) {
        for (const said of [printedName, role, organisationName, meaning, zone, contentHash, `${subject.replaceAll('_', ' ')}, version ${version}`]) expect(paper).toContain(said);
      }
      expect(paper.match(/^for this version$/gmu) ?? []).toHaveLength(report.signatures.filter(({ standing }) => standing === 'this_version').length);
      expect(paper.match(/^not for this version$/gmu) ?? []).toHaveLength(report.signatures.filter(({ standing }) => standing === 'not_for_this_version').length);
      for (const { fileName, sha256, sizeBytes } of report.evidence) for (const said of [fileName, sha256, `${sizeBytes} bytes`]) expect(paper).toContain(said);
      for (const entry of report.trail.entries) expect(paper).toContain(entry.hash);
      expect(paper).toContain(attached.sha256);
    }), { numRuns: 20 });
  });

  test('Q7 Q8 Q15 both iterations with cause, checks, original and current dates; the earlier checks from what was signed then', () => {
    const [first, second] = whole.iterations;
    expect([first?.outcome, first?.extentCheck?.evidenceIds, first?.adverseCheck?.finding, first?.result?.outcome]).toEqual(['ineffective', ['ev-3'], 'none', 'ineffective']);
    expect([second?.outcome, second?.rootCause?.method, second?.result?.outcome]).toEqual([null, 'fishbone', 'effective']);
    const late = first?.actions[0];
    expect(late?.due).not.toBe(late?.originalDue);
    const paper = paperOf(whole);
    expect(paper).toContain(`originally ${late?.originalDue.slice(0, 10) ?? ''}`);
    expect(paper).toContain('Why was the key missing?');
    expect(paper).toContain('Name the second system.');
    expect(paper).toContain('daily checks by hand');
    expect(whole.stages.every(({ due, originalDue }) => due !== null && originalDue !== null)).toBe(true);
  });

  test('P1 P6 P15 every version with what it changed and why, a returned one as a whole, and what each older signature covered', () => {
    const { versions, signatures } = whole;
    const returned = versions.filter(({ decidedBy }) => decidedBy === 'work.returned');
    expect(returned).toHaveLength(1);
    expect(returned[0]?.content).toMatchObject({ rootCause: { method: 'five_why' } });
    expect(versions.find(({ acts }) => acts.includes('work.returned'))).toMatchObject({ reason: 'Name the second system.', missing: null });
    expect(versions.filter(({ decidedBy }) => decidedBy === 'iteration.begun').map(({ content }) => (content?.['result'] as { outcome: string }).outcome)).toEqual(['ineffective']);
    const older = signatures.filter(({ standing, subject }) => standing !== 'this_version' && subject === 'plan');
    expect(older.length).toBeGreaterThan(0);
    expect(older.every(({ since }) => since?.some(({ path, old, new: now }) => path === 'rootCause/method' && old === 'five_why' && now === 'fishbone'))).toBe(true);
    expect(signatures.filter(({ standing }) => standing === 'this_version').every(({ since }) => since?.length === 0)).toBe(true);
    const paper = paperOf(whole);
    for (const said of ['Versions', 'as it was returned', 'as its iteration ended', 'As signed: plan, version', 'What has changed since', 'rootCause/method', 'five_why → fishbone']) expect(paper).toContain(said);
  });

  test('B11 evidence that the CAPA names and that is not linked to it is said, not left out', () => {
    const paper = paperOf(whole);
    expect(paper).toContain('ev-nowhere (root cause (iteration 1))');
    expect(paper).toContain('ev-nowhere (not linked)');
  });

  test('P2 a trail that was changed, cut off or put together anew is said to be not intact', () => {
    const changed = sources.entries.map((entry) => (entry.seq === 7 ? { ...entry, action: 'nothing' } : entry));
    expect(capaReport({ ...sources, entries: changed }).trail).toMatchObject({ intact: false, findings: [expect.stringContaining('seq 7 was changed')] });
    expect(capaReport({ ...sources, entries: sources.entries.slice(0, -1) }).trail.intact).toBe(false);
    expect(paperOf(capaReport({ ...sources, entries: changed }))).toContain('NOT INTACT');
  });

  test('P14 P15 an entry for the other organisation only leaves its place and its hash, and nothing that it says', () => {
    fc.assert(fc.property(fc.subarray(sources.entries.map(({ seq }) => seq), { minLength: 1 }), (hidden) => {
      const entries = sources.entries.map((entry) => (hidden.includes(entry.seq) ? { ...entry, visibleTo: [SPONSOR] } : entry));
      const { trail } = capaReport({ ...sources, entries, organisationIds: [CRO] });
      expect(trail.withheld).toEqual(hidden);
      for (const entry of trail.entries) expect(Object.keys(entry).length).toBe('withheld' in entry ? 4 : Object.keys(sources.entries[entry.seq - 1] ?? {}).length);
    }), { numRuns: 30 });
  });

  test('P5 Q1 what was approved elsewhere before an import stands apart, with its proof, and is no signature', () => {
    const imported = {
      importId: 'import-1', row: 7, externalNumber: 'CAPA-2019-44', fileSha256: 'f'.repeat(64), by: { personId: 'bea', organisationId: CRO, role: 'quality' }, status: 'implementation', catchUpAt: run.now, extensions: [], actions: [],
    };
    const approvedElsewhere = [
      { subject: 'plan', name: 'Dr Elsewhere', organisationId: SPONSOR, role: null, on: '2019-05-01', evidenceId: 'ev-2', reference: null },
      { subject: 'plan', name: 'Prof Paper', organisationId: CRO, role: 'head of quality', on: '2019-05-02', evidenceId: null, reference: 'binder 4' },
    ];
    const state = { ...(sources.record.state as object), imported, approvedElsewhere } as unknown as ReportSources['record']['state'];
    const report = capaReport({ ...sources, record: { ...sources.record, state } });
    expect(report.signatures.map(({ printedName }) => printedName)).toEqual(whole.signatures.map(({ printedName }) => printedName));
    const paper = paperOf(report);
    const [apart = '', after = ''] = paper.split('Electronic signatures');
    const [signed = ''] = after.split('As signed:');
    for (const said of ['Approved elsewhere: statements, not signatures', 'Dr Elsewhere', 'Prof Paper', 'binder 4', 'CAPA-2019-44']) {
      expect(apart).toContain(said);
      expect(signed).not.toContain(said);
    }
    expect(paper).toContain('approved elsewhere: plan');
    expect(paperOf(whole)).not.toContain('elsewhere: statements');
  });

  test('P15 what people write does not reach the metadata of the file', () => {
    const { title, attachment } = documentOf(whole);
    expect([title, attachment.name]).toEqual([`CAPA report CAPA-1 revision ${run.steps.length}`, `CAPA-1-revision-${run.steps.length}.json`]);
  });
});
