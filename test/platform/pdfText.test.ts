import fc from 'fast-check';
import { printable, unitsOf, wrapped } from '../../platform/pdfText';

const ones = (text: string): number => Array.from(text).length;
const anyText = fc.string({ unit: 'binary', maxLength: 200 });
const everything = (): boolean => true;

describe('text for print', () => {
  test.each<{ what: string; given: string; shown: string; has?: (codePoint: number) => boolean }>([
    { what: 'what the font does not have', given: 'a漢b', shown: 'a[U+6F22]b', has: (codePoint) => codePoint < 0x3000 },
    { what: 'what turns the reading direction', given: 'a\u202Eb', shown: 'a[U+202E]b' },
    { what: 'what nobody sees', given: 'a\u200Bb\u0000c\u00ADd', shown: 'a[U+200B]b[U+0000]c[U+00AD]d' },
    { what: 'what is read from right to left', given: 'שלום', shown: '[U+05E9][U+05DC][U+05D5][U+05DD]' },
    { what: 'what lies beyond the first plane', given: '🗝', shown: '[U+1F5DD]', has: () => false },
  ])('P15 $what stands as its code point', ({ given, shown, has = everything }) => {
    expect(printable(given, has)).toBe(shown);
  });

  test('P15 letters with diacritics, in whichever form, Greek and Cyrillic are printed as they are', () => {
    expect(printable('Zoe\u0308 Ωμέγα Київ\r\nŁódź', everything)).toBe('Zoë Ωμέγα Київ\nŁódź');
  });

  test('P15 nothing vanishes: each character is there, or its code point', () => {
    fc.assert(fc.property(anyText, (text) => {
      const shown = printable(text, (codePoint) => codePoint < 0x500);
      for (const character of text.normalize('NFC').replaceAll(/\r\n?/gu, '\n').replaceAll('\t', ' ')) {
        const code = `[U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`;
        expect(shown.includes(character) || shown.includes(code)).toBe(true);
      }
      expect(shown).not.toMatch(/[\u0500-\u{10FFFF}]/u);
    }));
  });
});

describe('lines', () => {
  test('P15 no line is wider than asked for, and no letter is lost or added', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), fc.integer({ min: 8, max: 60 }), (text, width) => {
      const lines = wrapped(text, width, ones);
      expect(lines.join('').replaceAll(/\s/gu, '')).toBe(text.replaceAll(/\s/gu, ''));
      for (const line of lines) if (unitsOf(line).length > 1) expect(ones(line)).toBeLessThanOrEqual(width);
    }));
  });

  test('P15 between words where it can, inside a word where it must, behind a hyphen', () => {
    expect(wrapped('one two three', 8, ones)).toEqual(['one two', 'three']);
    expect(wrapped('a abcdefghijkl b', 5, ones)).toEqual(['a', 'abcde', 'fghij', 'kl b']);
    expect(wrapped('root-cause', 6, ones)).toEqual(['root-', 'cause']);
    expect(wrapped('a\n\nb', 6, ones)).toEqual(['a', '', 'b']);
  });
});
