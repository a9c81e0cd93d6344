import { z } from 'zod';
import { Failure } from '../../contracts/failures';
import { parseInstant, plusMs, type Instant } from '../../contracts/instant';
import { policyKeySchema } from '../../contracts/policy';
import { givenScopeSchema, policyScopeSchema, type PolicyScope } from '../../contracts/policyScope';
import type { PolicyContent, PolicyContents } from '../../contracts/policyKinds';
import { grantIdSchema } from '../../contracts/signature';
import { instantSchema } from '../../contracts/instantSchema';
import { administrativeStreamOf } from '../../domain/audit/streams';
import { bindsWhom, ORDER_OF_SCOPES } from '../../domain/policy/because';
import { differencesOf } from '../../domain/policy/difference';
import { missingSignatures } from '../../domain/policy/draft';
import { narrowestInForce, overtakenBy } from '../../domain/policy/inForce';
import { scopeFrom, scopeKeyOf, scopeOf } from '../../domain/policy/scope';
import { staffedScopes } from '../../store/directory';
import { contentOf, holding } from '../../store/policyKinds';
import { draftsRead } from '../../store/readingSeats';
import type { PolicyDraftDoc } from '../../store/schemas/policies';
import { readingSeatsOf, requireChanger, requireDecliner, requireDrafter, requireOpen, requirePublisher, requireReadable, requireScope, requireSteering } from '../commands/policySeats';
import { requirePolicyKey } from '../commands/policyKey';
import { asSigner, requireOwnGrant } from '../commands/signing';
import { byOf, created, found, instanceSeat, isOf, listAnswer, notFound, organisationIdsOf, recordAnswer, ruleBroken, shownOf } from '../administer';
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
const checkedFields = { warnings: z.array(findingSchema), changes: z.array(changeSchema).describe('Against the version that counts now for those whom it binds.') };
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
  const draftOf = async ({ params: { key, id }, caller }: { params: { key: string; id: string }; caller: Caller }): Promise<PolicyDraftDoc<Name>> => {
    requireSteering(deps, caller, key);
    const draft = await drafts.find(deps.store, id);
    if (draft?.key !== key) throw notFound();
    return requireReadable(deps, caller, draft);
  };
  const openDraftOf = async (incoming: { params: { key: string; id: string }; caller: Caller }) => requireOpen(await draftOf(incoming));

  const create = defineRoute({
    ...writing, method: 'post', path: `${path}/{key}/drafts`, summary: `Draft a ${noun}: a new key, or the next version, from the one in force`, params: keyParam,
    body: giving(offered, {
      basis, effectiveFrom: instantSchema.optional(), scopes,
      scope: givenScopeSchema.describe('Whom it is to bind: each of these organisations signs it. `installation`: nobody by agreement; an administrator of the instance publishes it.'),
    }),
    answers: created('The draft, with what is doubtful about it.', openDraftSchema),
    handler: async (incoming) => {
      const { params: { key }, body, caller } = incoming;
      const scope = scopeFrom(body.scope);
      await requireScope(deps, caller, scope);
      const seat = requireDrafter(deps, caller, { key, scope });
      const [last] = await stored.versions(deps.store, { key, scope });
      if (!last) await requirePolicyKey(deps, { key, scope });
      const begins = startOf(body.effectiveFrom, deps.now());
      const inForce = await countingNow(deps, offered, { key, scope });
      const { content, warnings, changes } = await checked(caller, { key, scope, given: body.given ?? (inForce && contentOf(kind, inForce)), basis: body.basis, scopes: body.scopes, begins });
      const fields = { key, scope, basis: body.basis, effectiveFrom: begins, baseVersion: last?.version ?? null, organisationId: seat.organisationId };
      const doc = await drafts.create(deps.store, { fields, content, by: byOf(deps, incoming, seat), authorId: caller.personId });
      return recordAnswer(201, { ...shownDraft(doc), warnings, changes, signatures: [] }, `${path}/${key}/drafts`);
    },
  });

  const list = defineRoute({
    ...reading, method: 'get', path: `${path}/{key}/drafts`, summary: `Drafts of a ${noun}; those that are still open unless asked for`,
    params: keyParam, query: z.strictObject({ ...pageQuery, all: z.enum(['true', 'false']).default('false') }),
    answers: found('A page.', pageOf(draftSchema)),
    handler: async ({ params: { key }, query, caller }) => {
      requireSteering(deps, caller, key);
      const readable = draftsRead(await readingSeatsOf(deps, caller), instanceSeat(caller, deps.now()) !== undefined);
      return listAnswer(deps, kind.drafts, { filter: { $and: [{ key, ...(query.all === 'false' && { active: true }) }, readable] }, query, show: shownDraft });
    },
  });

  const read = defineRoute({
    ...reading, method: 'get', path: `${path}/{key}/drafts/{id}`, summary: 'One draft, what is doubtful about it, and what it would change', params: draftParams,
    answers: found('The draft.', openDraftSchema),
    handler: async (incoming) => {
      const { caller } = incoming;
      const draft = await draftOf(incoming);
      const { warnings, changes } = await checked(caller, { key: draft.key, scope: scopeOf(draft), given: contentOf(kind, draft), basis: draft.basis, begins: draft.effectiveFrom });
      const [signatures = []] = await appliedSignatures(deps.store, [{ streamId: administrativeStreamOf(kind.drafts.kind, draft._id), signable: (act) => drafts.signable(draft, act) }]);
      return recordAnswer(200, { ...shownDraft(draft), warnings, changes, signatures });
    },
  });

  const change = defineRoute({
    ...writing, method: 'patch', path: `${path}/{key}/drafts/{id}`, summary: 'Change a draft; who changes it may not publish it', params: draftParams, headers: ifMatchHeader,
    body: giving(offered, { basis: basis.optional(), effectiveFrom: instantSchema.nullable().optional(), reason: reasonSchema, scopes }),
    answers: found('The draft.', openDraftSchema),
    handler: async (incoming) => {
      const { body, headers, caller } = incoming;
      const draft = await openDraftOf(incoming);
      const seat = requireChanger(deps, caller, draft);
      if (draft.status === 'proposed') throw new Failure('wrong_state', 'The draft is proposed: what one party has signed is not changed. Discard it and draft another.', { rev: draft.rev });
      const { content, warnings, changes } = await checked(caller, { key: draft.key, scope: scopeOf(draft), given: body.given ?? contentOf(kind, draft), basis: body.basis ?? draft.basis, scopes: body.scopes, begins: draft.effectiveFrom });
      const fields = {
        authorIds: [...new Set([...draft.authorIds, caller.personId])], ...(body.basis !== undefined && { basis: body.basis }),
        ...(body.effectiveFrom !== undefined && { effectiveFrom: body.effectiveFrom === null ? null : startOf(body.effectiveFrom, deps.now()) }),
      };
      const doc = await drafts.change(deps.store, { draft, rev: revOf(headers), fields, content, reason: body.reason, by: byOf(deps, incoming, seat) });
      return recordAnswer(200, { ...shownDraft(doc), warnings, changes, signatures: [] });
    },
  });

  const publish = defineRoute({
    ...writing, method: 'post', path: `${path}/{key}/drafts/{id}/publish`, params: draftParams, headers: ifMatchHeader,
    summary: 'Sign a draft for an organisation that it binds; with the last signature it is the next version',
    body: z.strictObject({ reason: reasonSchema, signature: grantIdSchema.optional().describe(`Signing grant for act \`publish\` on \`${kind.drafts.kind}/{id}\`.`) }),
    answers: {
      ...created(`The version; ${pinnedBy} stay on theirs.`, z.object({ policy: offered.policy, changes: z.array(changeSchema) })),
      ...found('Signed; the draft waits for the other parties, who read it from now on.', draftSchema),
    },
    handler: async (incoming) => {
      const { body, headers } = incoming;
      const now = deps.now();
      const caller = asSigner(incoming.caller, [body.signature], now);
      const draft = await draftOf(incoming);
      const seat = requirePublisher(deps, caller, draft);
      const inForce = await countingNow(deps, offered, { key: draft.key, scope: scopeOf(draft) });
      await checked(caller, { key: draft.key, scope: scopeOf(draft), given: contentOf(kind, draft), basis: draft.basis });
      await requireOwnGrant(deps, { caller, body });
      const effectiveFrom = draft.effectiveFrom !== null && draft.effectiveFrom > now ? draft.effectiveFrom : now;
      const signed = await drafts.publish(deps.store, { draft, rev: revOf(headers), signature: body.signature, seat, personId: caller.personId, effectiveFrom, reason: body.reason, by: byOf(deps, incoming, seat) });
      if (!signed.policy) return recordAnswer(200, shownDraft(signed.draft));
      const { key, version, scope } = signed.policy;
      const place = scope && scopeKeyOf(scope);
      return { status: 201, body: { policy: { ...signed.policy, scope: scopeOf(signed.policy) }, changes: differencesOf(inForce, signed.policy) }, headers: { Location: `${path}/${key}/versions/${String(version)}${place === undefined || place === null ? '' : `?scope=${encodeURIComponent(place)}`}` } };
    },
  });

  const ending = (name: 'discard' | 'decline', { summary, status, seatOf }: { summary: string; status: 'discarded' | 'declined'; seatOf: typeof requireChanger }) => defineRoute({
    ...writing, method: 'post', path: `${path}/{key}/drafts/{id}/${name}`, summary, params: draftParams, headers: ifMatchHeader, body: reasonBody,
    answers: found('The draft.', draftSchema),
    handler: async (incoming) => {
      const { body, headers, caller } = incoming;
      const draft = await openDraftOf(incoming);
      const seat = seatOf(deps, caller, draft);
      if (name === 'decline' && draft.status !== 'proposed') throw new Failure('wrong_state', 'The draft is not proposed: nobody was asked to sign it.', { rev: draft.rev });
      const declined = { organisationId: seat.organisationId, personId: caller.personId, reason: body.reason, at: deps.now() };
      const doc = await drafts.change(deps.store, { draft, rev: revOf(headers), fields: { status, active: false, ...(name === 'decline' && { declined }) }, reason: body.reason, by: byOf(deps, incoming, seat) });
      return recordAnswer(200, shownDraft(doc));
    },
  });
  const discard = ending('discard', { summary: 'Give a draft up; it stays readable', status: 'discarded', seatOf: requireChanger });
  const decline = ending('decline', { summary: 'Decline to sign what another party has signed; it stays readable', status: 'declined', seatOf: requireDecliner });

  const tryOut = defineRoute({
    ...reading, method: 'post', path: `${path}/{key}/check`, summary: `Check ${kind.holds} as a draft would be, without saving them`, params: keyParam,
    body: giving(offered, { basis: basis.default('unsaid'), scopes, scope: givenScopeSchema.default({ kind: 'installation' }).describe('Against what counts for whom.') }, 'required'),
    answers: found('Nothing stands against them; what is doubtful, and what they would change. Faults answer 422, each with its path.', checkedSchema),
    handler: async ({ params: { key }, body, caller }) => {
      requireSteering(deps, caller, key);
      const scope = scopeFrom(body.scope);
      await requireScope(deps, caller, scope);
      const { warnings, changes } = await checked(caller, { key, scope, given: body.given, basis: body.basis, scopes: body.scopes });
      return { status: 200, body: { warnings, changes } };
    },
  });
  return [create, list, read, change, publish, decline, discard, tryOut];
}

