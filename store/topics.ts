import type { AddTopic, Topic } from '../contracts/topic';
import { Failure } from '../contracts/failures';
import { unknownTopic } from '../domain/topics/nearest';
import { SEEDED_TOPICS } from '../domain/topics/seeded';
import { changeRecord, createRecord, type AdministeredKind, type By } from './administration';
import { announce } from './announcements';
import { inTransaction, type Store } from './connection';
import type { ByPerson } from './schemas/evidence';
import type { TopicDoc } from './schemas/topics';

export const topicKind: AdministeredKind<TopicDoc> = { kind: 'topic', model: (store) => store.models.topics };

const SEEDED = new Set(SEEDED_TOPICS.map(({ topic }) => topic));
export const isSeeded = (topic: string): boolean => SEEDED.has(topic);
const pairOf = (organisationIds: readonly string[]): readonly string[] => [...new Set(organisationIds)].toSorted();
const pairKeyOf = (organisationIds: readonly string[]): string => pairOf(organisationIds).join('|');

/** A topic that a pair has, and how it came to be one. */
export interface PairTopic extends Topic {
  /** `agreed`: by both; `in_use`: a record, a row or a source of the pair bore it before there was a register, or by a machine. */
  readonly from: 'seeded' | 'agreed' | 'in_use';
}

/** Topics of these organisations: of everybody, their own, and those that something of theirs bears already. */
export async function topicsOf(store: Store, organisationIds: readonly string[]): Promise<readonly PairTopic[]> {
  const own = await store.models.topics.find({ pairKey: pairKeyOf(organisationIds), agreedBy: { $ne: null }, active: true }).lean<TopicDoc[]>();
  const seeded = SEEDED_TOPICS.map((one) => ({ ...one, from: 'seeded' as const }));
  const agreed = own.map(({ topic, label, description }) => ({ topic, label, description, from: 'agreed' as const }));
  const named = new Set([...SEEDED, ...agreed.map(({ topic }) => topic)]);
  const used = (await topicsInUse(store, organisationIds)).filter((topic) => !named.has(topic));
  return [...seeded, ...agreed, ...used.map((topic) => ({ topic, label: topic, description: 'In use before it was in the register.', from: 'in_use' as const }))].toSorted((a, b) => (a.topic < b.topic ? -1 : 1));
}

/** Whether these organisations chose the topic: everybody's, agreed, or with a row of its own that they signed. What something bears is no choice. */
export async function isChosen(store: Store, { organisationIds, topic }: { readonly organisationIds: readonly string[]; readonly topic: string }): Promise<boolean> {
  if (SEEDED.has(topic)) return true;
  const [agreed, row] = await Promise.all([
    store.models.topics.exists({ pairKey: pairKeyOf(organisationIds), topic, agreedBy: { $ne: null }, active: true }),
    store.models.matrix.exists({ topic, organisationIds: { $all: [...pairOf(organisationIds)] } } as never),
  ]);
  return agreed !== null || row !== null;
}

async function topicsInUse(store: Store, organisationIds: readonly string[]): Promise<readonly string[]> {
  const pair = [...pairOf(organisationIds)];
  const [one = '', other = one] = pair;
  const ofRecords = { $or: [{ raisingOrganisationId: one, accountableOrganisationId: other }, { raisingOrganisationId: other, accountableOrganisationId: one }] };
  const [records, rows, sources] = await Promise.all([
    store.models.records.distinct('topic', ofRecords), store.models.matrix.distinct('topic', { organisationIds: { $all: pair } } as never),
    store.models.sources.distinct('raises.topic', { $or: [{ organisationId: one, 'raises.accountableOrganisationId': other }, { organisationId: other, 'raises.accountableOrganisationId': one }] } as never),
  ]);
  return [...new Set([...records, ...rows, ...sources].map(String))].filter((topic) => topic !== '*').toSorted();
}

/** What is wrong with a topic of these organisations; undefined: they have it. Most are everybody's, which asks nothing of the store. */
export async function topicFault(store: Store, { organisationIds, topic }: { readonly organisationIds: readonly string[]; readonly topic: string }): Promise<ReturnType<typeof unknownTopic> | undefined> {
  if (SEEDED.has(topic)) return undefined;
  const known = (await topicsOf(store, organisationIds)).map((one) => one.topic);
  return known.includes(topic) ? undefined : unknownTopic(topic, known);
}

/** Throws Failure `rule_broken` with the nearest, for a topic that these organisations do not have. */
export async function requireTopic(store: Store, of: { readonly organisationIds: readonly string[]; readonly topic: string; readonly field?: string }): Promise<void> {
  const fault = await topicFault(store, of);
  if (!fault) return;
  const field = of.field ?? 'topic';
  throw new Failure('rule_broken', `${field}: ${fault.message}`, { errors: [{ field, message: fault.message }], nearest: fault.nearest });
}

/** Proposes a topic, which the other organisation is told of; of one organisation alone it counts at once. Throws Failure `exists`. */
export function addTopic(store: Store, { asked, person, by }: { readonly asked: AddTopic; readonly person: ByPerson; readonly by: By }): Promise<TopicDoc> {
  const organisationIds = pairOf(asked.organisationIds);
  const { topic, label, description } = asked;
  if (SEEDED.has(topic)) throw new Failure('exists', `Everybody has the topic ${topic}.`);
  const fields = { topic, label, description, organisationIds, pairKey: pairKeyOf(organisationIds), proposedBy: person, agreedBy: organisationIds.length === 1 ? person : null };
  return inTransaction(store, async (session) => {
    const doc = await createRecord(store, { kind: topicKind, fields, by, session });
    const others = organisationIds.filter((id) => id !== person.organisationId);
    if (others.length > 0) await announce(store, { what: 'topic_waiting', ...told(doc), organisationIds: others, deciders: { studyId: null, topic }, by }, session);
    return doc;
  });
}

/** The other organisation agrees, and whoever proposed it is told. Throws Failure `wrong_state`, or `separation_of_duties` for the one that proposed it. */
export function agreeToTopic(store: Store, { topic, person, reason, by }: { readonly topic: TopicDoc; readonly person: ByPerson; readonly reason: string; readonly by: By }): Promise<TopicDoc> {
  if (topic.agreedBy) throw new Failure('wrong_state', 'The topic is agreed already.', { rev: topic.rev });
  const { proposedBy: { organisationId } } = topic;
  if (organisationId === person.organisationId) throw new Failure('separation_of_duties', 'The other organisation agrees to it.');
  return changeRecord(store, {
    kind: topicKind, id: topic._id, rev: topic.rev, changes: { agreedBy: person }, reason, by,
    also: (session) => announce(store, { what: 'topic_agreed', ...told(topic), organisationIds: [organisationId], by }, session),
  });
}

const told = ({ _id, label }: TopicDoc) => ({ about: `topic/${_id}`, subject: `Topic ${label}` });
