import type { AuditEntry, Seal } from '../../contracts/audit';
import type { Instant } from '../../contracts/instant';
import { anything, defineSchema, integer, optionalText, text } from './definition';

/** `_id` is `<stream>/<seq>`: a second entry at the same place is a duplicate key. */
export interface AuditDoc extends AuditEntry {
  readonly _id: string;
  /** Absent on entries from before the trail was sealed (store/sealing.ts). */
  readonly seal?: Seal;
}
export const auditSchema = defineSchema<AuditDoc>('audit', {
  _id: text, streamId: text, seq: integer, prevHash: text, hash: text, at: text, zone: text, actor: anything, action: text,
  field: optionalText, old: anything, new: anything, reason: optionalText, detail: anything, correlationId: text,
  rev: { type: Number }, visibleTo: { type: [String], default: undefined }, seal: anything, documents: anything,
});

/** A daily anchor: Merkle root over the head and length of every chain. */
export interface AnchorDoc {
  readonly _id: string;
  readonly seq: number;
  readonly at: Instant;
  readonly root: string;
  readonly previousRoot: string;
  readonly streams: number;
  /** Pages of leaves; a page beyond them is what a crashed attempt left behind. */
  readonly pages: number;
}
export const anchorSchema = defineSchema<AnchorDoc>('anchors', {
  _id: text, seq: integer, at: text, root: text, previousRoot: text, streams: integer, pages: integer,
});

/** The leaves of an anchor, in pages sorted by stream (a document holds 16 MB at most); `_id` is `<anchor>/<page>`, from page 0. */
export interface AnchorLeavesDoc {
  readonly _id: string;
  readonly anchorId: string;
  readonly page: number;
  readonly heads: readonly { readonly streamId: string; readonly length: number; readonly head: string }[];
}
export const anchorLeavesSchema = defineSchema<AnchorLeavesDoc>('anchor_leaves', { _id: text, anchorId: text, page: integer, heads: anything });
