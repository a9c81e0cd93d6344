import { z } from 'zod';
import type { Caller } from '../deps';
import { changeRecord, createRecord, type Changes } from '../../store/administration';
import { announce } from '../../store/announcements';
import { inTransaction } from '../../store/connection';
import { organisationsByIds } from '../../store/organisations';
import type { StudyDoc } from '../../store/schemas/people';
import { studyById, studyKind } from '../../store/studies';
import { byOf, created, found, instanceSeat, knownTo, listAnswer, notFound, recordAnswer, requireInstanceSeat, ruleBroken, shownOf } from '../administer';
import { requireNamesApart, requireOwnCode } from '../commands/printedNames';
import type { ApiDeps } from '../deps';
import { defineRoute, type Route } from '../route';
import { administeredFields, idParam, idSchema, ifMatchHeader, pageOf, pageQuery, reasonBody, reasonSchema, revOf, studyCodeSchema, studyTitleSchema } from '../schemas';

const organisationIds = z.array(idSchema).min(1).max(50);
const studySchema = z.object({ ...administeredFields, code: z.string(), title: z.string(), organisationIds: z.array(z.string()) });
const tags = ['studies'];
const subject = ({ id }: { id: string }) => `study/${id}`;

/** Studies, and which organisations work on them. */
export function studyRoutes(deps: ApiDeps): Route[] {
  const requireOrganisations = async (ids: readonly string[]): Promise<void> => {
    const known = new Set((await organisationsByIds(deps.store, ids)).filter(({ active }) => active).map(({ _id }) => _id));
    const unknown = ids.filter((id) => !known.has(id));
    if (unknown.length > 0) throw ruleBroken('A study names active organisations.', { unknown });
  };
  /** Studies of the caller's seats: a membership bound to a study shows that one only. */
  const visibleTo = (caller: Caller): object => {
    if (instanceSeat(caller, deps.now())) return {};
    const seats = caller.memberships.map(({ organisationId, studyId }) => ({ organisationIds: organisationId, ...(studyId !== null && { _id: studyId }) }));
    return seats.length === 0 ? { _id: { $in: [] } } : { $or: seats };
  };
  const shower = async (caller: Caller) => {
    if (instanceSeat(caller, deps.now())) return (doc: StudyDoc) => shownOf(doc);
    const known = await knownTo(deps, caller);
    return (doc: StudyDoc) => ({ ...shownOf(doc), organisationIds: doc.organisationIds.filter((id) => known.has(id)) });
  };

  const create = defineRoute({
    method: 'post', path: '/api/v1/studies', summary: 'Add a study', tags, access: 'signed_in', scope: 'administer',
    body: z.strictObject({ id: idSchema.optional(), code: studyCodeSchema, title: studyTitleSchema, organisationIds }),
    answers: created('The study.', studySchema),
    handler: async (incoming) => {
      const seat = requireInstanceSeat(incoming.caller, deps.now());
      const { id, ...fields } = incoming.body;
      await requireOrganisations(fields.organisationIds);
      await requireOwnCode(deps, fields);
      const doc = await inTransaction(deps.store, async (session) => {
        await requireNamesApart(deps, fields.organisationIds, session);
        return createRecord(deps.store, { kind: studyKind, fields, by: byOf(deps, incoming, seat), session, ...(id !== undefined && { id }) });
      });
      return recordAnswer(201, shownOf(doc), '/api/v1/studies');
    },
  });

  const list = defineRoute({
    method: 'get', path: '/api/v1/studies', summary: 'Studies that one works on', tags, access: 'signed_in', scope: 'read',
    query: z.strictObject({ ...pageQuery, organisationId: idSchema.optional() }),
    answers: found('A page.', pageOf(studySchema)),
    handler: async ({ query, caller }) => {
      const filter = { $and: [visibleTo(caller), query.organisationId === undefined ? {} : { organisationIds: query.organisationId }] };
      return listAnswer(deps, studyKind, { filter, query, show: await shower(caller) });
    },
  });

  const read = defineRoute({
    method: 'get', path: '/api/v1/studies/{id}', summary: 'One study', tags, access: 'signed_in', scope: 'read',
    params: idParam, answers: found('The study.', studySchema), refusalSubject: subject,
    handler: async ({ params, caller }) => {
      const doc = await deps.store.models.studies.findOne({ $and: [{ _id: params.id }, visibleTo(caller)] }).lean<StudyDoc>();
      if (!doc) throw notFound();
      return recordAnswer(200, (await shower(caller))(doc));
    },
  });

  const change = defineRoute({
    method: 'patch', path: '/api/v1/studies/{id}', summary: 'Change a study', tags, access: 'signed_in', scope: 'administer',
    params: idParam, headers: ifMatchHeader, refusalSubject: subject,
    body: z.strictObject({ code: studyCodeSchema.optional(), title: studyTitleSchema.optional(), organisationIds: organisationIds.optional(), reason: reasonSchema }),
    answers: found('The study.', studySchema),
    handler: async (incoming) => {
      const { params, body, headers, caller } = incoming;
      const seat = requireInstanceSeat(caller, deps.now());
      const { reason, ...changes } = body;
      if (changes.organisationIds) await requireOrganisations(changes.organisationIds);
      const before = await studyById(deps.store, params.id);
      if (!before) throw notFound();
      const organisationsThen = [...new Set([...before.organisationIds, ...(changes.organisationIds ?? [])])];
      if (changes.code !== undefined) await requireOwnCode(deps, { code: changes.code, organisationIds: organisationsThen, studyId: before._id });
      const by = byOf(deps, incoming, seat);
      const doc = await changeRecord(deps.store, {
        kind: studyKind, id: params.id, rev: revOf(headers), changes: changes as Changes<StudyDoc>, reason, by,
        also: async (session) => {
          if (changes.organisationIds) await requireNamesApart(deps, changes.organisationIds, session);
          await announce(deps.store, { what: 'study_changed', about: `study/${before._id}`, organisationIds: organisationsThen, studyId: before._id, subject: before.code, by }, session);
        },
      });
      return recordAnswer(200, shownOf(doc));
    },
  });

  const deactivate = defineRoute({
    method: 'post', path: '/api/v1/studies/{id}/deactivate', summary: 'End a study; nothing is deleted', tags, access: 'signed_in', scope: 'administer',
    params: idParam, headers: ifMatchHeader, body: reasonBody, refusalSubject: subject,
    answers: found('The study.', studySchema),
    handler: async (incoming) => {
      const { params, body, headers, caller } = incoming;
      const seat = requireInstanceSeat(caller, deps.now());
      const before = await studyById(deps.store, params.id);
      if (!before) throw notFound();
      const by = byOf(deps, incoming, seat);
      const doc = await changeRecord(deps.store, {
        kind: studyKind, id: params.id, rev: revOf(headers), changes: { active: false }, reason: body.reason, by,
        also: (session) => announce(deps.store, { what: 'study_ended', about: `study/${before._id}`, organisationIds: before.organisationIds, studyId: before._id, subject: before.code, by }, session),
      });
      return recordAnswer(200, shownOf(doc));
    },
  });
  return [create, list, read, change, deactivate];
}
