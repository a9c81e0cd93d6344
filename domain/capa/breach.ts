import type { BreachAnswer, By, CapaState } from '../../contracts/capaState';
import type { Instant } from '../../contracts/instant';
import type { Severity } from '../../contracts/policy';
import { calendarDays } from '../../contracts/spans';
import { partiesOf } from './seats';
import { deadlines, type CapaDraft } from './stages';
import { tellQuality } from './telling';

/**
 * How long the sponsor has to report a serious breach, from its awareness: calendar time, never paused and never extended
 * (EU 536/2014 Art. 52; UK SI 2004/1031 reg. 29A).
 */
const REPORT_WITHIN = calendarDays(7);
const WARN_AT = [0.5, 0.75, 0.9];

/** Who reports: the sponsor; where there is none, the organisation whose matter it is. */
export const reporterOf = ({ sponsorOrganisationId, accountableOrganisationId }: Pick<CapaState, 'sponsorOrganisationId' | 'accountableOrganisationId'>): string => sponsorOrganisationId ?? accountableOrganisationId;

/** What follows from an answer that the state holds by now: it is kept beside the earlier ones, told, and starts or ends the clock (Q16). */
export function answered(draft: CapaDraft, { before, by, now }: { readonly before: CapaState['seriousBreach']; readonly by: By; readonly now: Instant }): void {
  const { seriousBreach, breachAnswers, severity, sponsorOrganisationId } = draft.state;
  if (!seriousBreach) return;
  const earlier: readonly BreachAnswer[] = breachAnswers ?? (before ? [{ ...before, by: null }] : []);
  draft.set({ breachAnswers: [...earlier, { ...seriousBreach, by }] });
  const isYes = seriousBreach.answer === 'yes';
  const sponsor = sponsorOrganisationId === null ? [] : [sponsorOrganisationId];
  // Either answer on a grave CAPA is the sponsor's to know at once; and what the sponsor sets otherwise, the other side's.
  const hears = [...(isYes || severity !== 'minor' ? sponsor : []), ...(by.organisationId === sponsorOrganisationId ? partiesOf(draft.state) : [])];
  tellQuality(draft, hears, { intent: `breach/${now}`, reason: isYes ? 'serious_breach' : 'breach_denied' });
  if (isYes && !draft.state.breachReport) startClock(draft, now);
  if (!isYes && draft.state.breachReport) {
    draft.set({ breachReport: null });
    draft.lift(deadlines.breachReport);
  }
}

/** Tells the sponsor's quality that it stands as no breach, where that was not told yet. */
export function tellDenied(draft: CapaDraft, { intent, unless }: { readonly intent: string; readonly unless?: (severity: Severity) => boolean }): void {
  const { seriousBreach, severity, sponsorOrganisationId } = draft.state;
  if (seriousBreach?.answer === 'no' && sponsorOrganisationId !== null && unless?.(severity) !== true) tellQuality(draft, [sponsorOrganisationId], { intent, reason: 'breach_denied' });
}

/** By the rules from before answers were kept: the sponsor's quality hears of a "yes". */
export function earlierAnswer(draft: CapaDraft, before: CapaState['seriousBreach'], now: Instant): void {
  const { seriousBreach, sponsorOrganisationId } = draft.state;
  if (seriousBreach?.answer === 'yes' && before?.answer !== 'yes' && sponsorOrganisationId !== null) tellQuality(draft, [sponsorOrganisationId], { intent: `breach/${now}`, reason: 'serious_breach' });
}

function startClock(draft: CapaDraft, now: Instant): void {
  draft.set({ breachReport: { awareAt: now, missedAt: null, reported: null } });
  draft.arm({ name: deadlines.breachReport, from: now, after: REPORT_WITHIN, organisationId: reporterOf(draft.state), warnAt: WARN_AT });
}

/** The authority was told. */
export function reportBreach(draft: CapaDraft, { reference, note }: { readonly reference: string; readonly note?: string | undefined }, by: By): void {
  const { breachReport } = draft.state;
  if (!breachReport) return;
  draft.set({ breachReport: { ...breachReport, reported: { ...by, reference } } });
  draft.disarm(deadlines.breachReport);
  draft.fact({ action: 'breach.reported', field: 'breachReport', old: null, new: reference, ...(note === undefined ? {} : { reason: note }), detail: { late: breachReport.missedAt !== null } });
  tellQuality(draft, partiesOf(draft.state), { intent: `breach/reported/${by.at}`, reason: 'breach_reported' });
}

/** A breach that nobody reported keeps the record from being done away with. */
export const isReportOwed = ({ breachReport }: Pick<CapaState, 'breachReport'>): boolean => breachReport?.reported === null;
