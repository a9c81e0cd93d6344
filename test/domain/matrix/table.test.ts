import fc from 'fast-check';
import { csvText, parseCsv } from '../../../api/csv';
import type { Duration } from '../../../contracts/duration';
import { instantOf, type Instant } from '../../../contracts/instant';
import { matrixRowSchema, type MatrixRow } from '../../../contracts/matrix';
import { CHANNELS } from '../../../contracts/notice';
import { COLUMNS, escaped, readLines } from '../../../domain/matrix/columns';
import { rowDifference } from '../../../domain/matrix/difference';
import type { Directory } from '../../../domain/matrix/directory';
import { durationText, parseDuration } from '../../../domain/matrix/durationText';
import { readTable } from '../../../domain/matrix/readTable';
import { rowKeyOf, sameRow } from '../../../domain/matrix/row';
import { writeTable } from '../../../domain/matrix/writeTable';
import { contactOf, NOW, rowOf } from './rows';

const ORGANISATIONS = ['spo', 'cro', 'cro2'];
const directoryWith = (names: readonly string[], codes: readonly string[]): Directory => ({
  studies: codes.map((code, index) => ({ id: `st${String(index + 1)}`, code, organisationIds: ORGANISATIONS })),
  organisations: ORGANISATIONS.map((id, index) => ({ id, name: names[index] ?? id })),
  people: ORGANISATIONS.flatMap((organisationId) => [1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => ({ id: `${organisationId}-${String(n)}`, email: `${organisationId}.${String(n)}@example.org`, organisationId }))),
});
const DIRECTORY = directoryWith(['Sponsor, Inc.', 'CRO "One"', 'CRO Two'], ['ST-1', '=2+3']);

const duration: fc.Arbitrary<Duration> = fc.oneof(
  fc.record({ kind: fc.constant('calendar' as const), ms: fc.oneof(fc.integer({ min: 1000, max: 366 * 24 * 3_600_000 }), fc.integer({ min: 1, max: 90 }).map((n) => n * 86_400_000)) }),
  fc.record({ kind: fc.constant('business' as const), unit: fc.constant('days' as const), amount: fc.integer({ min: 1, max: 2000 }) }),
  fc.record({ kind: fc.constant('business' as const), unit: fc.constant('hours' as const), amount: fc.double({ min: 1e-9, max: 2000, noNaN: true }) }),
);

test('S1.2 a duration reads back as it was written', () => {
  fc.assert(fc.property(duration, (given) => { expect(parseDuration(durationText(given))).toEqual(given); }), { numRuns: 2000 });
  expect([parseDuration('10 BD'), parseDuration('1.5bh'), parseDuration('24 h')].map((one) => one && durationText(one))).toEqual(['10 bd', '1.5 bh', '1 d']);
  for (const wrong of ['', '10', 'bd', '1.5 bd', '0 h', '-1 h', '500 ms', '1..5 h', '10 weeks', '9999999 d']) expect([wrong, parseDuration(wrong)]).toEqual([wrong, undefined]);
});

test('no cell is left for a spreadsheet to run, and the mark comes off again', () => {
  const cell = fc.oneof(fc.string(), fc.tuple(fc.constantFrom('=', '+', '-', '@', "'", "''", "'=", '＝'), fc.string()).map((parts) => parts.join('')));
  fc.assert(fc.property(cell, (text) => {
    const trimmed = text.trim();
    expect(escaped(trimmed)).not.toMatch(/^[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]/u);
    const { lines } = readLines([[...COLUMNS], COLUMNS.map((column) => escaped(column === 'study' ? trimmed : 'x'))]);
    expect(lines[0]?.cells.study).toBe(trimmed);
  }));
});

