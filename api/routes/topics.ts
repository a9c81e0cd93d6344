import { z } from 'zod';
import { addTopicSchema } from '../../contracts/topic';
import { maySteer } from '../../domain/access/ability';
import { ownScope } from '../../domain/access/scope';
import type { TopicDoc } from '../../store/schemas/topics';
import { addTopic, agreeToTopic, topicKind, topicsOf } from '../../store/topics';
import { bindingSeats, created, found, knownTo, listAnswer, notFound, notPermitted, organisationIdsOf, recordAnswer, ruleBroken, shownOf, type Seat } from '../administer';
import type { ApiDeps, Caller } from '../deps';
import { defineRoute, type Route } from '../route';
import { administeredFields, idParam, idSchema, pageOf, pageQuery, reasonBody } from '../schemas';
import { actorOf } from './evidenceAccess';

const person = z.object({ personId: z.string(), name: z.string(), role: z.string(), organisationId: z.string() });
const topicSchema = z.object({ ...administeredFields, organisationIds: z.array(z.string()), pairKey: z.string(), topic: z.string(), label: z.string(), description: z.string(), proposedBy: person, agreedBy: person.nullable() }).meta({ id: 'Topic' });
const known = z.object({ topic: z.string(), label: z.string(), description: z.string(), from: z.enum(['seeded', 'agreed', 'in_use']) });
const tags = ['topics'];
const path = '/api/v1/topics';
const refusalSubject = ({ id }: { id: string }) => `topic/${id}`;

/** Topics (E1, S1.2): a register of each pair of organisations, so that a slip of the pen does not choose a ladder. */
export function topicRoutes(deps: ApiDeps): Route[] {
  const requirePartner = async (caller: Caller, organisationIds: readonly string[]): Promise<void> => {
    const own = organisationIds.filter((id) => organisationIdsOf(caller).includes(id));
    const partners = await knownTo(deps, caller);
    if (own.length === 0 || !organisationIds.every((id) => partners.has(id))) throw ruleBroken('The topics of one\'s own organisation and one that works with it.', { errors: [{ field: 'organisationIds', message: 'not organisations of yours' }] });
  };
  /** A register serves every study of the pair: a seat that is bound to one does not add to it. */
  const seatFor = (caller: Caller, organisationIds: readonly string[], act: 'draft-configuration' | 'approve-configuration'): Seat => {
    const memberships = act === 'approve-configuration' ? bindingSeats(caller, deps.now()) : caller.memberships;
    const seat = maySteer({ memberships, act, organisationIds, studyId: null, now: deps.now() });
    if (!seat) throw notPermitted();
    return seat;
  };
  /** Of the organisations that one has a seat of the house in, for no study in particular, with whom one knows. */
  const visibleTo = async (caller: Caller): Promise<object> => ({ organisationIds: { $in: [...ownScope(caller.memberships).whole], $not: { $elemMatch: { $nin: [...await knownTo(deps, caller)] } } } });
  const topicOf = async (caller: Caller, id: string): Promise<TopicDoc> => {
    const doc = await deps.store.models.topics.findOne({ $and: [{ _id: id }, await visibleTo(caller)] } as never).lean<TopicDoc>();
    if (!doc) throw notFound();
    return doc;
  };

  const list = defineRoute({
    method: 'get', path, summary: 'Topics that an organisation has with another, or alone', tags, access: 'signed_in', scope: 'read',
    query: z.strictObject({ organisationId: idSchema, with: idSchema.optional() }), answers: found('Every topic, and how it came to be one.', z.object({ items: z.array(known) })),
    handler: async ({ query, caller }) => {
      const organisationIds = [query.organisationId, query.with ?? query.organisationId];
      await requirePartner(caller, organisationIds);
      return { status: 200, body: { items: await topicsOf(deps.store, organisationIds) } };
    },
  });

  const own = defineRoute({
    method: 'get', path: '/api/v1/topics/own', summary: 'Topics that one\'s organisations added, agreed or waiting', tags, access: 'signed_in', scope: 'read', query: z.strictObject(pageQuery), answers: found('A page.', pageOf(topicSchema)),
    handler: async ({ query, caller }) => listAnswer(deps, topicKind, { filter: await visibleTo(caller), query }),
  });

  const read = defineRoute({
    method: 'get', path: `${path}/{id}`, summary: 'One topic that one\'s organisations added', tags, access: 'signed_in', scope: 'read', params: idParam, refusalSubject, answers: found('The topic.', topicSchema),
    handler: async ({ params, caller }) => recordAnswer(200, shownOf(await topicOf(caller, params.id))),
  });

  const add = defineRoute({
    method: 'post', path, summary: 'Propose a topic to the other organisation', tags, access: 'signed_in', scope: 'administer', body: addTopicSchema, answers: created('The topic; it counts once the other one has agreed.', topicSchema),
    handler: async (incoming) => {
      const { body, caller } = incoming;
      await requirePartner(caller, body.organisationIds);
      const { person: proposing, by } = actorOf(deps, incoming, seatFor(caller, body.organisationIds, 'draft-configuration'));
      return recordAnswer(201, shownOf(await addTopic(deps.store, { asked: body, person: proposing, by })));
    },
  });

  const agree = defineRoute({
    method: 'post', path: `${path}/{id}/agree`, summary: 'Agree to a topic that the other organisation proposed', tags, access: 'signed_in', scope: 'administer', params: idParam, refusalSubject, body: reasonBody, answers: found('The topic.', topicSchema),
    handler: async (incoming) => {
      const { params, body, caller } = incoming;
      const topic = await topicOf(caller, params.id);
      const other = topic.organisationIds.filter((id) => id !== topic.proposedBy.organisationId);
      const { person: agreeing, by } = actorOf(deps, incoming, seatFor(caller, other, 'approve-configuration'));
      return recordAnswer(200, shownOf(await agreeToTopic(deps.store, { topic, person: agreeing, reason: body.reason, by })));
    },
  });
  return [list, own, read, add, agree];
}
