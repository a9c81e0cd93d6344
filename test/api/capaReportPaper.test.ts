import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Block, PlannedDocument } from '../../contracts/document';
import { instantOf } from '../../contracts/instant';
import { appendTo } from '../../domain/audit/chain';
import { renderPdf } from '../../platform/pdf';
import { testWhen } from '../support/needs';
import { attachedTo, bytesOf, checkSyntax, fontsOf, lettersOf, PDF_TOOLS_REMEDY, pdfTools, textOf, VERAPDF_REMEDY, verapdfRuns, verdictOf } from '../support/pdfTools';
import { rendered } from '../support/renderReport';
import { LONG_WORD, playReported, reportedSources } from '../support/reportedCapa';

const TIMEOUT_MS = 120_000;
jest.setTimeout(TIMEOUT_MS);
const DIST = path.join(__dirname, '../../dist');
const sources = reportedSources(playReported());
const report = rendered(sources);
const withTools = testWhen(pdfTools, PDF_TOOLS_REMEDY);
const withVerapdf = testWhen(verapdfRuns, VERAPDF_REMEDY);

const planOf = (blocks: Iterable<Block>): PlannedDocument => ({
  title: 'T', header: 'H', footer: 'F', language: 'en', at: instantOf(0), blocks, attachment: { name: 'a.json', mediaType: 'application/json', description: 'd', bytes: Buffer.from('{}') },
});

/** Makes the report in a process of its own, years later, elsewhere; answers its SHA-256. */
function madeElsewhere(file: string, env: Readonly<Record<string, string>>): string {
  const script = `
    const Real = Date;
    globalThis.Date = class extends Real { constructor(...given) { given.length === 0 ? super(Real.now() + 9e10) : super(...given); } static now() { return Real.now() + 9e10; } };
    const { createHash } = require('node:crypto');
    const { capaReport, reportText } = require(${JSON.stringify(`${DIST}/domain/capaReport/report.js`)});
    const { reportDocument } = require(${JSON.stringify(`${DIST}/domain/capaReport/document.js`)});
    const { renderPdf } = require(${JSON.stringify(`${DIST}/platform/pdf.js`)});
    const text = reportText(capaReport(JSON.parse(require('node:fs').readFileSync(process.argv[1], 'utf8'))));
    const bytes = Buffer.from(text);
    const hash = createHash('sha256');
    renderPdf(reportDocument({ text, bytes, sha256: createHash('sha256').update(bytes).digest('hex') })).on('data', (part) => hash.update(part)).on('end', () => console.log(hash.digest('hex')));
  `;
  return execFileSync(process.execPath, ['-e', script, file], { env: { PATH: process.env['PATH'] ?? '', ...env } }).toString().trim();
}

