import { nameOf } from '../../../dev/demo/cast';
import { confusedPairs, confusedWith, faultOfName, skeletonsOf } from '../../../domain/access/printedName';

describe('11.100(a) P8 names that deceive', () => {
  test.each([
    'Ana Berg', 'Jean-Luc O’Neill', "D'Arcy, Ph.D.", 'Zoë Müller (Basel)', 'Ana Berg 2', 'Νίκος Παπαδόπουλος', 'Владимир Iванов'.slice(0, 8), '山田 太郎', 'やまだ タロウ', '김민수 Kim', 'राम शर्मा', 'محمد علي',
    'Meridian Clinical Research', 'Иванов Ivanov',
  ])('P8 is a name: %s', (name) => { expect(faultOfName(name)).toBeUndefined(); });

  test.each([
    ['two lines', 'Ana\nBerg'], ['a tab', 'Ana\tBerg'], ['a right-to-left override', 'Ana \u202Egreb'], ['an isolate', 'Ana \u2066Berg\u2069'], ['a blank of no width', 'Ana\u200BBerg'], ['a joiner', 'Ana\u200DBerg'],
    ['a soft hyphen', 'Ana\u00ADBerg'], ['a control character', 'Ana\u0007Berg'], ['half a character', 'Ana \uD800'], ['three scripts', 'Ana Иван Νίκος'], ['a Cyrillic letter in a Latin word', '\u0410na Berg'],
    ['a heap of marks', 'A\u0301\u0301\u0301\u0301na'], ['no letter', '– –'], ['pictures', 'Ana 🙂'], ['a wide blank', 'Ana\u3000Berg'], ['nothing', ''],
  ])('P8 is none: %s', (_, name) => { expect(faultOfName(name)).toBeDefined(); });

  test.each(['\uFE0F', '\uFE00', '\u{E0100}', '\u034F', '\u180B', '\u17B4', '\u17B5', '\u3164', '\uFFA0', '\u115F', '\u1160', '\u0640'])('P8 a name with a character that nobody sees is none, and is taken for the one without it: %j', (unseen) => {
    expect(faultOfName(`Elif${unseen} Fischer`)).toBeDefined();
    expect(confusedWith('Elif Fischer', [`Elif${unseen} Fischer`])).toBeDefined();
  });

  test.each([
    ['Cyrillic', 'Copa', 'Сора'], ['one for l', 'Paul Hill', 'Pau1 Hi11'], ['rn for m', 'Tom Berg', 'Torn Berg'], ['case', 'Ivo Quality', 'IVO QUALITY'], ['blanks and points', 'Ana Berg', 'Ana  Berg.'], ['zero', 'Otto', '0tt0'],
    ['big I for small l', 'Al Hall', 'AI HaIl'], ['Greek', 'Ana Berg', 'Αna Βerg'], ['composed and not', 'Zoë', 'Zoe\u0308'],
  ])('P8 is taken for another: %s', (_, one, other) => {
    expect(confusedWith(other, ['Somebody Else', one])).toBe(one);
  });

  test('P8 a suffix tells them apart, and different names are different', () => {
    expect(confusedWith('Ana Berg (Basel)', ['Ana Berg'])).toBeUndefined();
    expect(confusedWith('Ana Bergs', ['Ana Berg', 'Anna Berg'])).toBeUndefined();
  });

  test('P8 of two lists, those that are taken for one another', () => {
    expect(confusedPairs(['Elif Fischer', 'Ana Berg', 'Al Hall'], ['ANA BERG', 'Ana Bergs', 'AI HaIl'])).toEqual([['Ana Berg', 'ANA BERG'], ['Al Hall', 'AI HaIl']]);
  });

  test('P8 none of the demo\'s names is refused or taken for another', () => {
    const names = Array.from({ length: 420 }, (_, n) => nameOf(n));
    expect(names.filter((name) => faultOfName(name))).toEqual([]);
    expect([0, 1].map((n) => new Set(names.map((name) => skeletonsOf(name)[n])).size)).toEqual([420, 420]);
  });

  test('P8 titles say doses', () => {
    expect([faultOfName('TGF-β ≥ 5 µg + placebo®', 'title'), faultOfName('A\u202EB', 'title') === undefined]).toEqual([undefined, false]);
    expect(faultOfName('TGF-β ≥ 5 µg')).toBeDefined();
  });
});
