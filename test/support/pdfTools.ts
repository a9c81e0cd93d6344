import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { faultOf, verapdfFolder } from '../verapdf/jars.mjs';

const runs = (program: string, argument: string): boolean => spawnSync(program, [argument]).error === undefined;

/** poppler's and qpdf's programs, which read what we wrote without knowing how. */
export const pdfTools = runs('pdftotext', '-v') && runs('qpdf', '--version');
export const PDF_TOOLS_REMEDY = 'pdftotext or qpdf is not here: apt-get install poppler-utils qpdf';

/** Folder of veraPDF's jars, where each is the one that test/verapdf pins. */
const verapdf = verapdfFolder();
export const verapdfRuns = faultOf(verapdf) === undefined && runs('java', '-version');
export const VERAPDF_REMEDY = 'veraPDF or java is not here: node test/verapdf/fetch.mjs (needs mvn)';

export async function bytesOf(stream: Readable): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

/** Text as pdftotext reads it; white space is one space, so that broken lines do not matter. */
export const textOf = (pdf: Buffer): string => withFile(pdf, (file) => execFileSync('pdftotext', [file, '-'], { maxBuffer: 1 << 28 }).toString('utf8').replaceAll(/\s+/gu, ' '));
/** Without any white space, for long words and hashes that were broken. */
export const lettersOf = (text: string): string => text.replaceAll(/\s+/gu, '');
/** Throws where qpdf finds a fault. */
export const checkSyntax = (pdf: Buffer): string => withFile(pdf, (file) => execFileSync('qpdf', ['--check', file]).toString());
/** Lines of pdffonts, without its headings. */
export const fontsOf = (pdf: Buffer): readonly string[] => withFile(pdf, (file) => execFileSync('pdffonts', [file]).toString().trim().split('\n').slice(2));
/** The one file that is attached. */
export function attachedTo(pdf: Buffer): Buffer {
  const folder = mkdtempSync(path.join(tmpdir(), 'cro-attached-'));
  try {
    withFile(pdf, (file) => execFileSync('pdfdetach', ['-saveall', '-o', folder, file]));
    const [name = ''] = readdirSync(folder);
    return readFileSync(path.join(folder, name));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** veraPDF's verdict against a flavour: `PASS`, or what it says. */
export function verdictOf(pdf: Buffer, flavour: '3b'): string {
  return withFile(pdf, (file) => {
    const { stdout, stderr } = spawnSync('java', ['-cp', path.join(verapdf, '*'), 'org.verapdf.apps.GreenfieldCliWrapper', '-f', flavour, '-v', '--format', 'text', file], { encoding: 'utf8' });
    return new RegExp(`^PASS .* ${flavour}$`, 'mu').test(stdout) ? 'PASS' : `${stdout}${stderr}`;
  });
}

function withFile<T>(pdf: Buffer, use: (file: string) => T): T {
  const folder = mkdtempSync(path.join(tmpdir(), 'cro-pdf-'));
  try {
    const file = path.join(folder, 'report.pdf');
    writeFileSync(file, pdf);
    return use(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
