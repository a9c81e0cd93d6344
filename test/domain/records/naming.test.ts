import { namedIn, withoutUnknown } from '../../../domain/records/naming';

const [MINE, THEIRS] = ['0b8f4c1e-6d1f-4f7e-9a51-1f2f9f3a7c01', '7c9e6679-7425-40de-944b-e07fc1f90ae7'];
const unknown = { ids: new Set([THEIRS]), numbers: new Set(['ISS-TH-1-4']) };

describe('what a record names', () => {
  test('P14 links, the source, the issue of a drill, a recurrence and entries of trails name other records; what a row is about is none', () => {
    const record = { id: MINE, links: [{ recordId: 'a', kind: 'causes' }], source: { type: 'issue', recordId: 'b', reference: 'ISS-1' }, issueId: 'c', recurrences: [{ capaId: 'd' }], title: 'recordId' };
    expect(namedIn(record).records.toSorted()).toEqual(['a', 'b', 'c', 'd']);
    expect(namedIn({ items: [{ recordId: 'own', capaId: 'own' }], next: null })).toEqual({ records: [], files: [] });
    expect(namedIn({ items: [{ action: 'issue.linked', old: null, new: 'e', detail: { recordId: 'f' } }] }).records).toEqual(['e', 'f']);
    expect(namedIn({ raw: [{ events: [{ input: [{ body: { recordId: 'g' } }] }] }] }).records).toEqual(['g']);
    expect(namedIn({ id: 'v2', lineId: 'v1', replaces: 'v1', links: [{ recordId: 'h', inheritedFrom: 'v0' }] })).toEqual({ records: ['h'], files: ['v1', 'v0'] });
    expect(namedIn({ numbers: { i: 'ISS-1' } }).records).toEqual(['i']);
    expect(namedIn({ items: [{ old: 'a sentence, which is no id', new: '' }] }).records).toEqual([]);
  });

  test('P14 what its reader may not know of goes: null where it stands alone, dots inside a name, and an entry of a chain says so', () => {
    const shown = withoutUnknown({
      links: [{ recordId: THEIRS, kind: 'causes' }, { recordId: MINE, kind: 'blocks' }], source: { recordId: THEIRS, reference: 'ISS-TH-1-4' },
      facts: [{ seq: 1, new: THEIRS }], entries: [{ new: THEIRS, hash: 'h', prevHash: 'p' }, { new: MINE, hash: 'h', prevHash: 'p' }], intent: `escalation/${MINE}/link/${THEIRS}/causes`, said: 'see ISS-TH-1-4, please', numbers: { [THEIRS]: 'ISS-TH-1-4', [MINE]: 'ISS-1' },
    }, unknown);
    expect(shown).toEqual({
      links: [{ recordId: null, kind: 'causes' }, { recordId: MINE, kind: 'blocks' }], source: { recordId: null, reference: null },
      facts: [{ seq: 1, new: null }], entries: [{ new: null, hash: 'h', prevHash: 'p', withheld: true }, { new: MINE, hash: 'h', prevHash: 'p' }], intent: `escalation/${MINE}/link/…/causes`,
      // What a person wrote stands as they wrote it.
      said: 'see ISS-TH-1-4, please', numbers: { [MINE]: 'ISS-1' },
    });
  });

  test('P14 what names nothing unknown is the very same', () => {
    const value = { links: [{ recordId: MINE }], at: new Date(0) };
    expect(withoutUnknown(value, unknown)).toEqual(value);
    expect(withoutUnknown(value, { ids: new Set(), numbers: new Set() })).toBe(value);
  });
});
