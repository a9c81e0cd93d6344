import { randomUUID } from 'node:crypto';
import type { Actor } from '../contracts/actor';
import type { NewRecord } from '../contracts/entity';
import { ESCALATION, type EscalationOpening, type OpenIssue } from '../contracts/escalation';
import { parseInstant, type Instant } from '../contracts/instant';
import { checkParties, checkTimes, pinnedFor } from '../domain/escalation/opening';
import { bodyHashOf, jsonOf } from './commands';
import type { Store } from './connection';
import { nextNumber } from './counters';
import { openingFacts, pinnableOf, type OpeningFacts } from './openingFacts';
import { knownOrganisationIds } from './organisations';
import { freshOpening, knownOpening, type PreparedOpening } from './preparedOpening';
import { isChosen, requireTopic } from './topics';

/** An issue to be raised: by a person, by an inbound source, or by another record's step. */
export interface RaisedIssue {
  readonly request: OpenIssue;
  readonly actor: Actor;
  /** The same trigger of the same caller gives the same id. */
  readonly commandId: string;
  readonly at: Instant;
  /** A fire drill: marked, and out of every figure (E15). */
  readonly drill?: boolean;
  readonly sourceId?: string;
}

/**
 * Checks an issue to be raised, pins its policy and matrix row, and mints its id and number. A
 * repetition draws no number. Throws Failure `rule_broken` naming the field, `idempotency_key_reused`.
 */
export async function prepareOpening(store: Store, raised: RaisedIssue): Promise<PreparedOpening> {
  const { request, actor, commandId, at } = raised;
  const bodyHash = bodyHashOf(request);
  const parties = { organisationIds: [request.raisingOrganisationId, request.accountableOrganisationId], studyId: request.studyId ?? null };
  const facts = await openingFacts(store, { commandId, ...parties, topic: request.topic, at });
  const known = knownOpening(facts.command, bodyHash);
  if (known) return known;
  checkTimes(request, at);
  checkParties(request, await partiesOf(store, request, facts));
  // A machine's word must not be lost for a topic: its source was asked when it was made.
  if (actor.kind === 'person') await requireTopic(store, { organisationIds: [request.raisingOrganisationId, request.accountableOrganisationId], topic: request.topic });
  const topicUnknown = actor.kind !== 'person' && !await isChosen(store, { organisationIds: parties.organisationIds, topic: request.topic });
  const pinned = pinnedFor(request.topic, pinnableOf(facts, { ...parties, at }));
  const recordId = randomUUID();
  const { title, description, ...said } = request;
  const stated = { ...said, ...utc({ happenedAt: said.happenedAt, awareAt: said.awareAt }) };
  const { site, country, happenedAt, awareAt } = stated;
  const opening: NewRecord<EscalationOpening> = {
    recordId, openKey: commandId, actor,
    opening: {
      id: recordId, number: await nextNumber(store, 'ISS', parties), request: stated, ...pinned, ...(topicUnknown && { topicUnknown }), raisedBy: actor.kind === 'person' ? actor.personId : null,
      ...(raised.drill === true && { drill: true }), ...(raised.sourceId !== undefined && { sourceId: raised.sourceId }),
    },
    content: jsonOf({ title, description, site, country, happenedAt, awareAt }),
  };
  return freshOpening(opening, { capability: ESCALATION.capability, bodyHash, at });
}

/** Times as they are kept: in UTC, whatever the offset that they were said with. */
function utc(times: { readonly [K in 'happenedAt' | 'awareAt']: string | undefined }): Pick<OpenIssue, 'happenedAt' | 'awareAt'> {
  return Object.fromEntries(Object.entries(times).flatMap(([name, text]) => (text === undefined ? [] : [[name, parseInstant(text) ?? text]])));
}

/** What is known of the organisations and the study that an issue to be raised names. */
export async function partiesOf(store: Store, { studyId, raisingOrganisationId, accountableOrganisationId }: OpenIssue, { organisations, study }: OpeningFacts) {
  const strangers = studyId === undefined && raisingOrganisationId !== accountableOrganisationId;
  return {
    activeIds: organisations.filter((organisation) => organisation.active).map((organisation) => organisation._id),
    study, partnerIds: strangers ? [...await knownOrganisationIds(store, raisingOrganisationId)] : [],
  };
}
