import { z } from 'zod';
import { parseInstant, plusMs, type Instant } from '../../contracts/instant';
import { contactSchema, matrixRowSchema, type Contact, type MatrixRow } from '../../contracts/matrix';
import { maySteer } from '../../domain/access/ability';
import { addMatrixVersion, matrixInForce, matrixVersions } from '../../store/matrix';
import { peopleByIds } from '../../store/people';
import { policyInForce } from '../../store/policies';
import type { MatrixDoc } from '../../store/schemas/people';
import { studyById } from '../../store/studies';
import { byOf, found, isOf, notFound, notPermitted, organisationIdsOf, ruleBroken } from '../administer';
import type { ApiDeps, Caller } from '../deps';
import { defineRoute, type Route } from '../route';
import { idSchema, instantSchema, reasonSchema } from '../schemas';

const rowSchema = matrixRowSchema.extend({ rowKey: z.string(), version: z.int(), effectiveFrom: z.string(), createdAt: z.string() });
/** A missing deputy is a broken rule (422), not a malformed request. */
const contactBody = contactSchema.partial({ deputyId: true });
/** A version may be said to count from a little earlier than now: clocks differ and forms take time. */
const LATEST_START_MS = 60_000;
const tags = ['matrix'];

function shown({ _id, ...row }: MatrixDoc) {
  return { status: 200, body: row };
}

/** The communication matrix (ICH E6(R3) 3.6.1): who answers on both sides, per study and topic. */
export function matrixRoutes(deps: ApiDeps): Route[] {
  const seesStudy = (caller: Caller, { organisationIds, studyId }: Pick<MatrixRow, 'organisationIds' | 'studyId'>): boolean =>
    caller.memberships.some((membership) => organisationIds.includes(membership.organisationId) && (membership.studyId === null || membership.studyId === studyId));

  const put = defineRoute({
    method: 'put', path: '/api/v1/matrix', summary: 'Put a new version of a row in force', tags, access: 'signed_in', scope: 'administer',
    body: matrixRowSchema.extend({ contacts: z.array(contactBody).min(1).max(40), effectiveFrom: instantSchema.optional(), reason: reasonSchema }),
    answers: found('The version.', rowSchema),
    handler: async (incoming) => {
      const { body, caller } = incoming;
      const { reason, effectiveFrom, ...row } = body;
      const now = deps.now();
      const { studyId, topic, organisationIds } = row;
      if (!organisationIds.some((id) => isOf(caller, id))) throw notFound();
      const seat = maySteer({ memberships: caller.memberships, act: 'approve-configuration', organisationIds, studyId, topic, now });
      if (!seat) throw notPermitted();
      const checked = await checkedRow(deps, row, now);
      const from = (effectiveFrom === undefined ? undefined : parseInstant(effectiveFrom)) ?? now;
      if (from < plusMs(now, -LATEST_START_MS)) throw ruleBroken('A version cannot count from the past.');
      return shown(await addMatrixVersion(deps.store, { row: checked, effectiveFrom: from, reason, by: byOf(deps, incoming, seat) }));
    },
  });

  const list = defineRoute({
    method: 'get', path: '/api/v1/matrix', summary: 'Rows in force that name the own organisation', tags, access: 'signed_in', scope: 'read',
    query: z.strictObject({ studyId: idSchema.optional() }),
    answers: found('The rows.', z.object({ items: z.array(rowSchema) })),
    handler: async ({ query, caller }) => {
      const rows = await matrixInForce(deps.store, { organisationIds: organisationIdsOf(caller), studyId: query.studyId, at: deps.now() });
      return { status: 200, body: { items: rows.filter((row) => seesStudy(caller, row)).map((row) => shown(row).body) } };
    },
  });

  const versions = defineRoute({
    method: 'get', path: '/api/v1/matrix/versions', summary: 'All versions of a row, future ones too', tags, access: 'signed_in', scope: 'read',
    query: z.strictObject({ rowKey: z.string().min(1).max(400) }),
    answers: found('Newest first.', z.object({ items: z.array(rowSchema) })),
    handler: async ({ query, caller }) => {
      const rows = await matrixVersions(deps.store, query.rowKey);
      if (!rows.some((row) => seesStudy(caller, row))) throw notFound();
      return { status: 200, body: { items: rows.map((row) => shown(row).body) } };
    },
  });
  return [put, list, versions];
}

/** Throws Failure `rule_broken`, naming the contacts at fault, unless the row can route an issue. */
async function checkedRow(deps: ApiDeps, row: Omit<MatrixRow, 'contacts'> & { contacts: readonly (Omit<Contact, 'deputyId'> & { deputyId?: string | undefined })[] }, now: Instant): Promise<MatrixRow> {
  const broken = (index: number, field: string, message: string) => ({ field: `contacts.${String(index)}.${field}`, message });
  const people = new Map((await peopleByIds(deps.store, row.contacts.flatMap(({ personId, deputyId }) => [personId, deputyId ?? personId]))).map((person) => [person._id, person]));
  const belongs = (id: string, organisationId: string): boolean => {
    const person = people.get(id);
    return person?.active === true && person.organisationId === organisationId;
  };
  const errors = row.contacts.flatMap((contact, index) => [
    ...(row.organisationIds.includes(contact.organisationId) ? [] : [broken(index, 'organisationId', 'not an organisation of this row')]),
    ...(belongs(contact.personId, contact.organisationId) ? [] : [broken(index, 'personId', 'not an active person of this organisation')]),
    ...deputyErrors(contact, belongs).map((message) => broken(index, 'deputyId', message)),
  ]);
  if (errors.length > 0) throw ruleBroken('Each contact is an active person of an organisation of the row, with a deputy.', { errors });
  const contacts = row.contacts.flatMap(({ deputyId, ...contact }) => (deputyId === undefined ? [] : [{ ...contact, deputyId }]));
  const silent = row.organisationIds.filter((id) => !contacts.some((contact) => contact.organisationId === id));
  if (silent.length > 0) throw ruleBroken('Each organisation of the row needs a contact.', { organisationIds: silent });
  if (!(await policyInForce(deps.store, row.policyKey, now))) throw ruleBroken('No policy with this key is in force.', { policyKey: row.policyKey });
  const study = row.studyId === null ? undefined : await studyById(deps.store, row.studyId);
  if (row.studyId !== null && !row.organisationIds.every((id) => study?.organisationIds.includes(id))) throw ruleBroken('The organisations do not all work on this study.');
  return { ...row, contacts };
}

function deputyErrors(contact: { personId: string; deputyId?: string | undefined; organisationId: string }, belongs: (id: string, organisationId: string) => boolean): string[] {
  if (contact.deputyId === undefined) return ['missing: somebody must stand in'];
  if (contact.deputyId === contact.personId) return ['a deputy is another person'];
  return belongs(contact.deputyId, contact.organisationId) ? [] : ['not an active person of this organisation'];
}
