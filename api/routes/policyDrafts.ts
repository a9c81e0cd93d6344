import { z } from 'zod';
import { parseInstant, plusMs, type Instant } from '../../contracts/instant';
import { policyKeySchema } from '../../contracts/policy';
import type { PolicyContent, PolicyContents } from '../../contracts/policyKinds';
import { grantIdSchema } from '../../contracts/signature';
import { instantSchema } from '../../contracts/instantSchema';
import { administrativeStreamOf } from '../../domain/audit/streams';
import { differencesOf } from '../../domain/policy/difference';
import { staffedScopes } from '../../store/directory';
import { contentOf, holding } from '../../store/policyKinds';
import type { PolicyDraftDoc } from '../../store/schemas/policies';
import { requireDrafter, requireOpen, requirePublisher, requireReader } from '../commands/policySeats';
import { requireOwnGrant } from '../commands/signing';
import { byOf, created, found, isOf, listAnswer, notFound, organisationIdsOf, recordAnswer, ruleBroken, shownOf } from '../administer';
import type { ApiDeps, Caller } from '../deps';
import { defineRoute, type Route } from '../route';
import { administeredFields, idSchema, ifMatchHeader, pageOf, pageQuery, reasonBody, reasonSchema, revOf } from '../schemas';
import { appliedSignatures, appliedSignatureSchema } from '../views/appliedSignatures';
import { OFFERED_LADDERS, OFFERED_TIMINGS, type GivenContents, type OfferedPolicies } from './policyKinds';

const keyParam = z.strictObject({ key: policyKeySchema });
const draftParams = z.strictObject({ key: policyKeySchema, id: idSchema });
const basis = z.string().trim().min(1).max(500).describe('Regulation, standard, contract or SOP that the timings come from.');
const scopes = z.array(z.strictObject({ organisationId: idSchema, studyId: idSchema.optional() })).max(20).optional()
  .describe('Where vacant levels are looked for; default: the own organisations.');
/** A version may be said to count from a little earlier than now: clocks differ and forms take time. */
const LATEST_START_MS = 60_000;

const findingSchema = z.object({ severity: z.enum(['error', 'warning']), field: z.string(), message: z.string() });
const changeSchema = z.object({ path: z.string(), old: z.unknown(), new: z.unknown() });
const checkedFields = { warnings: z.array(findingSchema), changes: z.array(changeSchema).describe('Against the version in force.') };
const checkedSchema = z.object(checkedFields).meta({ id: 'CheckedPolicy' });

/** Versions of policies on their way, of every kind: edited as drafts, checked, published by somebody else, who signs. */
export function policyDraftRoutes(deps: ApiDeps): Route[] {
  return [...draftRoutes(deps, OFFERED_LADDERS), ...draftRoutes(deps, OFFERED_TIMINGS)];
}

