import type { AuditDraft } from '../../../contracts/audit';
import { instantOf } from '../../../contracts/instant';
import { administeredVersions } from '../../../domain/audit/administeredVersions';
import { appendTo, emptyChain } from '../../../domain/audit/chain';

const ANN = { kind: 'person', personId: 'ann', name: 'Ann', role: 'organisation_admin', organisationId: 'o' } as const;
const draft = (rev: number | undefined, more: Partial<AuditDraft>): AuditDraft => ({ streamId: 'k', at: instantOf(1000), zone: 'UTC', actor: ANN, action: 'x', correlationId: 'c', ...(rev !== undefined && { rev }), ...more });
const entriesOf = (...drafts: readonly AuditDraft[]) => appendTo(emptyChain('k'), drafts).entries;

describe('versions of what is administered', () => {
  it('P1 the trail alone gives each version, with what it changed, why and by whom', () => {
    const versions = administeredVersions('channel', entriesOf(
      draft(1, { action: 'channel.created', detail: { name: 'Desk', severities: ['minor'] } }),
      draft(2, { action: 'channel.changed', field: 'name', old: 'Desk', new: 'Night desk', reason: 'moved' }), draft(2, { action: 'channel.changed', field: 'severities/1', new: 'major', reason: 'moved' }),
      draft(3, { action: 'channel.changed', field: 'secrets', reason: 'rotated' }), draft(undefined, { action: 'channel.tested' }),
      draft(4, { action: 'channel.deactivated', field: 'active', old: true, new: false, reason: 'closed' }),
    ));
    expect(versions.map(({ version, reason, content }) => [version, reason, content])).toEqual([
      [1, null, { name: 'Desk', severities: ['minor'], active: true }], [2, 'moved', { name: 'Night desk', severities: ['minor', 'major'], active: true }],
      [3, 'rotated', { name: 'Night desk', severities: ['minor', 'major'], active: true }], [4, 'closed', { name: 'Night desk', severities: ['minor', 'major'], active: false }],
    ]);
    expect(versions[1]).toMatchObject({ by: ANN, acts: ['channel.changed'], changes: [{ path: 'name', old: 'Desk', new: 'Night desk' }, { path: 'severities/1', new: 'major' }], missing: null, undisclosed: [] });
    expect(versions[2]).toMatchObject({ changes: [], undisclosed: ['secrets'] });
  });

  it('P1 a version that was added is whole; the entries of its differences change nothing twice', () => {
    const versions = administeredVersions('policy', entriesOf(
      draft(1, { action: 'policy.version_added', field: 'content', new: { hours: 4 }, reason: 'first' }),
      draft(2, { action: 'policy.version_added', field: 'content', new: { hours: 400 }, reason: 'slower' }), draft(2, { action: 'policy.changed', field: 'hours', old: 4, new: 400, reason: 'slower' }),
    ));
    expect(versions.map(({ content, changes }) => [content, changes])).toEqual([[{ hours: 4 }, []], [{ hours: 400 }, [{ path: 'hours', old: 4, new: 400 }]]]);
  });

  it('P1 what the trail does not hold is said: creations without content, changes that do not fit; a default that nobody gave is what the change found', () => {
    const old = administeredVersions('policy', entriesOf(draft(1, { action: 'policy.version_added', detail: { key: 'default' } }), draft(2, { action: 'policy.version_added', field: 'content', new: { hours: 2 } })));
    expect(old.map(({ content, missing }) => [content, missing === null])).toEqual([[null, false], [{ hours: 2 }, true]]);
    const [, second, third] = administeredVersions('person', entriesOf(
      draft(1, { action: 'person.created', detail: { name: 'Ann' } }), draft(2, { action: 'person.changed', field: 'locale', old: 'en', new: 'de', reason: 'r' }),
      draft(3, { action: 'person.changed', field: 'name', old: 'Somebody else', new: 'Bea', reason: 'r' }),
    ));
    expect(second?.content).toEqual({ name: 'Ann', locale: 'de', active: true });
    expect([third?.content, third?.missing]).toEqual([null, expect.stringMatching(/seq 3 does not fit/u)]);
  });
});