describe('the report on paper', () => {
  test('P15 the same bytes again, also in another process with another zone, language and day', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'cro-report-sources-'));
    try {
      const file = path.join(folder, 'sources.json');
      writeFileSync(file, JSON.stringify(sources));
      const { pdf } = await report;
      const here = createHash('sha256').update(pdf).digest('hex');
      expect((await rendered(sources)).pdf.equals(pdf)).toBe(true);
      expect(madeElsewhere(file, { TZ: 'Asia/Kathmandu', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' })).toBe(here);
      expect(madeElsewhere(file, { TZ: 'America/St_Johns', LANG: 'C' })).toBe(here);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('P15 says that it is PDF/A-3b, tagged, in English, not encrypted, with its fonts and its colours inside', async () => {
    const text = (await report).pdf.toString('latin1');
    for (const part of ['<pdfaid:part>3<', '<pdfaid:conformance>B<', '/OutputIntents', '/StructTreeRoot', '/Marked true', '/Lang (en)', '/Outlines', '/AFRelationship /Source', '/DisplayDocTitle true']) expect(text).toContain(part);
    expect(text).not.toMatch(/\/Encrypt|\/JavaScript|\/Type1/u);
    expect(text.match(/\/FontFile2 /gu)).toHaveLength(3);
  });

  test('P15 the attachment is the JSON, byte by byte, also to who has no program but a search', async () => {
    const { json, pdf } = await report;
    expect(pdf.includes(json)).toBe(true);
  });

  test('P15 a trail of 5,000 entries is given out page by page, in bounded memory', async () => {
    const drafts = Array.from({ length: 5000 }, (_item, index) => ({
      streamId: 'k1', at: instantOf(index * 1000), zone: 'UTC', actor: { kind: 'person', personId: 'ann', name: 'Ann', role: 'quality', organisationId: 'o' }, action: 'comment.added', correlationId: 'c', rev: index + 1,
      detail: { text: `Comment ${index}: ${'somebody looked at it and found it in order; '.repeat(6)}` },
    }) as const);
    const { entries, head } = appendTo({ streamId: 'k1', length: 0, head: '0'.repeat(64) }, drafts);
    const started = process.memoryUsage().rss;
    const { pdf } = await rendered({ ...sources, entries, record: { ...sources.record, chain: head } });
    const grown = process.memoryUsage().rss - started;
    expect(pdf.toString('latin1').match(/\/Type \/Page\n/gu)?.length).toBeGreaterThan(300);
    expect(grown).toBeLessThan(300 * 1_048_576);
  });

  test('P15 nothing is set before somebody reads, and no more than is read', async () => {
    let asked = 0;
    const rows = function* () { for (; asked < 20_000; asked += 1) yield [String(asked), 'a row like the others']; };
    const stream = renderPdf(planOf([{ kind: 'table', columns: [{ label: '#', share: 1 }, { label: 'What', share: 3 }], rows: rows() }]));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(asked).toBe(0);
    await new Promise((resolve) => stream.once('readable', resolve));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(asked).toBeLessThan(2000);
    stream.destroy();
  });

  test('P15 an empty document, an empty table and a row longer than a page are documents', async () => {
    const long = Array.from({ length: 400 }, (_line, index) => `line ${index}`).join('\n');
    for (const blocks of [[], [{ kind: 'heading', level: 1, text: 'Alone' }], [{ kind: 'table', columns: [{ label: 'A', share: 1 }], rows: [] }], [{ kind: 'facts', facts: [['Long', long], ['Short', 'x']] }]] as const) {
      const pdf = await bytesOf(renderPdf(planOf(blocks)));
      expect(pdf.subarray(-6).toString()).toContain('%%EOF');
      if (!pdfTools) continue;
      checkSyntax(pdf);
      const text = textOf(pdf);
      if (blocks.length === 1 && blocks[0].kind === 'facts') for (let index = 0; index < 400; index += 1) expect(text).toContain(`line ${index} `);
    }
  });
});

describe('as other programs read it', () => {
  withVerapdf('P15 veraPDF finds PDF/A-3b', async () => {
    expect(verdictOf((await report).pdf, '3b')).toBe('PASS');
  });

  withTools('P15 its syntax is sound, every font is inside, the attachment is the JSON', async () => {
    const { json, pdf } = await report;
    expect(checkSyntax(pdf)).toContain('No syntax or stream encoding errors found');
    // name, type, encoding, then: embedded, subset, unicode.
    expect(fontsOf(pdf).map((line) => /(yes|no) +(yes|no) +(yes|no) +\d+ +\d+$/u.exec(line)?.slice(1))).toEqual([['yes', 'yes', 'yes'], ['yes', 'yes', 'yes'], ['yes', 'yes', 'yes']]);
    expect(attachedTo(pdf).equals(json)).toBe(true);
  });

  withTools('P5 P15 its text has every signature with name, role, organisation, meaning, zone and hash, every evidence hash, every entry', async () => {
    const { json, pdf } = await report;
    const { signatures, evidence, trail } = JSON.parse(json.toString()) as { signatures: Record<string, string>[]; evidence: { sha256: string; fileName: string }[]; trail: { entries: { hash: string }[] } };
    const letters = lettersOf(textOf(pdf));
    const named = (name: string): string => lettersOf(name.replaceAll(/\p{Script=Hebrew}/gu, (letter) => `[U+0${(letter.codePointAt(0) ?? 0).toString(16).toUpperCase()}]`));
    expect(signatures.length).toBeGreaterThan(10);
    for (const { printedName = '', role = '', organisationName = '', meaning = '', zone = '', contentHash = '' } of signatures) {
      for (const said of [named(printedName), role, lettersOf(organisationName), meaning, zone, contentHash]) expect(letters).toContain(said);
    }
    for (const { sha256, fileName } of evidence) for (const said of [sha256, lettersOf(fileName)]) expect(letters).toContain(said);
    for (const { hash } of trail.entries) expect(letters).toContain(hash);
    expect(letters).toContain(LONG_WORD);
    expect(letters).toContain('[U+9375][U+304C]');
  });

  withTools('P15 pages are numbered, and headings of tables repeated', async () => {
    const text = textOf((await report).pdf);
    const pages = [...text.matchAll(/Page (\d+) of (\d+)/gu)];
    expect(pages.map(([, page]) => Number(page))).toEqual(pages.map((_page, index) => index + 1));
    expect(new Set(pages.map(([, , total]) => Number(total)))).toEqual(new Set([pages.length]));
    expect(text.match(/When \(UTC\)/gu)?.length).toBeGreaterThan(3);
  });
});
