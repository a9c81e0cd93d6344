import type { PersonActor } from '../../contracts/actor';
import type { EscalationState } from '../../contracts/escalation';
import { instantOf } from '../../contracts/instant';
import type { Signable } from '../../contracts/signature';
import type { CommitRequest, Json, Step } from '../../contracts/step';
import { DEFAULT_POLICIES } from '../../domain/escalation/defaults';
import { escalation } from '../../domain/escalation/machine';
import { signatureDemand } from '../../domain/signature/demand';
import { jsonOf } from '../../store/commands';
import { CRO, personOf, SPONSOR, STUDY } from './cast';

/** Steps of a real machine, signed as if their act needed it: no machine that signs is needed to test commit. */
export const AT = instantOf(Date.UTC(2026, 10, 23, 9));
export const SIGNER = personOf(SPONSOR, 'quality');
export const PLAN: Signable = { subject: 'plan', version: 1, content: { actions: ['retrain the site'] }, meanings: ['approval'] };

export interface OpenedRecord {
  readonly id: string;
  readonly state: EscalationState;
}

const actorOf = (personId: string): PersonActor => ({ kind: 'person', personId, organisationId: personId.split('/')[0] ?? '', role: personId.split('/')[1] ?? '', correlationId: 'c' });

/** The commit that opens a record, and the record as it then is. */
export function opening(id: string): { readonly record: OpenedRecord; readonly request: CommitRequest } {
  const [policy] = DEFAULT_POLICIES;
  if (!policy) throw new Error('no policy');
  const request = { topic: 'data', severity: 'minor', studyId: STUDY, raisingOrganisationId: SPONSOR, accountableOrganisationId: CRO } as const;
  const step = escalation.open({ id, number: `ISS-${id}`, policy, matrixVersion: null, raisedBy: SIGNER, request }, AT);
  return { record: { id, state: step.state }, request: { ...requestOf({ recordId: id, rev: 1, key: 'open' }, step), content: jsonOf({ title: 'T', description: 'D' }) } };
}

/** The commit of a comment that is signed with a grant. */
export function signedStep({ id: recordId, state }: OpenedRecord, grantId: string, more: { signable?: Signable; by?: string; rev?: number; key?: string } = {}): CommitRequest {
  const { signable = PLAN, by = SIGNER, rev = 2, key = `k-${grantId}` } = more;
  const step = escalation.apply(state, { command: { act: 'comment', body: { text: 'signed' } }, actor: actorOf(by) }, AT);
  const request = requestOf({ recordId, rev, key }, { ...step, sign: signatureDemand({ signable, act: 'comment', grantId }) });
  return { ...request, source: { ...request.source, actor: actorOf(by) } };
}

function requestOf({ recordId, rev, key }: { recordId: string; rev: number; key: string }, step: Step<EscalationState>): CommitRequest {
  return {
    capability: 'escalation', recordId, rev, at: AT, step: step as unknown as Step<Json>, armed: [],
    source: { key, act: rev === 1 ? 'open' : 'comment', actor: actorOf(SIGNER) }, run: { workflowId: `escalation/${recordId}`, runId: 'run', definition: 'escalation@1' },
  };
}
