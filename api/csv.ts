import { CsvError, parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import express, { type RequestHandler } from 'express';
import { invalid } from './problem';
import type { Route } from './route';

/** Tables are larger than other bodies: 2,000 lines of 500 characters. */
const CSV_LIMIT = '1mb';
const readBytes = express.raw({ type: 'text/csv', limit: CSV_LIMIT });

/** Takes `text/csv` where a route says so, as text: UTF-8, with or without byte-order mark. Every other body goes on. */
export function csvBodies(routes: readonly Route[]): RequestHandler {
  const taking = new Set(routes.filter(({ bodyType }) => bodyType === 'text/csv').map(({ method, path }) => `${method.toUpperCase()} ${path}`));
  return (req, res, next) => {
    if (!taking.has(`${req.method} ${req.path}`)) {
      next();
      return;
    }
    const hasBody = req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0;
    if (hasBody && !req.is('text/csv')) throw invalid([{ field: 'Content-Type', message: 'must be text/csv' }]);
    readBytes(req, res, (error?: unknown) => {
      if (error === undefined && Buffer.isBuffer(req.body)) req.body = textOf(req.body) ?? undefined;
      if (error === undefined && hasBody && typeof req.body !== 'string') next(invalid([{ field: 'body', message: 'not UTF-8: save the table as “CSV UTF-8”' }]));
      else next(error);
    });
  };
}

function textOf(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Records of a table, its header first; or the row at which it cannot be read, and why. Commas or semicolons, as the header has them. */
export function parseCsv(text: string): { readonly records: readonly (readonly string[])[] } | { readonly brokenAt: number; readonly message: string } {
  const header = /^[^\r\n]*/u.exec(text)?.[0] ?? '';
  const delimiter = header.split(';').length > header.split(',').length ? ';' : ',';
  try {
    return { records: parse(text, { bom: true, delimiter, record_delimiter: ['\r\n', '\n', '\r'], relax_column_count: true }) };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const records = (error as { records?: unknown }).records;
    return { brokenAt: (typeof records === 'number' ? records : 0) + 1, message: MESSAGES[error.code] ?? 'cannot be read as CSV' };
  }
}

const MESSAGES: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a quotation mark is not closed',
  CSV_INVALID_CLOSING_QUOTE: 'a quotation mark stands within a quoted cell: double it',
  INVALID_OPENING_QUOTE: 'a quotation mark stands within a cell: quote the whole cell and double it',
};

/** Rows as CSV with a byte-order mark, so that spreadsheets take it for UTF-8. */
export function csvText(rows: readonly (readonly string[])[]): string {
  return stringify(rows.map((row) => [...row]), { bom: true, record_delimiter: '\r\n' });
}

/**
 * The same, as it comes: header first, one text a page. Every cell is quoted, so that a table opened with another
 * separator (semicolons, as in half of Europe) has no cell that begins in the middle of one.
 */
export async function* csvPages(header: readonly string[], pages: AsyncIterable<readonly (readonly string[])[]>): AsyncGenerator<string> {
  const textOfRows = (rows: readonly (readonly string[])[], bom: boolean): string => stringify(rows.map((row) => [...row]), { bom, quoted: true, quoted_empty: true, record_delimiter: '\r\n' });
  yield textOfRows([header], true);
  for await (const rows of pages) yield textOfRows(rows, false);
}