function schemasOf<Name extends PolicyContent>({ schemaId, kind, content }: OfferedPolicies<Name>) {
  const draftSchema = z.object({
    ...administeredFields, key: z.string(), [kind.holds]: content, basis: z.string(), effectiveFrom: z.string().nullable(), baseVersion: z.int().nullable(),
    scope: policyScopeSchema, scopeKey: z.string().nullable().describe('How lists and addresses name the scope; null: the installation.'), binds: z.string().describe('Whom it is to bind.'), order: z.string().describe('In which order the version that counts is looked for.'),
    approvals: z.array(z.object({ organisationId: z.string(), personId: z.string(), role: z.string(), at: z.string(), signatureId: z.string().optional() })), awaiting: z.array(z.string()).describe('Organisations that have not signed.'),
    proposedAt: z.string().nullable().describe('When the other parties were first asked: from then on they read it.'), declined: z.object({ organisationId: z.string(), personId: z.string(), reason: z.string(), at: z.string() }).nullable(),
    status: z.enum(['draft', 'proposed', 'published', 'discarded', 'declined']), organisationId: z.string(), authorIds: z.array(z.string()), version: z.int().nullable(),
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

/** A draft as the API shows it; one from before scopes is the installation's. */
function shownDraft<Name extends PolicyContent>(draft: PolicyDraftDoc<Name>): Record<string, unknown> {
  const scope = scopeOf(draft);
  return {
    ...shownOf(draft), scope, scopeKey: scopeKeyOf(scope), binds: bindsWhom(scope), order: ORDER_OF_SCOPES, approvals: draft.approvals ?? [], awaiting: draft.active ? missingSignatures(draft) : [],
    proposedAt: draft.proposedAt ?? null, declined: draft.declined ?? null,
  };
}

/** The version that counts now for those whom the scope binds, of whichever scope. */
async function countingNow<Name extends PolicyContent>({ store, now }: Pick<ApiDeps, 'store' | 'now'>, { stored }: OfferedPolicies<Name>, { key, scope }: { readonly key: string; readonly scope: PolicyScope }) {
  const where = { organisationIds: scope.organisationIds, studyId: scope.studyId, at: now() };
  if (scope.kind === 'installation') return stored.inForce(store, { key, scope }, where.at);
  return narrowestInForce(await stored.binding(store, [key], where), key, where);
}

interface Checked<Name extends PolicyContent> {
  readonly key: string;
  readonly scope: PolicyScope;
  /** When it is meant to begin; absent, null: at once. */
  readonly begins?: Instant | null;
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
  const overtaken = overtakenBy(await offered.stored.versions(deps.store, { key, scope: of.scope }), of.begins ?? now)
    .map(({ version, effectiveFrom }) => ({ severity: 'warning' as const, field: 'effectiveFrom', message: `version ${String(version)}, which was to count from ${effectiveFrom}, never will: this one is signed after it and begins before it` }));
  return { content, warnings: [...findings, ...overtaken], changes: differencesOf(await countingNow(deps, offered, of), holding(offered.kind, { basis: of.basis }, content)) };
}

/** Throws Failure `rule_broken` for a start in the past: a version never counts for what has happened. */
function startOf(text: string | undefined, now: Instant): Instant | null {
  const from = text === undefined ? undefined : parseInstant(text);
  if (!from) return null;
  if (from < plusMs(now, -LATEST_START_MS)) throw ruleBroken('A version cannot count from the past.', { errors: [{ field: 'effectiveFrom', message: 'lies in the past' }] });
  return from;
}
