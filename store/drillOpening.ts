import { randomUUID } from 'node:crypto';
import type { PersonActor } from '../contracts/actor';
import { DRILL, type DrillOpening, type OpenDrill } from '../contracts/drill';
import type { NewRecord } from '../contracts/entity';
import type { Instant } from '../contracts/instant';
import { peopleOf } from '../domain/drill/people';
import { broken, checkParties, pinnedFor } from '../domain/escalation/opening';
import { bodyHashOf } from './commands';
import type { Store } from './connection';
import { nextNumber } from './counters';
import { partiesOf } from './issueOpening';
import { openingFacts, pinnableOf } from './openingFacts';
import { freshOpening, knownOpening, type PreparedOpening } from './preparedOpening';

/** A drill to be started. */
export interface NewDrill {
  readonly request: OpenDrill;
  /** The organisations of the row, or the issue's; the starter's own first. */
  readonly organisationIds: readonly [raising: string, accountable: string];
  readonly actor: PersonActor;
  readonly commandId: string;
  readonly at: Instant;
}

/** Checks a drill, finds whom it tells, and mints its id and number; a repetition draws none. Throws Failure `rule_broken` naming the field, `idempotency_key_reused`. */
export async function prepareDrill(store: Store, asked: NewDrill): Promise<PreparedOpening> {
  const { request, organisationIds, actor, commandId, at } = asked;
  const { studyId, topic, window, kind } = request;
  const bodyHash = bodyHashOf(request);
  const facts = await openingFacts(store, { commandId, organisationIds, studyId: studyId ?? null, topic, at });
  const known = knownOpening(facts.command, bodyHash);
  if (known) return known;
  const { note, kind: _kind, window: _window, ...stated } = request;
  const about = { kind, topic: request.topic, drill: true as const, studyId: studyId ?? null, startedBy: actor.personId, startedFor: actor.organisationId, window };
  const recordId = randomUUID();
  let specific: Pick<DrillOpening, 'topic' | 'people' | 'matrixVersion' | 'issue' | 'request'>;
  if (request.kind === 'escalation') {
    const issue = stated as DrillOpening['issue'] & object;
    checkParties(issue, await partiesOf(store, issue, facts));
    pinnedFor(topic, pinnableOf(facts, { organisationIds, studyId: studyId ?? null, at }));
    specific = { topic, people: [], matrixVersion: null, issue, request: { severity: request.severity } };
  } else {
    if (!facts.row) throw broken('topic', 'no matrix row is in force for it');
    specific = { topic: facts.row.topic, people: peopleOf(facts.row.contacts), matrixVersion: facts.row.version, issue: null, request: { severity: 'minor' } };
  }
  const [raisingOrganisationId, accountableOrganisationId] = organisationIds;
  const opening: NewRecord<DrillOpening> = {
    recordId, openKey: commandId, actor,
    opening: { ...about, ...specific, id: recordId, number: await nextNumber(store, 'DRL', { studyId: studyId ?? null, organisationIds }), raisingOrganisationId, accountableOrganisationId },
    content: { title: `${kind === 'reachability' ? 'Reachability drill' : 'Escalation fire drill'}: ${specific.topic === '*' ? 'all topics' : specific.topic}`, description: note ?? '' },
  };
  return freshOpening(opening, { capability: DRILL.capability, bodyHash, at });
}
