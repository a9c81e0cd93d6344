import { z } from 'zod';
import { refusalStreamOf } from '../../contracts/ids';
import { HOOKS_PATH, raisesSchema, SOURCE_KINDS, SOURCE_STRENGTHS, STRENGTH_OF, type Raises } from '../../contracts/hooks';
import { ownScope } from '../../domain/access/scope';
import { checkParties } from '../../domain/escalation/opening';
import { isVisible } from '../../domain/timeline/reader';
import { changeRecord, createRecord, newId, type Changes } from '../../store/administration';
import { knownOrganisationIds, organisationsByIds } from '../../store/organisations';
import { configurationCondition } from '../../store/ownScope';
import type { SourceDoc } from '../../store/schemas/sources';
import { sourceKind } from '../../store/sources';
import { requireTopic } from '../../store/topics';
import { studyById } from '../../store/studies';
import { byOf, created, found, listAnswer, notFound, organisationIdsOf, recordAnswer, requireOrganisationSeat, ruleBroken, shownOf } from '../administer';
import type { ApiDeps, Caller } from '../deps';
import { newSourceSecret, OVERLAP_HOURS, rotated } from '../hooks/sourceSecret';
import { defineRoute, type Route } from '../route';
import { administeredFields, idParam, idSchema, ifMatchHeader, nameSchema, pageOf, pageQuery, reasonBody, reasonSchema, revOf } from '../schemas';
import { readablePage } from '../views/readablePage';
import { auditEntrySchema } from '../views/story';

const secretSchema = z.object({ id: z.string(), createdAt: z.string(), until: z.string().nullable().describe('Good until here; null: the current one.') });
const sourceSchema = z.object({
  ...administeredFields, organisationId: z.string(), name: z.string(), kind: z.enum(SOURCE_KINDS),
  strength: z.enum(SOURCE_STRENGTHS).describe('How it proves itself; shown on what it delivers.'),
  raises: raisesSchema, secrets: z.array(secretSchema), path: z.string().describe('Where it delivers.'),
}).meta({ id: 'Source' });
const withSecret = sourceSchema.extend({ secret: z.string().describe('Shown this once.') });
const tags = ['sources'];
const subject = ({ id }: { id: string }) => `source/${id}`;

