import { z } from 'zod';
import { parseInstant, plusMs, type Instant } from '../../contracts/instant';
import { givenLaddersSchema, laddersSchema, policyKeySchema, policySchema, type GivenLadders, type Ladders, type PolicyFinding } from '../../contracts/policy';
import { Failure } from '../../contracts/failures';
import { maySteer } from '../../domain/access/ability';
import { checkLadders, soundLadders } from '../../domain/policy/check';
import { differencesOf } from '../../domain/policy/difference';
import { changeRecord, createRecord, type Changes } from '../../store/administration';
import { staffedScopes } from '../../store/directory';
import { organisationsByIds } from '../../store/organisations';
import { policyInForce } from '../../store/policies';
import { policyDraft, policyDraftKind, publishDraft } from '../../store/policyDrafts';
import type { PolicyDraftDoc } from '../../store/schemas/policies';
import { byOf, created, found, isOf, listAnswer, notFound, notPermitted, organisationIdsOf, recordAnswer, ruleBroken, shownOf, type Seat } from '../administer';
import type { ApiDeps, Caller } from '../deps';
import { defineRoute, type Route } from '../route';
import { administeredFields, idSchema, ifMatchHeader, instantSchema, pageOf, pageQuery, reasonBody, reasonSchema, revOf } from '../schemas';

const tags = ['policies'];
const keyParam = z.strictObject({ key: policyKeySchema });
const draftParams = z.strictObject({ key: policyKeySchema, id: idSchema });
const subject = ({ key, id }: { key: string; id?: string }): string => (id === undefined ? `policy/${key}` : `policy-draft/${id}`);
const basis = z.string().trim().min(1).max(500).describe('Regulation, standard, contract or SOP that the timings come from.');
const scopes = z.array(z.strictObject({ organisationId: idSchema, studyId: idSchema.optional() })).max(20).optional()
  .describe('Where vacant levels are looked for; default: the own organisations.');
/** A version may be said to count from a little earlier than now: clocks differ and forms take time. */
const LATEST_START_MS = 60_000;

const findingSchema = z.object({ severity: z.enum(['error', 'warning']), field: z.string(), message: z.string() });
const changeSchema = z.object({ path: z.string(), old: z.unknown(), new: z.unknown() });
const checkedFields = { warnings: z.array(findingSchema), changes: z.array(changeSchema).describe('Against the version in force.') };
const checkedSchema = z.object(checkedFields).meta({ id: 'CheckedPolicy' });
const draftSchema = z.object({
  ...administeredFields, key: z.string(), ladders: laddersSchema, basis: z.string(), effectiveFrom: z.string().nullable(), baseVersion: z.int().nullable(),
  status: z.enum(['draft', 'published', 'discarded']), organisationId: z.string(), authorIds: z.array(z.string()), version: z.int().nullable(),
}).meta({ id: 'PolicyDraft' });
const openDraftSchema = draftSchema.extend(checkedFields).meta({ id: 'CheckedPolicyDraft' });

