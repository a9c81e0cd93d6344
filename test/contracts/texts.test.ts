import fc from 'fast-check';
import { textFault } from '../../contracts/texts';

test.each([
  ['a high half alone', 'site \ud800 12', 'half of a character'], ['a low half alone', '\udc00', 'half of a character'], ['a whole character of two halves', 'ok \u{1F4CB}', undefined],
  ['zero-width characters only', '\u200b\u200d\ufeff', 'can be seen'], ['marks only', '\u0301\u0301', 'can be seen'], ['a Hangul filler', '\u3164', 'can be seen'], ['the blank of Braille', '\u2800', 'can be seen'],
  ['directions only', '\u202e\u2066', 'can be seen'], ['a control character', '\u0007', 'can be seen'], ['blanks, which the field trims', ' \t\u00a0', undefined], ['nothing', '', undefined],
  ['one letter', 'x', undefined], ['a number', '7', undefined], ['a sign', '✓', undefined], ['Thai with marks', 'กำหนด', undefined], ['a letter between zero-width characters', '\u200bé\u200b', undefined],
])('P1 %s', (_, text, fault) => {
  expect(textFault(text)).toEqual(fault === undefined ? undefined : expect.stringContaining(fault));
});

test('P1 whatever passes can be written as UTF-8 and read again', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => {
    if (textFault(text) === undefined) expect(Buffer.from(text, 'utf8').toString('utf8')).toBe(text);
  }));
});