function draftRoutes<Name extends PolicyContent>(deps: ApiDeps, offered: OfferedPolicies<Name>): Route[] {
  const { path, noun, pinnedBy, kind, drafts, stored } = offered;
  const tags = ['policies'];
  const { draftSchema, openDraftSchema } = schemasOf(offered);
  const refusalSubject = ({ key, id }: { key: string; id?: string }): string => (id === undefined ? `${kind.stream}/${key}` : `${kind.drafts.kind}/${id}`);
  const reading = { tags, access: 'signed_in', scope: 'read', refusalSubject } as const;
  const writing = { tags, access: 'signed_in', scope: 'administer', refusalSubject } as const;
  const checked = (caller: Caller, of: Checked<Name>) => check(deps, offered, { ...of, caller });
  const draftOf = async ({ key, id }: { key: string; id: string }): Promise<PolicyDraftDoc<Name>> => {
    const draft = await drafts.find(deps.store, id);
    if (draft?.key !== key) throw notFound();
    return draft;
  };
  const openDraftOf = async (params: { key: string; id: string }) => requireOpen(await draftOf(params));

  const create = defineRoute({
    ...writing, method: 'post', path: `${path}/{key}/drafts`, summary: `Draft a ${noun}: a new key, or the next version, from the one in force`, params: keyParam,
    body: giving(offered, { basis, effectiveFrom: instantSchema.optional(), scopes }),
    answers: created('The draft, with what is doubtful about it.', openDraftSchema),
    handler: async (incoming) => {
      const { params: { key }, body, caller } = incoming;
      const seat = requireDrafter(caller, key, deps.now());
      const inForce = await stored.inForce(deps.store, key, deps.now());
      const { content, warnings, changes } = await checked(caller, { key, given: body.given ?? (inForce && contentOf(kind, inForce)), basis: body.basis, scopes: body.scopes });
      const fields = { key, basis: body.basis, effectiveFrom: startOf(body.effectiveFrom, deps.now()), baseVersion: inForce?.version ?? null, organisationId: seat.organisationId };
      const doc = await drafts.create(deps.store, { fields, content, by: byOf(deps, incoming, seat), authorId: caller.personId });
      return recordAnswer(201, { ...shownOf(doc), warnings, changes, signatures: [] }, `${path}/${key}/drafts`);
    },
  });

  const list = defineRoute({
    ...reading, method: 'get', path: `${path}/{key}/drafts`, summary: `Drafts of a ${noun}; those that are still open unless asked for`,
    params: keyParam, query: z.strictObject({ ...pageQuery, all: z.enum(['true', 'false']).default('false') }),
    answers: found('A page.', pageOf(draftSchema)),
    handler: async ({ params: { key }, query, caller }) => {
      requireReader(caller, key, deps.now());
      return listAnswer(deps, kind.drafts, { filter: { key, ...(query.all === 'false' && { active: true }) }, query });
    },
  });

  const read = defineRoute({
    ...reading, method: 'get', path: `${path}/{key}/drafts/{id}`, summary: 'One draft, what is doubtful about it, and what it would change', params: draftParams,
    answers: found('The draft.', openDraftSchema),
    handler: async ({ params, caller }) => {
      requireReader(caller, params.key, deps.now());
      const draft = await draftOf(params);
      const { warnings, changes } = await checked(caller, { key: draft.key, given: contentOf(kind, draft), basis: draft.basis });
      const [signatures = []] = await appliedSignatures(deps.store, [{ streamId: administrativeStreamOf(kind.drafts.kind, draft._id), signable: (act) => drafts.signable(draft, act) }]);
      return recordAnswer(200, { ...shownOf(draft), warnings, changes, signatures });
    },
  });

  const change = defineRoute({
    ...writing, method: 'patch', path: `${path}/{key}/drafts/{id}`, summary: 'Change a draft; who changes it may not publish it', params: draftParams, headers: ifMatchHeader,
    body: giving(offered, { basis: basis.optional(), effectiveFrom: instantSchema.nullable().optional(), reason: reasonSchema, scopes }),
    answers: found('The draft.', openDraftSchema),
    handler: async (incoming) => {
      const { params, body, headers, caller } = incoming;
      const seat = requireDrafter(caller, params.key, deps.now());
      const draft = await openDraftOf(params);
      const { content, warnings, changes } = await checked(caller, { key: draft.key, given: body.given ?? contentOf(kind, draft), basis: body.basis ?? draft.basis, scopes: body.scopes });
      const fields = {
        authorIds: [...new Set([...draft.authorIds, caller.personId])], ...(body.basis !== undefined && { basis: body.basis }),
        ...(body.effectiveFrom !== undefined && { effectiveFrom: body.effectiveFrom === null ? null : startOf(body.effectiveFrom, deps.now()) }),
      };
      const doc = await drafts.change(deps.store, { draft, rev: revOf(headers), fields, content, reason: body.reason, by: byOf(deps, incoming, seat) });
      return recordAnswer(200, { ...shownOf(doc), warnings, changes, signatures: [] });
    },
  });

  const publish = defineRoute({
    ...writing, method: 'post', path: `${path}/{key}/drafts/{id}/publish`, params: draftParams, headers: ifMatchHeader,
    summary: 'Sign a draft and publish it as the next version: by somebody of a sponsor who may approve and did not write it',
    body: z.strictObject({ reason: reasonSchema, signature: grantIdSchema.optional().describe(`Signing grant for act \`publish\` on \`${kind.drafts.kind}/{id}\`.`) }),
    answers: created(`The version; ${pinnedBy} stay on theirs.`, z.object({ policy: offered.policy, changes: z.array(changeSchema) })),
    handler: async (incoming) => {
      const { params, body, headers, caller } = incoming;
      const now = deps.now();
      const draft = await draftOf(params);
      const seat = await requirePublisher(deps, caller, draft);
      const inForce = await stored.inForce(deps.store, draft.key, now);
      await checked(caller, { key: draft.key, given: contentOf(kind, draft), basis: draft.basis });
      await requireOwnGrant(deps, { caller, body });
      const effectiveFrom = draft.effectiveFrom !== null && draft.effectiveFrom > now ? draft.effectiveFrom : now;
      const policy = await drafts.publish(deps.store, { draft, rev: revOf(headers), signature: body.signature, effectiveFrom, reason: body.reason, by: byOf(deps, incoming, seat) });
      return { status: 201, body: { policy, changes: differencesOf(inForce, policy) }, headers: { Location: `${path}/${policy.key}/versions/${String(policy.version)}` } };
    },
  });

  const discard = defineRoute({
    ...writing, method: 'post', path: `${path}/{key}/drafts/{id}/discard`, summary: 'Give a draft up; it stays readable', params: draftParams, headers: ifMatchHeader, body: reasonBody,
    answers: found('The draft.', draftSchema),
    handler: async (incoming) => {
      const { params, body, headers, caller } = incoming;
      const seat = requireDrafter(caller, params.key, deps.now());
      const draft = await openDraftOf(params);
      const doc = await drafts.change(deps.store, { draft, rev: revOf(headers), fields: { status: 'discarded', active: false }, reason: body.reason, by: byOf(deps, incoming, seat) });
      return recordAnswer(200, shownOf(doc));
    },
  });

  const tryOut = defineRoute({
    ...reading, method: 'post', path: `${path}/{key}/check`, summary: `Check ${kind.holds} as a draft would be, without saving them`, params: keyParam,
    body: giving(offered, { basis: basis.default('unsaid'), scopes }, 'required'),
    answers: found('Nothing stands against them; what is doubtful, and what they would change. Faults answer 422, each with its path.', checkedSchema),
    handler: async ({ params: { key }, body, caller }) => {
      requireReader(caller, key, deps.now());
      const { warnings, changes } = await checked(caller, { key, given: body.given, basis: body.basis, scopes: body.scopes });
      return { status: 200, body: { warnings, changes } };
    },
  });
  return [create, list, read, change, publish, discard, tryOut];
}