/** Versions of policies on their way: edited as drafts, checked, published by somebody else. */
export function policyDraftRoutes(deps: ApiDeps): Route[] {
  const create = defineRoute({
    method: 'post', path: '/api/v1/policies/{key}/drafts', summary: 'Draft a policy: a new key, or the next version, from the one in force', tags, access: 'signed_in', scope: 'administer',
    params: keyParam, refusalSubject: subject,
    body: z.strictObject({ ladders: givenLaddersSchema.optional().describe('Default: those in force.'), basis, effectiveFrom: instantSchema.optional(), scopes }),
    answers: created('The draft, with what is doubtful about it.', openDraftSchema),
    handler: async (incoming) => {
      const { params: { key }, body, caller } = incoming;
      const seat = requireDrafter(caller, key, deps.now());
      const inForce = await policyInForce(deps.store, key, deps.now());
      const given = body.ladders ?? inForce?.ladders;
      if (!given) throw ruleBroken('A new policy needs its ladders.', { errors: [{ field: 'ladders', message: 'is missing: no version is in force to start from' }] });
      const checked = await check(deps, caller, { key, given, basis: body.basis, scopes: body.scopes });
      const fields = {
        key, ladders: checked.ladders, basis: body.basis, effectiveFrom: startOf(body.effectiveFrom, deps.now()), baseVersion: inForce?.version ?? null,
        status: 'draft' as const, organisationId: seat.organisationId, authorIds: [caller.personId], version: null,
      };
      const doc = await createRecord(deps.store, { kind: policyDraftKind, fields, by: byOf(deps, incoming, seat) });
      return recordAnswer(201, { ...shownOf(doc), warnings: checked.warnings, changes: checked.changes }, `/api/v1/policies/${key}/drafts`);
    },
  });

  const list = defineRoute({
    method: 'get', path: '/api/v1/policies/{key}/drafts', summary: 'Drafts of a policy; those that are still open unless asked for', tags, access: 'signed_in', scope: 'read',
    params: keyParam, refusalSubject: subject, query: z.strictObject({ ...pageQuery, all: z.enum(['true', 'false']).default('false') }),
    answers: found('A page.', pageOf(draftSchema)),
    handler: async ({ params: { key }, query, caller }) => {
      requireReader(caller, key, deps.now());
      return listAnswer(deps, policyDraftKind, { filter: { key, ...(query.all === 'false' && { active: true }) }, query });
    },
  });

  const read = defineRoute({
    method: 'get', path: '/api/v1/policies/{key}/drafts/{id}', summary: 'One draft, what is doubtful about it, and what it would change', tags, access: 'signed_in', scope: 'read',
    params: draftParams, refusalSubject: subject, answers: found('The draft.', openDraftSchema),
    handler: async ({ params, caller }) => {
      requireReader(caller, params.key, deps.now());
      const draft = await draftOf(deps, params);
      const { warnings, changes } = await check(deps, caller, { key: draft.key, given: draft.ladders, basis: draft.basis, scopes: undefined });
      return recordAnswer(200, { ...shownOf(draft), warnings, changes });
    },
  });

  const change = defineRoute({
    method: 'patch', path: '/api/v1/policies/{key}/drafts/{id}', summary: 'Change a draft; who changes it may not publish it', tags, access: 'signed_in', scope: 'administer',
    params: draftParams, headers: ifMatchHeader, refusalSubject: subject,
    body: z.strictObject({ ladders: givenLaddersSchema.optional(), basis: basis.optional(), effectiveFrom: instantSchema.nullable().optional(), reason: reasonSchema, scopes }),
    answers: found('The draft.', openDraftSchema),
    handler: async (incoming) => {
      const { params, body, headers, caller } = incoming;
      const seat = requireDrafter(caller, params.key, deps.now());
      const draft = await openDraftOf(deps, params);
      const checked = await check(deps, caller, { key: draft.key, given: body.ladders ?? draft.ladders, basis: body.basis ?? draft.basis, scopes: body.scopes });
      const changes: Changes<PolicyDraftDoc> = {
        ladders: checked.ladders, authorIds: [...new Set([...draft.authorIds, caller.personId])], ...(body.basis !== undefined && { basis: body.basis }),
        ...(body.effectiveFrom !== undefined && { effectiveFrom: body.effectiveFrom === null ? null : startOf(body.effectiveFrom, deps.now()) }),
      };
      const doc = await changeRecord(deps.store, { kind: policyDraftKind, id: draft._id, rev: revOf(headers) ?? draft.rev, changes, reason: body.reason, by: byOf(deps, incoming, seat) });
      return recordAnswer(200, { ...shownOf(doc), warnings: checked.warnings, changes: checked.changes });
    },
  });

  const publish = defineRoute({
    method: 'post', path: '/api/v1/policies/{key}/drafts/{id}/publish', tags, access: 'signed_in', scope: 'administer',
    summary: 'Publish a draft as the next version: by somebody of a sponsor who may approve and did not write it',
    params: draftParams, headers: ifMatchHeader, refusalSubject: subject,
    body: z.strictObject({ reason: reasonSchema, effectiveFrom: instantSchema.optional().describe('Default: the draft\'s own, else now.') }),
    answers: created('The version; running issues stay on theirs.', z.object({ policy: policySchema, changes: z.array(changeSchema) })),
    handler: async (incoming) => {
      const { params, body, headers, caller } = incoming;
      const now = deps.now();
      const seat = await requireApprover(deps, caller, params.key);
      const draft = await openDraftOf(deps, params);
      if (draft.authorIds.includes(caller.personId)) throw new Failure('separation_of_duties', 'Who wrote a draft cannot publish it.', { rev: draft.rev });
      const inForce = await policyInForce(deps.store, draft.key, now);
      await check(deps, caller, { key: draft.key, given: draft.ladders, basis: draft.basis, scopes: undefined });
      const from = startOf(body.effectiveFrom, now) ?? (draft.effectiveFrom !== null && draft.effectiveFrom > now ? draft.effectiveFrom : now);
      const { policy } = await publishDraft(deps.store, { draft, rev: revOf(headers), effectiveFrom: from, reason: body.reason, by: byOf(deps, incoming, seat) });
      return { status: 201, body: { policy, changes: differencesOf(inForce, policy) }, headers: { Location: `/api/v1/policies/${policy.key}/versions/${String(policy.version)}` } };
    },
  });

  const discard = defineRoute({
    method: 'post', path: '/api/v1/policies/{key}/drafts/{id}/discard', summary: 'Give a draft up; it stays readable', tags, access: 'signed_in', scope: 'administer',
    params: draftParams, headers: ifMatchHeader, body: reasonBody, refusalSubject: subject, answers: found('The draft.', draftSchema),
    handler: async (incoming) => {
      const { params, body, headers, caller } = incoming;
      const seat = requireDrafter(caller, params.key, deps.now());
      const draft = await openDraftOf(deps, params);
      const doc = await changeRecord(deps.store, { kind: policyDraftKind, id: draft._id, rev: revOf(headers) ?? draft.rev, changes: { status: 'discarded', active: false }, reason: body.reason, by: byOf(deps, incoming, seat) });
      return recordAnswer(200, shownOf(doc));
    },
  });

  const tryOut = defineRoute({
    method: 'post', path: '/api/v1/policies/{key}/check', summary: 'Check ladders as a draft would be, without saving them', tags, access: 'signed_in', scope: 'read',
    params: keyParam, refusalSubject: subject,
    body: z.strictObject({ ladders: givenLaddersSchema, basis: basis.default('unsaid'), scopes }),
    answers: found('Nothing stands against them; what is doubtful, and what they would change. Faults answer 422, each with its path.', checkedSchema),
    handler: async ({ params: { key }, body, caller }) => {
      requireReader(caller, key, deps.now());
      const { warnings, changes } = await check(deps, caller, { key, given: body.ladders, basis: body.basis, scopes: body.scopes });
      return { status: 200, body: { warnings, changes } };
    },
  });
  return [create, list, read, change, publish, discard, tryOut];
}

