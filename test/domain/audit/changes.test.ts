import fc from 'fast-check';
import { canonicalText } from '../../../domain/audit/chain';
import { changeFacts, changesBetween, type Content } from '../../../domain/audit/changes';
import { changed, replayed } from '../../../domain/audit/rebuild';

const scalar = fc.oneof(fc.string({ unit: 'grapheme' }), fc.integer(), fc.boolean(), fc.constant(null), fc.constantFrom('id:c1', '0', '', 'a/b~c'));
const key = fc.oneof(fc.constantFrom('id', 'a', '0', '', 'a/b', '~1', 'id:c1', '__proto__', 'constructor', 'é'), fc.string({ unit: 'grapheme', maxLength: 4 }));
/** Keys are few, so that two contents have places in common; objects carry ids often, so that lists move, lose and gain items. */
const { content } = fc.letrec<{ json: unknown; item: unknown; content: unknown }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4, depthSize: 'small', withCrossShrink: true }, scalar, fc.array(tie('json'), { maxLength: 4 }),
    fc.uniqueArray(tie('item') as fc.Arbitrary<{ id: string }>, { maxLength: 5, selector: ({ id }) => id }), fc.array(tie('item'), { maxLength: 3 }), tie('content'),
  ),
  item: fc.tuple(fc.constantFrom('c1', 'c2', 'c3', '0', 'a/b'), fc.dictionary(key, tie('json'), { maxKeys: 2 })).map(([id, more]) => ({ ...more, id })),
  content: fc.dictionary(key, tie('json'), { maxKeys: 5 }),
}));
const contents = fc.array(content as fc.Arbitrary<Content>, { minLength: 1, maxLength: 5 });

describe('P2 changes of content', () => {
  it('P2 replayed over nothing give every version back to the letter', () => {
    fc.assert(fc.property(contents, (versions) => {
      let before: Content = {};
      let rebuilt: Content = {};
      for (const version of versions) {
        // As the trail keeps them: through JSON.
        const changes = JSON.parse(JSON.stringify(changesBetween(before, version))) as ReturnType<typeof changesBetween>;
        rebuilt = replayed(rebuilt, changes);
        expect(canonicalText(rebuilt)).toBe(canonicalText(version));
        expect(changesBetween(rebuilt, version)).toEqual([]);
        before = version;
      }
    }), { numRuns: 400 });
  });

  it('P2 say leaf by leaf what was and what is, a text whole', () => {
    const before = { cause: { statement: 'the tape was full', categories: ['procedure'] }, risk: { likelihood: 3 } };
    const after = { cause: { statement: 'nobody looked at the tape', categories: ['procedure', 'training'] }, risk: { likelihood: 3 } };
    expect(changesBetween(before, after)).toEqual([
      { path: 'cause/categories/1', new: 'training' },
      { path: 'cause/statement', old: 'the tape was full', new: 'nobody looked at the tape' },
    ]);
  });

  it('P2 follow the items of a list by their ids wherever they stand', () => {
    const action = (id: string, due: string) => ({ id, due });
    const before = { actions: [action('c1', 'Monday'), action('c2', 'Tuesday'), action('c3', 'Friday')] };
    const after = { actions: [action('c4', 'Sunday'), action('c3', 'Friday'), action('c1', 'Thursday')] };
    expect(changesBetween(before, after)).toEqual([
      { path: 'actions/id:c1/due', old: 'Monday', new: 'Thursday' },
      { path: 'actions/id:c2', old: action('c2', 'Tuesday') },
      { path: 'actions/id:c4', new: action('c4', 'Sunday') },
      { path: 'actions', old: ['c1', 'c3', 'c4'], new: ['c4', 'c3', 'c1'], reordered: true },
    ]);
  });

  it('P2 tell nothing from null', () => {
    expect(changesBetween({ a: null }, { b: null })).toEqual([{ path: 'a', old: null }, { path: 'b', new: null }]);
    expect(changesBetween({ a: null }, { a: undefined } as unknown as Content)).toEqual([{ path: 'a', old: null }]);
  });

  it('P2 refuse to rebuild from a change that does not fit', () => {
    expect(() => changed({ a: 1 }, { path: 'a', old: 2, new: 3 })).toThrow(RangeError);
    expect(() => changed({ a: 1 }, { path: 'a', new: 3 })).toThrow(RangeError);
    expect(() => changed({}, { path: 'a/b', new: 3 })).toThrow(RangeError);
    expect(() => changed({ a: [] }, { path: 'a/7', new: 3 })).toThrow(RangeError);
    expect(() => changed({ a: [{ id: 'x' }] }, { path: 'a', old: ['x'], new: ['y'], reordered: true })).toThrow(RangeError);
  });

  it('P2 become entries with path, old and new', () => {
    expect(changeFacts(changesBetween({ a: 1 }, { b: 2 }))).toEqual([{ action: 'content.changed', field: 'a', old: 1 }, { action: 'content.changed', field: 'b', new: 2 }]);
  });
});
