import { randomUUID } from 'node:crypto';
import type { Actor } from '../contracts/actor';
import type { OpenCapa } from '../contracts/capa';
import type { CapaOpening } from '../contracts/capaState';
import { CAPA } from '../contracts/capaWords';
import type { NewRecord } from '../contracts/entity';
import type { Instant } from '../contracts/instant';
import { sponsorOf } from '../domain/capa/opening';
import { checkOpening } from '../domain/capa/openingChecks';
import { bodyHashOf } from './commands';
import type { Store } from './connection';
import { nextNumber } from './counters';
import { partiesOf } from './issueOpening';
import { openingFacts } from './openingFacts';
import { freshOpening, knownOpening, type PreparedOpening } from './preparedOpening';
import { capaPolicyInForce } from './policies';
import { requireTopic } from './topics';

/** A CAPA to be opened: by a person, or by another record's step. */
export interface RaisedCapa {
  readonly request: OpenCapa;
  readonly actor: Actor;
  /** The same trigger of the same caller gives the same id. */
  readonly commandId: string;
  readonly at: Instant;
  /** What else is asked on the first arrival, e.g. whether the source is the raiser's to name; throws Failure. */
  readonly check?: () => Promise<void>;
  /** What the caller said, where the request was completed from elsewhere: a repetition says the same. */
  readonly said?: object;
}

/** Checks a CAPA, finds its sponsor, pins its timings, and mints its id and number; a repetition draws none. Throws Failure `rule_broken` naming the field, `idempotency_key_reused`. */
export async function prepareCapa(store: Store, { request, actor, commandId, at, check, said }: RaisedCapa): Promise<PreparedOpening> {
  const bodyHash = bodyHashOf(said ?? request);
  const organisationIds = [request.raisingOrganisationId, request.accountableOrganisationId];
  const facts = await openingFacts(store, { commandId, organisationIds, studyId: request.studyId ?? null, topic: request.topic, at });
  const known = knownOpening(facts.command, bodyHash);
  if (known) return known;
  const kindOf = (id: string): string | undefined => facts.organisations.find((organisation) => organisation._id === id)?.kind;
  checkOpening(request, await partiesOf(store, request, facts), kindOf);
  if (actor.kind === 'person') await requireTopic(store, { organisationIds, topic: request.topic });
  await check?.();
  const recordId = randomUUID();
  const { title, description, ...stated } = request;
  const opening: NewRecord<CapaOpening> = {
    recordId, openKey: commandId, actor,
    opening: {
      id: recordId, number: await nextNumber(store, 'CAPA', { studyId: request.studyId ?? null, organisationIds }), request: stated, policy: await capaPolicyInForce(store, { organisationIds, studyId: request.studyId ?? null, topic: request.topic, at }), sponsorOrganisationId: sponsorOf(request, kindOf),
      raisedBy: actor.kind === 'person' ? actor.personId : null, ...(actor.kind === 'person' && { raisedFrom: actor.organisationId, openedBy: actor.organisationId }),
    },
    content: { title, description },
  };
  return freshOpening(opening, { capability: CAPA.capability, bodyHash, at });
}
