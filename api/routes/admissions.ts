import { z } from 'zod';
import { INSIDE_ACTS } from '../../contracts/announcement';
import { Failure } from '../../contracts/failures';
import { plusMs } from '../../contracts/instant';
import { announce } from '../../store/announcements';
import { changeRecord, createRecord } from '../../store/administration';
import { admissionKind } from '../../store/admissions';
import { inTransaction } from '../../store/connection';
import { inForceAt } from '../../store/memberships';
import { peopleByIds } from '../../store/people';
import type { AdmissionDoc } from '../../store/schemas/access';
import { byOf, created, found, instanceSeat, isOf, listAnswer, notFound, recordAnswer, requireOrganisationSeat, ruleBroken, shownOf } from '../administer';
import { requireSession } from '../commands/signing';
import { requireHost } from '../commands/whoMakesWhom';
import type { ApiDeps, Caller } from '../deps';
import { defineRoute, type Route } from '../route';
import { administeredFields, idParam, idSchema, ifMatchHeader, pageOf, pageQuery, reasonBody, reasonSchema, revOf } from '../schemas';

const HOUR_MS = 3_600_000;
const acts = z.array(z.enum(INSIDE_ACTS)).min(1).max(INSIDE_ACTS.length);
const admissionSchema = z.object({
  ...administeredFields, organisationId: z.string(), personId: z.string(), acts, givenBy: z.string(), until: z.iso.datetime(), reason: z.string(),
  uses: z.array(z.object({ act: z.string(), about: z.string(), at: z.iso.datetime() })),
});
const tags = ['admissions'];
const subject = ({ id }: { id: string }) => `admission/${id}`;

/** What organisations let administrators of the instance do inside them: acts of their own administrators, for hours, with each use said. */
export function admissionRoutes(deps: ApiDeps): Route[] {
  const visibleTo = (caller: Caller): object => (instanceSeat(caller, deps.now()) ? {} : { organisationId: { $in: caller.memberships.filter(({ studyId }) => studyId === null).map(({ organisationId }) => organisationId) } });

  const create = defineRoute({
    method: 'post', path: '/api/v1/organisations/{id}/admissions', summary: 'Let an administrator of the instance act inside the organisation, for some hours', tags, access: 'signed_in', scope: 'administer',
    params: idParam, refusalSubject: ({ id }) => `organisation/${id}`,
    body: z.strictObject({ personId: idSchema, acts, hours: z.int().min(1).max(72).default(24), reason: reasonSchema }),
    answers: created('The consent.', admissionSchema),
    handler: async (incoming) => {
      const { params, body, caller } = incoming;
      requireSession(caller);
      const seat = requireOrganisationSeat(caller, params.id, deps.now());
      const by = byOf(deps, incoming, seat);
      const [person] = await peopleByIds(deps.store, [body.personId]);
      const isOfInstance = await deps.store.models.memberships.exists({ personId: body.personId, role: 'instance_admin', ...inForceAt(by.at) });
      if (!person?.active || !isOfInstance) throw ruleBroken('Consent is given to an administrator of the instance.', { errors: [{ field: 'personId', message: 'no administrator of the instance' }] });
      await requireHost(deps, { actorId: caller.personId, personId: body.personId });
      const fields = { organisationId: params.id, personId: body.personId, acts: [...new Set(body.acts)], givenBy: caller.personId, until: plusMs(by.at, body.hours * HOUR_MS), reason: body.reason, uses: [] };
      const doc = await inTransaction(deps.store, async (session) => {
        const made = await createRecord(deps.store, { kind: admissionKind, fields, by, session });
        await announce(deps.store, { what: 'admitted', about: `admission/${made._id}`, organisationIds: [params.id], subject: person.name, until: made.until, by }, session);
        return made;
      });
      return recordAnswer(201, shownOf(doc), '/api/v1/admissions');
    },
  });

  const list = defineRoute({
    method: 'get', path: '/api/v1/admissions', summary: 'Consents of the own organisation, with what was done under them', tags, access: 'signed_in', scope: 'read',
    query: z.strictObject({ ...pageQuery, organisationId: idSchema.optional() }), answers: found('A page.', pageOf(admissionSchema)),
    handler: ({ query, caller }) => listAnswer(deps, admissionKind, { filter: { $and: [visibleTo(caller), query.organisationId === undefined ? {} : { organisationId: query.organisationId }] }, query }),
  });

  const read = defineRoute({
    method: 'get', path: '/api/v1/admissions/{id}', summary: 'One consent', tags, access: 'signed_in', scope: 'read', params: idParam, refusalSubject: subject, answers: found('The consent.', admissionSchema),
    handler: async ({ params, caller }) => {
      const doc = await deps.store.models.admissions.findOne({ $and: [{ _id: params.id }, visibleTo(caller)] }).lean<AdmissionDoc>();
      if (!doc) throw notFound();
      return recordAnswer(200, shownOf(doc));
    },
  });

  const withdraw = defineRoute({
    method: 'post', path: '/api/v1/admissions/{id}/withdraw', summary: 'End a consent now; what was done under it stays', tags, access: 'signed_in', scope: 'administer',
    params: idParam, headers: ifMatchHeader, body: reasonBody, refusalSubject: subject, answers: found('The consent.', admissionSchema),
    handler: async (incoming) => {
      const { params, body, headers, caller } = incoming;
      const doc = await deps.store.models.admissions.findById(params.id).lean<AdmissionDoc>();
      if (!doc || !isOf(caller, doc.organisationId)) throw notFound();
      const seat = requireOrganisationSeat(caller, doc.organisationId, deps.now());
      if (!doc.active) throw new Failure('wrong_state', 'The consent was withdrawn before.', { rev: doc.rev });
      return recordAnswer(200, shownOf(await changeRecord(deps.store, { kind: admissionKind, id: doc._id, rev: revOf(headers), changes: { active: false }, reason: body.reason, by: byOf(deps, incoming, seat) })));
    },
  });
  return [create, list, read, withdraw];
}