describe('E1 an exported table reads back as the same rows', () => {
  const organisations = fc.constantFrom(['spo'], ['spo', 'cro'], ['spo', 'cro2'], ['cro', 'cro2']);
  const channel = fc.constantFrom(...CHANNELS);
  const row: fc.Arbitrary<MatrixRow> = organisations.chain((organisationIds) => {
    const contact = fc.record({
      organisationId: fc.constantFrom(...organisationIds), level: fc.integer({ min: 1, max: 8 }), one: fc.integer({ min: 1, max: 9 }), other: fc.integer({ min: 1, max: 9 }), channel, fallback: fc.option(channel, { nil: undefined }),
    }).map(({ organisationId, level, one, other, channel: first, fallback }) => ({
      organisationId, level, personId: `${organisationId}-${String(one)}`, deputyId: `${organisationId}-${String(other)}`, channel: first, ...(fallback && { fallback }),
    }));
    const location = fc.oneof(fc.string({ minLength: 1, maxLength: 60, unit: 'grapheme' }), fc.constantFrom('=1+1', "'=x", 'a;b,c "d"\r\nline 2', '-80 freezer'))
      .map((text) => text.trim()).filter((text) => text !== '' && text.length <= 200);
    return fc.record({
      studyId: fc.constantFrom(null, 'st1', 'st2'), topic: fc.constantFrom('*', 'demo', 'safety'), organisationIds: fc.constant(organisationIds), policyKey: fc.constantFrom('default', 'security', '+plus'),
      contacts: fc.array(contact, { minLength: 1, maxLength: 8 }), phi: fc.boolean(), phiChannels: fc.uniqueArray(channel, { minLength: 1, maxLength: CHANNELS.length }),
      frequency: fc.option(fc.record({ every: duration, grace: duration, organisationId: fc.constantFrom(...organisationIds), capaAfter: fc.option(fc.integer({ min: 1, max: 50 }), { nil: undefined }) }), { nil: undefined }),
      filing: fc.option(fc.record({ tmfReference: fc.constantFrom('01', '01.05', '01.05.03'), location, responsibleOrganisationId: fc.constantFrom(...organisationIds) }), { nil: undefined }),
    }).map(({ frequency, filing, ...rest }) => matrixRowSchema.parse({ ...rest, ...(frequency && { frequency }), ...(filing && { filing }) }))
      // Both sides are named by their contacts: a row that routes has them.
      .map((made) => ({ ...made, contacts: [...organisationIds.map((id) => contactOf(id, 1)), ...made.contacts] }));
  });
  const name = fc.oneof(fc.string({ minLength: 1, maxLength: 30 }), fc.constantFrom('cro', 'Spo', '=cmd', "'x", '(none)')).map((text) => text.trim()).filter((text) => text !== '');

  test('E1 whatever the names, the texts and the organisations are', () => {
    const rows = fc.uniqueArray(row, { minLength: 1, maxLength: 6, selector: rowKeyOf });
    fc.assert(fc.property(rows, fc.array(name, { minLength: 3, maxLength: 3 }), fc.array(name, { minLength: 2, maxLength: 2 }), (given, names, codes) => {
      const directory = directoryWith(names, codes);
      const at: Instant = instantOf(0);
      const text = csvText(writeTable(given.map((one) => ({ ...one, effectiveFrom: at, signatures: '=Ana, executive of Spo; approval' })), directory));
      const parsed = parseCsv(text);
      if ('brokenAt' in parsed) throw new Error(parsed.message);
      const read = readTable(readLines(parsed.records).lines, { directory, now: NOW });
      expect(read.mistakes).toEqual([]);
      expect(read.rows.map(({ rowKey }) => rowKey).toSorted()).toEqual(given.map(rowKeyOf).toSorted());
      for (const one of given) {
        const back = read.rows.find(({ rowKey }) => rowKey === rowKeyOf(one));
        expect(back && [back.whole, back.effectiveFrom, sameRow(back.row, one)]).toEqual([true, at, true]);
      }
    }), { numRuns: 250 });
  });

  test('E1 with semicolons too, with and without byte-order mark', () => {
    const [header = '', ...lines] = [['study', 'topic', 'organisation', 'level', 'contact', 'deputy', 'channel', 'policy'], ['ST-1', 'demo', 'spo', '1', 'spo.1@example.org', 'SPO.2@example.org', 'Email', 'default']].map((cells) => cells.join(';'));
    for (const text of [[header, ...lines].join('\n'), `\uFEFF${[header, ...lines].join('\r\n')}\r\n\r\n`]) {
      const parsed = parseCsv(text);
      const { rows, mistakes } = readTable(readLines('records' in parsed ? parsed.records : []).lines, { directory: DIRECTORY, now: NOW });
      expect([mistakes, rows.map(({ row: { contacts } }) => contacts)]).toEqual([[], [[{ organisationId: 'spo', level: 1, personId: 'spo-1', deputyId: 'spo-2', channel: 'email' }]]]);
    }
  });
});