/** Inbound sources: machines that raise issues for an organisation, administered by it. */
export function sourceRoutes(deps: ApiDeps): Route[] {
  const show = (doc: SourceDoc): Record<string, unknown> => ({
    ...shownOf(doc, ['secrets']), secrets: doc.secrets.map(({ kept: _kept, ...rest }) => rest), path: `${HOOKS_PATH}/${doc._id}`,
  });
  const ownSources = ({ memberships }: Caller) => configurationCondition(ownScope(memberships), 'raises.studyId');
  const sourceOf = async (caller: Caller, id: string): Promise<SourceDoc> => {
    const doc = await deps.store.models.sources.findOne({ $and: [{ _id: id }, ownSources(caller)] } as never).lean<SourceDoc>();
    if (!doc) throw notFound();
    return doc;
  };

  const create = defineRoute({
    method: 'post', path: '/api/v1/sources', summary: 'Add a source; its secret is shown once', tags, access: 'signed_in', scope: 'administer',
    body: z.strictObject({ organisationId: idSchema, name: nameSchema, kind: z.enum(SOURCE_KINDS), raises: raisesSchema }),
    answers: created('The source, with its secret.', withSecret),
    handler: async (incoming) => {
      const { body, caller } = incoming;
      const now = deps.now();
      const seat = requireOrganisationSeat(caller, body.organisationId, now);
      await requireRaisable(deps, body.organisationId, body.raises);
      const id = newId();
      const strength = STRENGTH_OF[body.kind];
      const secret = newSourceSecret({ sourceId: id, strength, ring: deps.ring, now });
      const doc = await createRecord(deps.store, { kind: sourceKind, id, fields: { ...body, strength, secrets: [secret.kept] }, by: byOf(deps, incoming, seat) });
      return recordAnswer(201, { ...show(doc), secret: secret.shown }, '/api/v1/sources');
    },
  });

  const list = defineRoute({
    method: 'get', path: '/api/v1/sources', summary: 'Sources of the own organisation', tags, access: 'signed_in', scope: 'read',
    query: z.strictObject({ ...pageQuery, kind: z.enum(SOURCE_KINDS).optional() }),
    answers: found('A page; inactive ones too.', pageOf(sourceSchema)),
    handler: async ({ query, caller }) => {
      const filter = { $and: [ownSources(caller)], ...(query.kind && { kind: query.kind }) };
      return listAnswer(deps, sourceKind, { filter, query, show });
    },
  });

  const read = defineRoute({
    method: 'get', path: '/api/v1/sources/{id}', summary: 'One source', tags, access: 'signed_in', scope: 'read',
    params: idParam, answers: found('The source, without its secrets.', sourceSchema), refusalSubject: subject,
    handler: async ({ params, caller }) => recordAnswer(200, show(await sourceOf(caller, params.id))),
  });

  const change = defineRoute({
    method: 'patch', path: '/api/v1/sources/{id}', summary: 'Change a source: its name, what it raises', tags, access: 'signed_in', scope: 'administer',
    params: idParam, headers: ifMatchHeader, refusalSubject: subject,
    body: z.strictObject({ name: nameSchema.optional(), raises: raisesSchema.optional(), reason: reasonSchema }),
    answers: found('The source. What it raised before stays as it is.', sourceSchema),
    handler: async (incoming) => {
      const { params, body: { reason, ...changes }, headers, caller } = incoming;
      const { _id: id, organisationId } = await sourceOf(caller, params.id);
      const seat = requireOrganisationSeat(caller, organisationId, deps.now());
      if (changes.raises) await requireRaisable(deps, organisationId, changes.raises);
      const doc = await changeRecord(deps.store, { kind: sourceKind, id, rev: revOf(headers), changes: changes as Changes<SourceDoc>, reason, by: byOf(deps, incoming, seat) });
      return recordAnswer(200, show(doc));
    },
  });

  const rotate = defineRoute({
    method: 'post', path: '/api/v1/sources/{id}/rotate-secret', summary: 'Give a source a new secret; the old one works on for a day, or as said', tags, access: 'signed_in', scope: 'administer',
    params: idParam, headers: ifMatchHeader, refusalSubject: subject,
    body: z.strictObject({ overlapHours: z.int().min(0).max(OVERLAP_HOURS).default(OVERLAP_HOURS).describe('0 where the old one is known to others.'), reason: reasonSchema }),
    answers: found('The source, with its new secret.', withSecret),
    handler: async (incoming) => {
      const { params, body: { overlapHours, reason }, headers, caller } = incoming;
      const now = deps.now();
      const before = await sourceOf(caller, params.id);
      const seat = requireOrganisationSeat(caller, before.organisationId, now);
      if (!before.active) throw ruleBroken('The source is inactive.');
      const secret = newSourceSecret({ sourceId: before._id, strength: before.strength, ring: deps.ring, now });
      const secrets = rotated(before.secrets, { next: secret.kept, overlapHours, now });
      // On the revision it was computed from: of two rotations at once one secret would otherwise be lost.
      const doc = await changeRecord(deps.store, { kind: sourceKind, id: before._id, rev: revOf(headers) ?? before.rev, changes: { secrets }, reason, by: byOf(deps, incoming, seat) });
      return recordAnswer(200, { ...show(doc), secret: secret.shown });
    },
  });

  const deactivate = defineRoute({
    method: 'post', path: '/api/v1/sources/{id}/deactivate', summary: 'End a source; nothing is deleted', tags, access: 'signed_in', scope: 'administer',
    params: idParam, headers: ifMatchHeader, body: reasonBody, refusalSubject: subject,
    answers: found('The source; it is refused from now on.', sourceSchema),
    handler: async (incoming) => {
      const { params, body, headers, caller } = incoming;
      const { _id: id, organisationId } = await sourceOf(caller, params.id);
      const seat = requireOrganisationSeat(caller, organisationId, deps.now());
      const doc = await changeRecord(deps.store, { kind: sourceKind, id, rev: revOf(headers), changes: { active: false }, reason: body.reason, by: byOf(deps, incoming, seat) });
      return recordAnswer(200, show(doc));
    },
  });

  const refusals = defineRoute({
    method: 'get', path: '/api/v1/sources/{id}/refusals', summary: 'What was refused at a source, oldest first', tags, access: 'signed_in', scope: 'read',
    params: idParam, refusalSubject: subject,
    query: z.strictObject({ ...pageQuery }),
    answers: found('A page of audit entries.', pageOf(auditEntrySchema)),
    handler: async ({ params, query, caller }) => {
      const source = await sourceOf(caller, params.id);
      const { cursor, limit } = query;
      return readablePage(deps, { streamId: refusalStreamOf(subject({ id: source._id })), cursor, limit }, (entries) => entries.filter((entry) => isVisible(entry, organisationIdsOf(caller))));
    },
  });
  return [create, list, read, change, rotate, deactivate, refusals];
}

/** The same rule as for an issue: learnt here, not when the first alert comes. Throws Failure `rule_broken`. */
async function requireRaisable({ store }: ApiDeps, organisationId: string, { studyId, accountableOrganisationId, topic }: Raises): Promise<void> {
  const [organisations, study, partnerIds] = await Promise.all([
    organisationsByIds(store, [organisationId, accountableOrganisationId]), studyId === null ? undefined : studyById(store, studyId), knownOrganisationIds(store, organisationId),
  ]);
  const request = { topic, title: '-', description: '-', severity: 'minor' as const, raisingOrganisationId: organisationId, accountableOrganisationId, ...(studyId !== null && { studyId }) };
  checkParties(request, { activeIds: organisations.filter(({ active }) => active).map(({ _id }) => _id), study, partnerIds: [...partnerIds] });
  await requireTopic(store, { organisationIds: [organisationId, accountableOrganisationId], topic, field: 'raises.topic' });
}
