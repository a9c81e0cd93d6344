import type { Instant } from '../../contracts/instant';
import { defineSchema, integer, nullableText, text } from './definition';

/** Counts of one span of time or one target, for bounds that all processes share. Not a record: it expires. */
export interface TallyDoc {
  readonly _id: string;
  readonly count: number;
  /** Of a target: left alone until then. */
  readonly pausedUntil: Instant | null;
  /** A BSON date: MongoDB's expiry knows no other. */
  readonly expiresAt: Date;
}
export const tallySchema = defineSchema<TallyDoc>('tallies', { _id: text, count: integer, pausedUntil: nullableText, expiresAt: { type: Date, required: true } });
