import fc from 'fast-check';
import { csvPages, parseCsv } from '../../../api/csv';
import type { Json } from '../../../contracts/step';
import { CAPA_COLUMNS, capaRow } from '../../../domain/capaTable/row';
import { unescaped } from '../../../domain/tables/lines';
import { AFTER_ALL, playedCapa, playedRecord } from '../../support/measuredCapas';

/** Content as people and attackers write it. */
const content = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.tuple(fc.constantFrom('=', '+', '-', '@', '\t', '\r', '\n', '\t=', ' =', '\r\n=', "'=", "''@", '＝', '＋', '"=', ';=', ',=', '";=', '\n\n+'), fc.constantFrom('HYPERLINK("http://evil.example";"x")', 'cmd|\' /C calc\'!A0', '1+1', '', '"', ';', '\r\n')).map((parts) => parts.join('')),
);

async function tableOf(rows: readonly (readonly string[])[]): Promise<string> {
  const one = async function* (): AsyncGenerator<readonly (readonly string[])[]> { for (const row of rows) { await Promise.resolve(); yield [row]; } };
  let text = '';
  for await (const page of csvPages(CAPA_COLUMNS, one())) text += page;
  return text;
}

describe('the table of CAPAs', () => {
  const record = playedRecord(playedCapa(4), { id: 'k1', sponsor: 'spo', cro: 'cro', studyId: 'st1' });
  const rowWith = (title: string, reference: string) => capaRow({ ...record, content: { title, description: reference }, state: { ...(record.state as Record<string, Json>), source: { type: 'other', recordId: null, reference } } }, AFTER_ALL);

  test('Q15 no cell of any content begins what a spreadsheet runs, and reading it back gives the content', async () => {
    await fc.assert(fc.asyncProperty(content, content, async (title, reference) => {
      const text = await tableOf([rowWith(title, reference)]);
      const parsed = parseCsv(text);
      if ('brokenAt' in parsed) throw new Error(parsed.message);
      const [header, row = []] = parsed.records;
      expect(header).toEqual(CAPA_COLUMNS);
      expect(parsed.records).toHaveLength(2);
      for (const cell of row) expect(cell).not.toMatch(/^[\s]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|^[\t\r\n]/u);
      const cellOf = (column: string) => unescaped(row[CAPA_COLUMNS.indexOf(column)] ?? '');
      expect([cellOf('title'), cellOf('description'), cellOf('source_reference')]).toEqual([title, reference, reference]);
    }), { numRuns: 600 });
  });

  test('Q15 whatever the separator a spreadsheet assumes, no cell begins in the middle of one', async () => {
    const text = await tableOf([rowWith('see;=1+1', 'a\t=2\r\n=3')]);
    const lines = text.replace('\uFEFF', '').split('\r\n"');
    expect(lines.every((line) => /^"?[^"]/.test(line))).toBe(true);
    expect(text).toContain('"see;=1+1"');
    expect(text.startsWith('\uFEFF"number"')).toBe(true);
  });

  test('Q15 a CAPA that was given up or is a draft is neither late nor in time', () => {
    const cellOf = (status: string, column: string) => capaRow({ ...record, state: { ...(record.state as Record<string, Json>), status } }, AFTER_ALL)[CAPA_COLUMNS.indexOf(column)];
    expect(['rejected', 'cancelled', 'draft'].map((status) => cellOf(status, 'late_original'))).toEqual(['', '', '']);
  });
});
