import { randomUUID } from 'node:crypto';
import type { Actor } from '../contracts/actor';
import { CONTROL, type ControlOpening, type OpenControl } from '../contracts/control';
import type { NewRecord } from '../contracts/entity';
import type { Instant } from '../contracts/instant';
import { checkControl } from '../domain/control/opening';
import { calendarsInForce } from './calendars';
import { bodyHashOf } from './commands';
import type { Store } from './connection';
import { nextNumber } from './counters';
import { openingFacts } from './openingFacts';
import { knownOrganisationIds } from './organisations';
import { freshOpening, knownOpening, type PreparedOpening } from './preparedOpening';
import { requireTopic } from './topics';

/** A control to be opened: by a person, or because a matrix row agrees on a frequency. */
export interface NewControl {
  readonly request: Omit<OpenControl, 'topic'> & { readonly topic: string };
  readonly actor: Actor;
  readonly commandId: string;
  readonly at: Instant;
  /** The row that it follows; one running control each. */
  readonly row?: { readonly key: string; readonly version: number };
  /** The first slot begins here; absent: now. */
  readonly from?: Instant;
}

/** Checks a control and mints its id and number; a repetition draws none. Throws Failure `rule_broken` naming the field, `idempotency_key_reused`. */
export async function prepareControl(store: Store, asked: NewControl): Promise<PreparedOpening> {
  const { request, actor, commandId, at, row, from } = asked;
  const { studyId, organisationIds, rule, topic } = request;
  const bodyHash = bodyHashOf(request);
  const facts = await openingFacts(store, { commandId, organisationIds, studyId: studyId ?? null, topic, at });
  const known = knownOpening(facts.command, bodyHash);
  if (known) return known;
  const { organisations, study } = facts;
  checkControl(request, {
    study, activeIds: organisations.filter((organisation) => organisation.active).map((organisation) => organisation._id),
    partnerIds: studyId === undefined ? [...await knownOrganisationIds(store, organisationIds[0] ?? '')] : [],
    calendarIds: [...(await calendarsInForce(store, [rule.organisationId], at)).keys()],
  });
  // A row's topic was asked when the row was proposed.
  if (actor.kind === 'person') await requireTopic(store, { organisationIds, topic });
  const recordId = randomUUID();
  const { note, ...stated } = request;
  const opening: NewRecord<ControlOpening> = {
    recordId, openKey: commandId, actor,
    opening: {
      id: recordId, number: await nextNumber(store, 'CTL', { studyId: studyId ?? null, organisationIds }), request: { ...stated, ...(row && { dedupeKey: `matrix/${row.key}` }) },
      row: row ?? null, from: from ?? at,
    },
    content: { title: `Agreed contact: ${topic === '*' ? 'all topics' : topic}`, description: note ?? '' },
  };
  return freshOpening(opening, { capability: CONTROL.capability, bodyHash, at });
}