function schemasOf<Name extends PolicyContent>({ schemaId, kind, content }: OfferedPolicies<Name>) {
  const draftSchema = z.object({
    ...administeredFields, key: z.string(), [kind.holds]: content, basis: z.string(), effectiveFrom: z.string().nullable(), baseVersion: z.int().nullable(),
    status: z.enum(['draft', 'published', 'discarded']), organisationId: z.string(), authorIds: z.array(z.string()), version: z.int().nullable(),
    contentVersion: z.int().optional().describe('Of what publishing signs; absent: 1.'),
  }).meta({ id: `${schemaId}Draft` });
  return { draftSchema, openDraftSchema: draftSchema.extend({ ...checkedFields, signatures: z.array(appliedSignatureSchema) }).meta({ id: `Checked${schemaId}Draft` }) };
}

/** A body with what the policy holds, under the name of its kind; handlers find it as `given`. */
function giving<Name extends PolicyContent, Shape extends z.ZodRawShape>({ kind, given }: OfferedPolicies<Name>, shape: Shape, need?: 'required') {
  type Given = z.output<z.ZodObject<Shape>> & { readonly given: GivenContents[Name] | undefined };
  const { holds } = kind;
  const body = z.strictObject({ ...shape, [holds]: need ? given : given.optional().describe('Default: what is in force, or what the draft has.') });
  // The compiler widens a computed name to any string.
  return body.transform(({ [holds]: content, ...others }) => ({ ...others, given: content })) as unknown as z.ZodType<Given>;
}

interface Checked<Name extends PolicyContent> {
  readonly key: string;
  readonly given: GivenContents[Name] | PolicyContents[Name] | undefined;
  readonly basis: string;
  readonly scopes?: readonly { organisationId: string; studyId?: string | undefined }[] | undefined;
}

/** Refuses faults (422, each with its path); answers what remains doubtful and what would change. */
async function check<Name extends PolicyContent>(deps: ApiDeps, offered: OfferedPolicies<Name>, of: Checked<Name> & { readonly caller: Caller }) {
  const { caller, key, given } = of;
  const now = deps.now();
  const { holds } = offered.kind;
  if (!given) throw ruleBroken(`A new ${offered.noun} needs its ${holds}.`, { errors: [{ field: holds, message: 'is missing: no version is in force to start from' }] });
  const asked = of.scopes ?? organisationIdsOf(caller).map((organisationId) => ({ organisationId }));
  if (asked.some(({ organisationId }) => !isOf(caller, organisationId))) throw ruleBroken('Vacant levels are looked for in the own organisations.', { errors: [{ field: 'scopes', message: 'not an organisation of yours' }] });
  const findings = offered.check(given, await staffedScopes(deps.store, { scopes: asked, at: now }));
  const errors = findings.filter(({ severity }) => severity === 'error').map(({ field, message }) => ({ field, message }));
  if (errors.length > 0) throw ruleBroken('The policy breaks a rule.', { errors });
  const content = offered.sound(given);
  return { content, warnings: findings, changes: differencesOf(await offered.stored.inForce(deps.store, key, now), holding(offered.kind, { basis: of.basis }, content)) };
}

/** Throws Failure `rule_broken` for a start in the past: a version never counts for what has happened. */
function startOf(text: string | undefined, now: Instant): Instant | null {
  const from = text === undefined ? undefined : parseInstant(text);
  if (!from) return null;
  if (from < plusMs(now, -LATEST_START_MS)) throw ruleBroken('A version cannot count from the past.', { errors: [{ field: 'effectiveFrom', message: 'lies in the past' }] });
  return from;
}
