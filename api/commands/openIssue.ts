import { randomUUID } from 'node:crypto';
import { OPEN_ACT, type NewRecord } from '../../contracts/entity';
import { ESCALATION, type EscalationOpening, type OpenIssue } from '../../contracts/escalation';
import { Failure, FAILURES } from '../../contracts/failures';
import { parseInstant, type Instant } from '../../contracts/instant';
import type { Policy } from '../../contracts/policy';
import { mayAct } from '../../domain/access/ability';
import { bodyHashOf, jsonOf, requireSameBody } from '../../store/commands';
import { nextNumber } from '../../store/counters';
import { openingFacts, type OpeningFacts } from '../../store/openingFacts';
import { knownOrganisationIds } from '../../store/organisations';
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
  const facts = await openingFacts(deps.store, {
    commandId, organisationIds: [body.raisingOrganisationId, body.accountableOrganisationId], studyId: body.studyId ?? null, topic: body.topic, at: now,
  });
  // Known before anything is minted: a repetition draws no number.
  if (facts.command) {
    requireSameBody(facts.command, bodyHash);
    return repeated(deps, facts.command);
  }
  checkTimes(body, now);
  await checkParties(deps, body, facts);
  const pinned = pin(body, facts);
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
async function checkParties(deps: PathDeps, { studyId, raisingOrganisationId, accountableOrganisationId }: OpenIssue, { organisations, study }: OpeningFacts): Promise<void> {
  const strangers = studyId === undefined && raisingOrganisationId !== accountableOrganisationId;
  const known = strangers ? await knownOrganisationIds(deps.store, raisingOrganisationId) : undefined;
  const active = new Set(organisations.filter((organisation) => organisation.active).map((organisation) => organisation._id));
  if (studyId !== undefined && (!study?.active || !study.organisationIds.includes(raisingOrganisationId))) {
    throw broken('studyId', 'not a study that the raising organisation works on');
  }
  const works = (id: string): boolean => active.has(id) && (study?.organisationIds.includes(id) ?? known?.has(id) ?? id === raisingOrganisationId);
  if (!works(raisingOrganisationId)) throw broken('raisingOrganisationId', 'not an active organisation');
  if (!works(accountableOrganisationId)) throw broken('accountableOrganisationId', 'not an active organisation that works with the raising one on this');
}

/** The versions of policy and matrix row that count for this issue for ever (P19). */
function pin({ topic }: OpenIssue, { row, policies }: OpeningFacts): { policy: Policy; matrixVersion: number | null } {
  // Without a row, a policy named like the topic (`security`) comes before the default.
  const policy = (row && policies.get(row.policyKey)) ?? policies.get(topic) ?? policies.get(DEFAULT_POLICY);
  if (!policy) throw broken('topic', 'no escalation policy is in force for it');
  return { policy, matrixVersion: row?.version ?? null };
}
