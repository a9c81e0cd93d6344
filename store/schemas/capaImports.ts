import type { Instant } from '../../contracts/instant';
import { administered, type AdministeredDoc } from './administered';
import { anything, defineSchema, integer, text } from './definition';
import type { ByPerson } from './evidence';

/** One table of CAPAs that was brought in; `_id` follows from who asked with which Idempotency-Key. */
export interface CapaImportDoc extends AdministeredDoc {
  readonly organisationId: string;
  readonly fileSha256: string;
  readonly catchUpAt: Instant;
  readonly rows: number;
  /** How many came in at each state. */
  readonly states: Readonly<Record<string, number>>;
  /** CAPAs of which something was overdue. */
  readonly overdue: number;
  readonly importedBy: ByPerson;
}
export const capaImportSchema = defineSchema<CapaImportDoc>('capa_imports', {
  ...administered, organisationId: text, fileSha256: text, catchUpAt: text, rows: integer, states: anything, overdue: integer, importedBy: anything,
});

/** One line of it; `_id` is `<accountable organisation>/<external number>`, so that none is brought in twice. */
export interface CapaImportRowDoc {
  readonly _id: string;
  readonly importId: string;
  readonly row: number;
  readonly externalNumber: string;
  readonly recordId: string;
  readonly number: string;
  readonly commandId: string;
  readonly status: string;
}
export const capaImportRowSchema = defineSchema<CapaImportRowDoc>('capa_import_rows', {
  _id: text, importId: text, row: integer, externalNumber: text, recordId: text, number: text, commandId: text, status: text,
});
