import type { CapaState } from '../../contracts/capaState';
import type { ControlState } from '../../contracts/control';
import type { DrillState } from '../../contracts/drill';
import type { EscalationState } from '../../contracts/escalation';
import type { Capability } from '../../contracts/ids';
import type { Json } from '../../contracts/step';
import type { Content } from '../audit/changes';

/**
 * What of a state is no content: how far its machine has come, which its own facts tell of, and what some readers of the
 * record may not know (`shares`, `links`), whose facts say who may. Whatever else a state holds is content, new fields too.
 */
const NO_CONTENT: { readonly [C in Capability]: readonly (keyof StateOf[C])[] } = {
  escalation: ['status', 'tracks', 'plans', 'shares', 'links', 'resolvedBy', 'rejections', 'resolutionLate', 'resolutionLateUnder', 'reviewsLapsed', 'underReview', 'clearedAt'],
  control: ['status', 'slot', 'queued', 'counts', 'silentSlot', 'chasedAt', 'raisedAt', 'missedInRow', 'capaSlot', 'links'],
  drill: ['status', 'links'],
  capa: ['status', 'submitted', 'versions', 'stages', 'iterationFrom', 'watchOver', 'visibleTo', 'links'],
};
interface StateOf {
  readonly escalation: EscalationState;
  readonly control: ControlState;
  readonly drill: DrillState;
  readonly capa: CapaState;
}

/** The content in a record's state, of any release's shape. A pinned policy is named: its versions have a trail of their own. */
export function contentOf(capability: Capability, state: Json): Content {
  const none: readonly string[] = NO_CONTENT[capability];
  return Object.fromEntries(Object.entries(state as Content).filter(([field]) => !none.includes(field)).map(([field, value]) => [field, field === 'policy' ? named(value) : value]));
}

function named(policy: Json): Json {
  const { key = null, version = null } = policy as Content;
  return { key, version };
}