/** The draft, of this key. Throws Failure `not_found`. */
async function draftOf(deps: ApiDeps, { key, id }: { key: string; id: string }): Promise<PolicyDraftDoc> {
  const draft = await policyDraft(deps.store, id);
  if (draft?.key !== key) throw notFound();
  return draft;
}

async function openDraftOf(deps: ApiDeps, params: { key: string; id: string }): Promise<PolicyDraftDoc> {
  const draft = await draftOf(deps, params);
  if (draft.status !== 'draft') throw new Failure('wrong_state', `The draft is ${draft.status}.`, { rev: draft.rev });
  return draft;
}

/** A policy named like a topic is that topic's: who steers only security drafts only `security`. */
function drafterSeat(caller: Caller, key: string, now: Instant): Seat | undefined {
  return maySteer({ memberships: caller.memberships, act: 'draft-configuration', organisationIds: organisationIdsOf(caller), topic: key, now });
}

function requireDrafter(caller: Caller, key: string, now: Instant): Seat {
  const seat = drafterSeat(caller, key, now);
  if (!seat) throw notPermitted();
  return seat;
}

function requireReader(caller: Caller, key: string, now: Instant): void {
  const approves = maySteer({ memberships: caller.memberships, act: 'approve-configuration', organisationIds: organisationIdsOf(caller), now });
  if (!approves && !drafterSeat(caller, key, now)) throw notPermitted();
}

/**
 * A version counts for every organisation of the installation, and the sponsor keeps the responsibility
 * for oversight (ICH E6(R3) 3.6): so a sponsor's approver publishes, whose seat is not bound to one study.
 */
async function requireApprover(deps: ApiDeps, caller: Caller, key: string): Promise<Seat> {
  const organisationIds = organisationIdsOf(caller);
  const sponsors = (await organisationsByIds(deps.store, organisationIds)).filter(({ kind, active }) => active && kind === 'sponsor').map(({ _id }) => _id);
  const seat = maySteer({ memberships: caller.memberships, act: 'approve-configuration', organisationIds: sponsors, studyId: null, topic: key, now: deps.now() });
  if (!seat) throw notPermitted('A version counts for every organisation: somebody of a sponsor publishes it, by a role that approves configuration on every study.');
  return seat;
}

/** Refuses faults (422, each with its path); answers what remains doubtful and what would change. */
async function check(
  deps: ApiDeps, caller: Caller,
  of: { key: string; given: GivenLadders; basis: string; scopes: readonly { organisationId: string; studyId?: string | undefined }[] | undefined },
): Promise<{ ladders: Ladders; warnings: readonly PolicyFinding[]; changes: ReturnType<typeof differencesOf> }> {
  const now = deps.now();
  const asked = of.scopes ?? organisationIdsOf(caller).map((organisationId) => ({ organisationId }));
  if (asked.some(({ organisationId }) => !isOf(caller, organisationId))) throw ruleBroken('Vacant levels are looked for in the own organisations.', { errors: [{ field: 'scopes', message: 'not an organisation of yours' }] });
  const findings = checkLadders(of.given, await staffedScopes(deps.store, { scopes: asked, at: now }));
  const errors = findings.filter(({ severity }) => severity === 'error').map(({ field, message }) => ({ field, message }));
  if (errors.length > 0) throw ruleBroken('The policy breaks a rule.', { errors });
  const ladders = soundLadders(of.given);
  return { ladders, warnings: findings, changes: differencesOf(await policyInForce(deps.store, of.key, now), { basis: of.basis, ladders }) };
}

/** Throws Failure `rule_broken` for a start in the past: a version never counts for what has happened. */
function startOf(text: string | undefined, now: Instant): Instant | null {
  const from = text === undefined ? undefined : parseInstant(text);
  if (!from) return null;
  if (from < plusMs(now, -LATEST_START_MS)) throw ruleBroken('A version cannot count from the past.', { errors: [{ field: 'effectiveFrom', message: 'lies in the past' }] });
  return from;
}
