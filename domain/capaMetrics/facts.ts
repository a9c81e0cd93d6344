import type { ActionState, CapaState, PastIteration } from '../../contracts/capaState';
import { CAPA_STATUSES, type CapaStatus, type Outcome } from '../../contracts/capaWords';
import type { Instant } from '../../contracts/instant';
import type { ArmedDeadline } from '../../contracts/step';

/** What figures look at in a CAPA; all of it stands in the answer of its route, too. */
export interface MeasuredCapa extends Pick<CapaState,
  'id' | 'status' | 'classification' | 'openedAt' | 'closedAt' | 'iteration' | 'stages' | 'extensions' | 'returns' | 'proposals' | 'recurrence' | 'monitoringExtended' | 'watchOver'> {
  readonly actions: readonly MeasuredAction[];
  readonly plan: MeasuredPlan | null;
  readonly result: { readonly outcome: Outcome } | null;
  readonly past: readonly (Pick<PastIteration, 'no' | 'endedAt' | 'outcome'> & {
    readonly actions: readonly MeasuredAction[]; readonly plan: MeasuredPlan | null; readonly result: { readonly outcome: Outcome } | null;
  })[];
  /** It did not begin here: what was due, returned or signed before is not known to the product. */
  readonly imported?: { readonly status: CapaStatus; readonly extensions: readonly { readonly count: number }[] };
  /** Deadlines that run now; a running stage has its due instant from here. */
  readonly armed: readonly Pick<ArmedDeadline, 'name' | 'due' | 'warning'>[];
}
export type MeasuredAction = Pick<ActionState, 'id' | 'kind' | 'originalDue' | 'due' | 'reported'>;
export interface MeasuredPlan {
  readonly actions: readonly { readonly id: string; readonly level?: string | undefined }[];
}

/** One round of a CAPA: what was tried, or is being tried. */
export type Round = Pick<MeasuredCapa['past'][number], 'actions' | 'plan' | 'result'> & { readonly no: number };

/** Past iterations and the present one, in order. */
export const roundsOf = ({ past, iteration, actions, plan, result }: MeasuredCapa): readonly Round[] => [...past, { no: iteration, actions, plan, result }];

const stagesOf = (capa: MeasuredCapa, round: number, name: string) => capa.stages.filter((stage) => stage.name === name && stage.iteration === round);

/** Whether a CAPA was still before a state when it came to the product; its later iterations are all of the product. */
const cameBefore = ({ imported }: MeasuredCapa, round: number, status: CapaStatus): boolean =>
  round > 1 || imported === undefined || CAPA_STATUSES.indexOf(imported.status) < CAPA_STATUSES.indexOf(status);

/** Whether every due date of a CAPA is known: none was met or missed before it came in. */
export const datesKnown = (capa: MeasuredCapa): boolean => cameBefore(capa, 1, 'investigation');

/** A closing with all its signatures; `reopenedAt` when quality signed later that it had not worked after all. */
export interface Closing {
  readonly round: number;
  readonly at: Instant;
  readonly reopenedAt: Instant | null;
}

/** Every closing that a CAPA ever had. That one was undone does not undo that it was. */
export function closingsOf(capa: MeasuredCapa): readonly Closing[] {
  const undone = capa.past.filter(({ outcome }) => outcome === 'recurred').flatMap(({ no, endedAt }): Closing[] => {
    const at = stagesOf(capa, no, 'closure').find((stage) => stage.endedAt !== null)?.endedAt;
    return at == null ? [] : [{ round: no, at, reopenedAt: endedAt }];
  });
  return capa.closedAt === null ? undone : [...undone, { round: capa.iteration, at: capa.closedAt, reopenedAt: null }];
}

/** When it was rejected or cancelled; undefined: it was not. */
function givenUpAt({ status, proposals }: MeasuredCapa): Instant | undefined {
  const proposal = status === 'rejected' ? proposals.rejection : status === 'cancelled' ? proposals.cancellation : null;
  return proposal?.decided?.at;
}

/** Whether it was open at an instant. What happened at the instant itself has not happened yet: periods are half-open. */
export function wasOpen(capa: MeasuredCapa, at: Instant): boolean {
  const end = givenUpAt(capa);
  if (capa.openedAt >= at || (end !== undefined && end < at)) return false;
  return !closingsOf(capa).some((closing) => closing.at < at && !(closing.reopenedAt !== null && closing.reopenedAt < at));
}

/** A signed assessment of the effect. */
export interface Assessment {
  readonly round: number;
  /** Counted from 1 within the round. */
  readonly no: number;
  readonly at: Instant;
  readonly outcome: Outcome;
}

/** Every assessment signed here. Another one follows in the same round only an inconclusive one. */
export function assessmentsOf(capa: MeasuredCapa): readonly Assessment[] {
  return roundsOf(capa).flatMap(({ no: round, result }) => {
    if (!cameBefore(capa, round, 'closure_review')) return [];
    const ends = endsOf(capa, round, 'assessment');
    // Of the present round a result may be written that nobody has signed yet.
    const isUnsigned = round === capa.iteration && ends.length <= capa.monitoringExtended;
    return ends.map((at, index): Assessment => ({ round, no: index + 1, at, outcome: index < ends.length - 1 || isUnsigned ? 'inconclusive' : result?.outcome ?? 'inconclusive' }));
  });
}

/** When a round's plan had all its signatures for the first time; undefined: not yet. */
export const firstApproval = (capa: MeasuredCapa, round: number): Instant | undefined =>
  endsOf(capa, round, 'plan')[0];

/** When a round's investigation was handed over for review here for the first time; undefined: not yet. */
export const firstSubmission = (capa: MeasuredCapa, round: number): Instant | undefined => (cameBefore(capa, round, 'plan_review') ? endsOf(capa, round, 'root-cause')[0] : undefined);

const endsOf = (capa: MeasuredCapa, round: number, name: string): readonly Instant[] => stagesOf(capa, round, name).flatMap(({ endedAt }) => (endedAt === null ? [] : [endedAt])).toSorted();

/** When a round's plan was given back for the first time before it was approved; undefined: it was not. */
export function firstReturn(capa: MeasuredCapa, round: number): Instant | undefined {
  const approved = firstApproval(capa, round);
  return capa.returns.filter((one) => one.what === 'plan' && one.iteration === round && (approved === undefined || one.by.at < approved)).map((one) => one.by.at).toSorted()[0];
}
