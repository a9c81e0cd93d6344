import type { AuditDraft } from '../../../contracts/audit';
import { CAPABILITIES } from '../../../contracts/ids';
import { instantOf } from '../../../contracts/instant';
import type { Json } from '../../../contracts/step';
import { appendTo, canonicalText, emptyChain } from '../../../domain/audit/chain';
import { contentFacts } from '../../../domain/audit/contentFacts';
import { contentVersions } from '../../../domain/audit/versions';
import { contentOf } from '../../../domain/records/content';
import { entriesOfRun, playReported, TITLE } from '../../support/reportedCapa';

const json = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json;
const reading = { stateVersion: 2, contentOf: (state: Json) => contentOf('capa', state), lifted: (state: Json) => ({ ...(state as object), lifted: true }) };
const ANN = { kind: 'person', personId: 'ann', name: 'Ann', role: 'quality', organisationId: 'o' } as const;
const draft = (rev: number, more: Partial<AuditDraft>): AuditDraft => ({ streamId: 'k', at: instantOf(rev), zone: 'UTC', actor: ANN, action: 'x', correlationId: 'c', rev, ...more });
const entriesOf = (...drafts: readonly AuditDraft[]) => appendTo(emptyChain('k'), drafts).entries;

describe('P1 versions of content', () => {
  it('P1 Q1 the trail alone gives every version of a CAPA of two iterations to the letter', () => {
    const run = playReported();
    const versions = contentVersions(entriesOfRun(run));
    let rev = 0;
    for (const version of versions) {
      const state = json(run.steps[version.version - 1]?.state);
      expect(canonicalText(version.content)).toBe(canonicalText({ title: TITLE, ...contentOf('capa', state) }));
      expect(version.version).toBeGreaterThan(rev);
      rev = version.version;
    }
    // Between two of them nothing changed.
    for (const step of run.steps) {
      const version = versions.filter((one) => one.version <= step.rev).at(-1);
      expect(canonicalText({ title: TITLE, ...contentOf('capa', json(step.state)) })).toBe(canonicalText(version?.content));
    }
    expect(versions.filter(({ acts }) => acts.includes('work.returned'))).toMatchObject([{ reason: 'Name the second system.', by: { kind: 'person', personId: 'ann' } }]);
    expect(versions.some(({ acts }) => acts.includes('section.written'))).toBe(true);
  });

  it.each(CAPABILITIES)('P1 of every capability (%s): what nobody listed is content', (capability) => {
    expect(contentOf(capability, { status: 'open', links: [], brandNew: 'x', policy: { key: 'k', version: 3, ladders: {} } })).toEqual({ brandNew: 'x', policy: { key: 'k', version: 3 } });
  });

  it('P1 each change has the reason of its part, else that of the step', () => {
    const { step } = contentFacts(
      { rev: 1, contentRev: 1, state: { severity: 'minor', problem: { what: 'a' }, other: 1 }, stateVersion: 2 },
      { state: { severity: 'major', problem: { what: 'b' }, other: 2 }, facts: [{ action: 'a', field: 'severity', reason: 'graver' }, { action: 'b', field: 'problem', reason: 'misspelt' }] }, reading,
    );
    expect(step.map(({ field, reason }) => [field, reason])).toEqual([['other', 'graver'], ['problem/what', 'misspelt'], ['severity', 'graver']]);
  });

  it('P1 a record of an older release: what it held is said once, the lifting is nobody\'s act, versions without content say so', () => {
    const { product, step } = contentFacts({ rev: 4, state: { problem: { what: 'a' } }, stateVersion: 1 }, { state: { problem: { what: 'b' }, lifted: true }, facts: [] }, reading);
    expect(product).toEqual([
      { action: 'content.restated', field: 'content', new: { problem: { what: 'a' } }, detail: { rev: 4 } },
      { action: 'content.changed', field: 'lifted', new: true, detail: { from: 1, to: 2 } },
    ]);
    const release = { kind: 'system', name: 'release' } as const;
    const versions = contentVersions(entriesOf(
      draft(1, { action: 'content.recorded', field: 'content', old: null, new: { title: 'T' } }), draft(3, { action: 'section.written', field: 'problem' }), draft(4, { action: 'comment.added' }),
      draft(5, { action: 'section.written', field: 'problem' }), ...product.map((fact) => draft(5, { ...fact, actor: release })), ...step.map((fact) => draft(5, fact)),
    ));
    expect(versions).toMatchObject([
      { version: 1, content: null, missing: expect.stringContaining('kept no content') as string }, { version: 3, content: null },
      { version: 5, by: ANN, content: { title: 'T', problem: { what: 'b' }, lifted: true }, missing: null, acts: ['section.written'] },
    ]);
  });

  it('P1 an entry that does not fit is named, and no content is invented', () => {
    const versions = contentVersions(entriesOf(
      draft(1, { action: 'content.recorded', field: 'content', old: null, new: { title: 'T' }, detail: { content: { a: 1 } } }), draft(2, { action: 'content.changed', field: 'a', old: 7, new: 8 }), draft(3, { action: 'content.changed', field: 'a', old: 8, new: 9 }),
    ));
    expect(versions).toMatchObject([{ content: { title: 'T', a: 1 } }, { content: null, missing: expect.stringContaining('seq 2 does not fit') as string }, { content: null }]);
  });
});
