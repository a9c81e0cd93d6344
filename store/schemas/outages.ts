import type { Instant } from '../../contracts/instant';
import type { Beat, Gap } from '../../domain/lateness/outage';
import { anything, defineSchema, integer, text } from './definition';

/** The last sign of life of one kind of process, updated in place. */
export interface HeartbeatDoc extends Beat { readonly _id: string }
export const heartbeatSchema = defineSchema<HeartbeatDoc>('heartbeats', { _id: text, at: text, everyMs: integer, workerStartedAt: text, turns: anything });

/** A gap between two beats; never changed. `_id` is `<process>-<from>` without punctuation. */
export interface OutageDoc extends Gap {
  readonly _id: string;
  /** Whose beats were missing. */
  readonly process: string;
  readonly everyMs: number;
  readonly workerStartedAt: Instant;
}
export const outageSchema = defineSchema<OutageDoc>('outages', {
  _id: text, process: text, from: text, until: text, lastedMs: integer, everyMs: integer, cause: text, known: text, workerStartedAt: text,
});
