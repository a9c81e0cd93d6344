import { randomUUID } from 'node:crypto';
import { OPEN_ACT, type NewRecord } from '../../contracts/entity';
import { ESCALATION, type EscalationOpening, type OpenIssue } from '../../contracts/escalation';
import { Failure, FAILURES } from '../../contracts/failures';
import { parseInstant, type Instant } from '../../contracts/instant';
import type { Policy } from '../../contracts/policy';
import { mayAct } from '../../domain/access/ability';
import { bodyHashOf, findCommand, jsonOf, requireSameBody } from '../../store/commands';
import { nextNumber } from '../../store/counters';
import { matrixRowInForce } from '../../store/matrix';
import { knownOrganisationIds, organisationsByIds } from '../../store/organisations';
import { policyInForce } from '../../store/policies';
import { studyById } from '../../store/studies';
import type { Outgoing } from '../route';
import { broken } from './actOnIssue';
import { actorFor, repeated, requestIdOf, runCommand, type Acting, type PathDeps } from './commandPath';

/** The policy of issues that no matrix row gives another. */
const DEFAULT_POLICY = 'default';

/**
 * Raises an issue: 201, or 200 with the open issue that the same trigger has already, or 202. Throws
 * Failure `not_permitted`, and `rule_broken` naming the field.
 */
export async function openIssue(deps: PathDeps, request: Acting<OpenIssue>): Promise<Outgoing> {
  const now = deps.now();
  const { body } = request;
  const allowed = raisingMembership(request, now);
  const commandId = requestIdOf(request, OPEN_ACT, null);
  const bodyHash = bodyHashOf(body);
  // Looked up before anything is minted: a repetition draws no number.
  const known = await findCommand(deps.store, commandId);
  if (known) {
    requireSameBody(known, bodyHash);
    return repeated(deps, known);
  }
  checkTimes(body, now);
  await checkParties(deps, body);
  const pinned = await pin(deps, body, now);
  const recordId = randomUUID();
  const actor = actorFor(request, allowed);
  const { title, description, site, happenedAt, awareAt } = body;
  const { title: _title, description: _description, ...stated } = body;
  const opening: NewRecord<EscalationOpening> = {
    recordId, openKey: commandId, actor,
    opening: { id: recordId, number: await nextNumber(deps.store, 'ISS'), request: stated, ...pinned, raisedBy: actor.personId },
    content: jsonOf({ title, description, site, happenedAt, awareAt }),
  };
  const command = {
    _id: commandId, capability: ESCALATION.capability, recordId, act: OPEN_ACT, body: {}, bodyHash, actor, opening: jsonOf(opening), receivedAt: now,
  };
  return runCommand(deps, command, async () => Promise.resolve());
}

function raisingMembership({ caller, body }: Acting<OpenIssue>, now: Instant): { role: string; organisationId: string } {
  const { raisingOrganisationId, accountableOrganisationId, studyId, topic, systemId } = body;
  const record = {
    raisingOrganisationId, accountableOrganisationId, studyId: studyId ?? null, topic, systemId: systemId ?? null,
    visibleTo: [raisingOrganisationId, accountableOrganisationId], assigneeIds: [],
  };
  const allowed = mayAct({ memberships: caller.memberships, act: 'raise', record, now });
  if (!allowed) throw new Failure('not_permitted', FAILURES.not_permitted.meaning, { act: 'raise' });
  return allowed;
}

/** Awareness cannot precede the happening, nor either the present: the two timestamps start clocks. */
function checkTimes({ happenedAt, awareAt }: OpenIssue, now: Instant): void {
  const happened = happenedAt === undefined ? undefined : parseInstant(happenedAt);
  const aware = awareAt === undefined ? undefined : parseInstant(awareAt);
  if (happened && happened > now) throw broken('happenedAt', 'lies in the future');
  if (aware && aware > now) throw broken('awareAt', 'lies in the future');
  if (happened && aware && aware < happened) throw broken('awareAt', 'lies before happenedAt');
}

/** Both organisations work on the study; without a study they know each other from one. The same words whether unknown or unrelated. */
async function checkParties(deps: PathDeps, { studyId, raisingOrganisationId, accountableOrganisationId }: OpenIssue): Promise<void> {
  const ids = [raisingOrganisationId, accountableOrganisationId];
  const [organisations, study, known] = await Promise.all([
    organisationsByIds(deps.store, [...new Set(ids)]),
    studyId === undefined ? undefined : studyById(deps.store, studyId),
    studyId === undefined && raisingOrganisationId !== accountableOrganisationId ? knownOrganisationIds(deps.store, raisingOrganisationId) : undefined,
  ]);
  const active = new Set(organisations.filter((organisation) => organisation.active).map((organisation) => organisation._id));
  if (studyId !== undefined && (!study?.active || !study.organisationIds.includes(raisingOrganisationId))) {
    throw broken('studyId', 'not a study that the raising organisation works on');
  }
  const works = (id: string): boolean => active.has(id) && (study?.organisationIds.includes(id) ?? known?.has(id) ?? id === raisingOrganisationId);
  if (!works(raisingOrganisationId)) throw broken('raisingOrganisationId', 'not an active organisation');
  if (!works(accountableOrganisationId)) throw broken('accountableOrganisationId', 'not an active organisation that works with the raising one on this');
}

/** The versions of policy and matrix row that count for this issue for ever (P19). */
async function pin(deps: PathDeps, body: OpenIssue, at: Instant): Promise<{ policy: Policy; matrixVersion: number | null }> {
  const { studyId, topic, raisingOrganisationId, accountableOrganisationId } = body;
  const row = await matrixRowInForce(deps.store, { studyId: studyId ?? null, topic, organisationIds: [raisingOrganisationId, accountableOrganisationId], at });
  // Without a row, a policy named like the topic (`security`) comes before the default.
  const policy = (row && (await policyInForce(deps.store, row.policyKey, at)))
    ?? (await policyInForce(deps.store, topic, at)) ?? (await policyInForce(deps.store, DEFAULT_POLICY, at));
  if (!policy) throw broken('topic', 'no escalation policy is in force for it');
  return { policy, matrixVersion: row?.version ?? null };
}
