import type { EscalationCommand, Track } from '../../contracts/escalation';
import type { Instant } from '../../contracts/instant';
import type { IssueDraft } from './climb';

/** What carrying out an act gets to see. */
export interface Doing<A extends EscalationCommand['act']> {
  readonly draft: IssueDraft;
  readonly body: Extract<EscalationCommand, { act: A }>['body'];
  /** The acting person; empty for the product itself, whose acts name people in their bodies. */
  readonly personId: string;
  readonly own: Track;
  readonly now: Instant;
}
export type Acts<Names extends EscalationCommand['act']> = { readonly [A in Names]: (doing: Doing<A>) => void };

export const note = (text: string | undefined): { reason?: string } => (text === undefined ? {} : { reason: text });
