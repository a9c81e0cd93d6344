import type { ClosedSlot } from '../../contracts/control';
import { anything, defineSchema, integer, nullableText, text } from './definition';

/** A slot that has ended, written with the step that ended it; `_id` is `<control>/<no>`, so that none has two fates. */
export interface SlotDoc extends ClosedSlot {
  readonly _id: string;
  readonly controlId: string;
  /** Revision of the control that closed it. */
  readonly rev: number;
}

export const slotSchema = defineSchema<SlotDoc>('slots', {
  _id: text, controlId: text, rev: integer, no: integer, fate: text, from: text, due: nullableText, until: text, closedAt: text, contact: anything, reason: nullableText,
});