describe('E1 rows of several organisations', () => {
  const lines = (...cells: readonly (readonly string[])[]) => readLines([['study', 'topic', 'organisation', 'with', 'level', 'contact', 'deputy', 'channel', 'policy'], ...cells]).lines;
  const line = (organisation: string, other = '') => ['ST-1', 'demo', organisation, other, '1', `${organisation}.1@example.org`, `${organisation}.2@example.org`, 'email', 'default'];
  const read = (...cells: readonly (readonly string[])[]) => readTable(lines(...cells), { directory: DIRECTORY, now: NOW });

  test('E1 two organisations of a study and topic are one row; with three, each line says with whom', () => {
    expect(read(line('spo'), line('cro')).rows.map(({ rowKey }) => rowKey)).toEqual(['st1/demo/cro+spo']);
    expect(read(line('spo', 'cro'), line('cro', 'spo'), line('spo', 'cro2'), line('cro2', 'spo')).rows.map(({ rowKey }) => rowKey)).toEqual(['st1/demo/cro+spo', 'st1/demo/cro2+spo']);
    expect(read(line('spo'), line('cro'), line('cro2')).mistakes).toEqual([{ row: 4, column: 'with', message: 'more than two organisations in this study and topic: name the other one of this row' }]);
  });

  test('rows are counted as a spreadsheet shows them: blank lines too, a cell of two lines once', () => {
    const parsed = parseCsv(['study,topic,organisation,level,contact,deputy,channel,policy', '', '"ST-1\n",demo,spo,1,spo.1@example.org,spo.2@example.org,email,default', 'ST-1,demo,spo,9,nobody@example.org,,fax,default'].join('\n'));
    const { mistakes } = readTable(readLines('records' in parsed ? parsed.records : []).lines, { directory: DIRECTORY, now: NOW });
    expect(mistakes.map(({ row, column }) => `${String(row)} ${column ?? ''}`)).toEqual(['4 level', '4 contact', '4 deputy', '4 channel']);
  });

  test('a table that cannot be read says where', () => {
    expect(parseCsv('study,topic\nx,"y\nz')).toEqual({ brokenAt: 2, message: 'a quotation mark is not closed' });
    expect(parseCsv('study,topic\nx,y\nx,a"b')).toMatchObject({ brokenAt: 3 });
    expect(readLines([['study', 'fax', 'study']]).mistakes.map(({ column, message }) => column ?? message)).toEqual(['there is no column fax', 'study', 'topic', 'organisation', 'level', 'contact', 'deputy', 'channel', 'policy']);
  });
});

test('E16 Q2 after how many missed slots a CAPA is opened: a whole number beside a frequency, or nothing', () => {
  const header = ['study', 'topic', 'organisation', 'level', 'contact', 'deputy', 'channel', 'policy', 'frequency', 'frequency_grace', 'frequency_organisation', 'frequency_capa_after'];
  const read = (...cells: readonly string[]) => readTable(readLines([header, ['ST-1', 'demo', 'spo', '1', 'spo.1@example.org', 'spo.2@example.org', 'email', 'default', ...cells]]).lines, { directory: DIRECTORY, now: NOW });
  expect(read('10 bd', '2 bd', 'spo', '3').rows[0]?.row.frequency).toMatchObject({ organisationId: 'spo', capaAfter: 3 });
  expect(read('10 bd', '2 bd', 'spo', '').rows[0]?.row.frequency).not.toHaveProperty('capaAfter');
  const faults = (...cells: readonly string[]) => read(...cells).mistakes.map(({ column }) => column);
  expect(['0', '51', '2.5', 'never'].map((text) => faults('10 bd', '2 bd', 'spo', text))).toEqual(Array.from({ length: 4 }, () => ['frequency_capa_after']));
  expect(faults('', '', '', '3')).toEqual(['frequency']);
});

test('E1 the difference of two versions names each level and field that changed, and nothing else', () => {
  const before = rowOf();
  expect(rowDifference(before, { ...before, contacts: before.contacts.toReversed(), organisationIds: ['cro', 'spo'] })).toEqual([]);
  const contacts = before.contacts.map((contact) => (contact.organisationId === 'cro' && contact.level === 1 ? { ...contact, personId: 'cro-9' } : contact));
  const { filing: _filing, ...rest } = before;
  expect(rowDifference(before, { ...rest, contacts, phi: true }).map(({ field, old, new: next }) => [field, old !== null, next !== null])).toEqual([['filing', true, false], ['phi', true, true], ['contacts/cro/1', true, true]]);
  expect(rowDifference(undefined, before).map(({ field }) => field)).toContain('contacts/spo/4');
});
