import type { CapaOpening, CapaState } from '../../contracts/capaState';
import { SIGNED_SUBJECTS, type SignedSubject } from '../../contracts/capaWords';
import type { Instant } from '../../contracts/instant';
import { defaultImpact } from './moving';
import { partiesOf } from './seats';

const BLANK = { what: '', where: '', when: '', extent: '' } as const;
const versions = Object.fromEntries(SIGNED_SUBJECTS.map((subject) => [subject, 1])) as Record<SignedSubject, number>;

/** The state that a CAPA begins with. Its deadlines are armed by the machine. */
export function firstState({ id, number, request, policy, sponsorOrganisationId, raisedBy, raisedFrom, openedBy }: CapaOpening, now: Instant): CapaState {
  const { severity, classification, topic, source, raisingOrganisationId, accountableOrganisationId } = request;
  return {
    id, number, status: request.draft === true ? 'draft' : 'triage', drill: false, severity, classification, topic, studyId: request.studyId ?? null, systemId: request.systemId ?? null,
    raisingOrganisationId, accountableOrganisationId, sponsorOrganisationId, visibleTo: partiesOf(request), raisedBy, ...(openedBy !== undefined && { openedBy }), openedAt: now, dedupeKey: request.dedupeKey ?? null,
    source: { type: source.type, recordId: source.recordId ?? null, reference: source.reference ?? null }, policy,
    ownerId: null, assessor: null, sponsorImpact: defaultImpact({ sponsorOrganisationId }), iteration: 1, iterationFrom: now,
    problem: request.problem ?? BLANK, riskBefore: request.riskBefore ?? null, seriousBreach: null, containment: null, rootCause: null, extentCheck: null, plan: null, actions: [],
    adverseCheck: null, result: null, closure: null, submitted: null, approvals: [], versions, returns: [], stages: [], extensions: [],
    proposals: { rejection: null, cancellation: null, waiver: null, not_affected: null },
    verifiedAt: null, monitoringExtended: 0, closedAt: null, closedBy: null, watchOver: false, recurrence: null, past: [], evidenceHashes: {}, gone: [],
    ...(raisedFrom === undefined || raisedFrom === raisingOrganisationId ? {} : { statedBy: { ...(request.problem && { problem: raisedFrom }), ...(request.riskBefore && { riskBefore: raisedFrom }) } }),
    links: source.recordId === undefined ? [] : [{ recordId: source.recordId, kind: 'caused_by' }],
  };
}

/** What keeps a problem statement from leaving its draft: what, where, when and to which extent; undefined: nothing. */
export function problemFault(problem: CapaState['problem']): string | undefined {
  const blank = (['what', 'where', 'when', 'extent'] as const).find((part) => problem[part] === '');
  return blank && `the problem statement does not say ${blank === 'extent' ? 'to which extent' : blank}`;
}

/**
 * Which of the two organisations is the sponsor: the one of that kind; between a CRO and its vendor the one
 * to whom the CAPA is owed; null where one organisation stands alone.
 */
export function sponsorOf(request: Pick<CapaOpening['request'], 'raisingOrganisationId' | 'accountableOrganisationId'>, kindOf: (organisationId: string) => string | undefined): string | null {
  const parties = partiesOf(request);
  const sponsor = parties.find((id) => kindOf(id) === 'sponsor');
  return sponsor ?? (parties.length > 1 ? request.raisingOrganisationId : null);
}
