import { z } from 'zod';
import { parseInstant, type Instant } from '../../contracts/instant';
import { contactSchema, frequencySchema, filingRuleSchema, matrixRowSchema, PROPOSAL_STATUSES, type MatrixRow, type UncheckedMatrixRow } from '../../contracts/matrix';
import { grantIdSchema } from '../../contracts/signature';
import { instantSchema } from '../../contracts/instantSchema';
import { completeRow } from '../../domain/matrix/checkRow';
import { draftingSeat, startsInThePast, type ProposalCommand } from '../../domain/matrix/proposal';
import { rowKeyOf } from '../../domain/matrix/row';
import { latestVersions } from '../../store/matrix';
import { checkRows } from '../../store/matrixFacts';
import { actOnProposals, createProposals, matrixProposalKind, type Proposer } from '../../store/matrixProposals';
import { pageById } from '../../store/page';
import { asSigner, requireOwnGrant } from '../commands/signing';
import { created, found, isOf, notFound, notPermitted, recordAnswer, ruleBroken } from '../administer';
import type { ApiDeps, Caller } from '../deps';
import { invalid } from '../problem';
import { defineRoute, type Outgoing, type Route } from '../route';
import { idParam, idSchema, ifMatchHeader, pageOf, pageQuery, reasonSchema, revOf } from '../schemas';
import { decodeCursor, encodeCursor } from '../views/cursor';
import { proposalSchema, proposalsOf, shownProposals, visibleProposals, wholeProposal, wholeProposalSchema } from '../views/matrix';

/** A missing deputy is a broken rule (422), not a malformed request. */
const contacts = z.array(contactSchema.partial({ deputyId: true })).min(1).max(40);
const baseVersion = z.int().min(0).optional().meta({ description: 'Latest version of the row that the caller has seen, 0 for none; 409 when there is a newer one. Default: the latest.' });
const effectiveFrom = instantSchema.nullable().optional().meta({ description: 'Not before; null: from the last approval on.' });
const editable = { policyKey: matrixRowSchema.shape.policyKey, contacts, phi: z.boolean(), phiChannels: matrixRowSchema.shape.phiChannels.unwrap(), frequency: frequencySchema.nullable(), filing: filingRuleSchema.nullable() };
const placeSchema = z.tuple([z.string()]);
const tags = ['matrix'];
const path = '/api/v1/matrix/proposals';
/** Grants by the proposal that each signs. */
type Signatures = Readonly<Record<string, string>>;
const refusalSubject = ({ id }: { id: string }) => `matrix-proposal/${id}`;
const route = { tags, access: 'signed_in', scope: 'administer' } as const;

/** Proposals of matrix rows: drafted by one side, effective when every organisation of the row has approved (E1). */
export function matrixProposalRoutes(deps: ApiDeps): Route[] {
  const proposerOf = ({ caller, correlationId }: { caller: Caller; correlationId: string }): Proposer =>
    ({ personId: caller.personId, name: caller.name, memberships: caller.memberships, correlationId, now: deps.now() });
  /** The row, when it can route an issue. Throws Failure `rule_broken` with every field at fault. */
  const checked = async (row: UncheckedMatrixRow, from: Instant | null): Promise<MatrixRow> => {
    const [findings] = await checkRows(deps.store, [{ row, effectiveFrom: from }], deps.now());
    const errors = [...(findings?.errors ?? []), ...(startsInThePast(from, deps.now()) ? [{ field: 'effectiveFrom', message: 'lies in the past' }] : [])];
    const complete = completeRow(row);
    if (errors.length > 0 || !complete) throw ruleBroken('The row breaks rules.', { errors });
    return complete;
  };
  const latestOf = async (row: UncheckedMatrixRow): Promise<number> => (await latestVersions(deps.store, [rowKeyOf(row)])).get(rowKeyOf(row)) ?? 0;
  const act = async (incoming: { caller: Caller; correlationId: string }, asked: { ids: readonly string[]; rev?: number | undefined; command: ProposalCommand; reason: string; signatures?: Signatures }) => {
    const { ids, rev, signatures = {} } = asked;
    await proposalsOf(deps, incoming.caller, ids);
    for (const signature of Object.values(signatures)) await requireOwnGrant(deps, { caller: incoming.caller, body: { signature } });
    return actOnProposals(deps.store, { targets: ids.map((id) => ({ id, rev, signature: signatures[id] })), command: asked.command, reason: asked.reason, by: proposerOf({ ...incoming, caller: asSigner(incoming.caller, Object.values(signatures), deps.now()) }) });
  };
  const answerOf = async (status: 200 | 201, doc: Awaited<ReturnType<typeof act>>[number] | undefined): Promise<Outgoing> => {
    if (!doc) throw notFound();
    return recordAnswer(status, await wholeProposal(deps, doc), ...(status === 201 ? [path] : []));
  };

  const create = defineRoute({
    ...route, method: 'post', path, summary: 'Draft a version of a row',
    body: matrixRowSchema.extend({ contacts, effectiveFrom, baseVersion, propose: z.boolean().default(false).meta({ description: 'Propose it at once.' }) }),
    answers: created('The proposal.', wholeProposalSchema),
    handler: async (incoming) => {
      const { caller, body } = incoming;
      const { effectiveFrom: from, baseVersion: base, propose, ...row } = body;
      if (!row.organisationIds.some((id) => isOf(caller, id))) throw notFound();
      const by = proposerOf(incoming);
      const seat = draftingSeat(row, row.organisationIds, { actor: by, now: by.now });
      if (!seat) throw notPermitted();
      const start = startOf(from);
      const proposal = { row: await checked(row, start), effectiveFrom: start, baseVersion: base ?? (await latestOf(row)), seat, propose };
      const [doc] = await createProposals(deps.store, { proposals: [proposal], by });
      return answerOf(201, doc);
    },
  });

  const edit = defineRoute({
    ...route, method: 'patch', path: `${path}/{id}`, summary: 'Edit a draft', params: idParam, headers: ifMatchHeader, refusalSubject,
    body: z.strictObject({ ...z.object(editable).partial().shape, effectiveFrom, baseVersion, reason: reasonSchema }),
    answers: found('The proposal.', wholeProposalSchema),
    handler: async (incoming) => {
      const { params, body, headers, caller } = incoming;
      const { reason, effectiveFrom: from, baseVersion: base, frequency, filing, ...given } = body;
      const [before] = await proposalsOf(deps, caller, [params.id]);
      if (!before) throw notFound();
      if (!draftingSeat(before.row, [before.proposingOrganisationId], { actor: caller, now: deps.now() })) throw notPermitted();
      const { frequency: oldFrequency, filing: oldFiling, ...old } = before.row;
      const next = {
        ...old, ...withoutUndefined(given),
        ...((frequency ?? (frequency === undefined && oldFrequency)) && { frequency: frequency ?? oldFrequency }),
        ...((filing ?? (filing === undefined && oldFiling)) && { filing: filing ?? oldFiling }),
      } as UncheckedMatrixRow;
      const start = from === undefined ? before.effectiveFrom : startOf(from);
      const row = before.status === 'draft' ? await checked(next, start) : before.row;
      const command: ProposalCommand = { act: 'edit', row, effectiveFrom: start, baseVersion: base ?? before.baseVersion };
      const [doc] = await act(incoming, { ids: [params.id], rev: revOf(headers), command, reason });
      return answerOf(200, doc);
    },
  });

  const acts = (['propose', 'withdraw', 'decline'] as const).map((name) => defineRoute({
    ...route, method: 'post', path: `${path}/{id}/${name}`, summary: SUMMARIES[name], params: idParam, headers: ifMatchHeader, refusalSubject,
    body: z.strictObject({ reason: name === 'decline' ? reasonSchema : reasonSchema.optional() }),
    answers: found('The proposal.', wholeProposalSchema),
    handler: async (incoming) => {
      const { params, body, headers } = incoming;
      const reason = body.reason ?? name;
      const [doc] = await act(incoming, { ids: [params.id], rev: revOf(headers), command: name === 'decline' ? { act: name, reason } : { act: name }, reason });
      return answerOf(200, doc);
    },
  }));

  const approve = defineRoute({
    ...route, method: 'post', path: `${path}/{id}/approve`, summary: 'Sign an approval for one\'s organisation; the last one makes it a version', params: idParam, headers: ifMatchHeader, refusalSubject,
    body: z.strictObject({ reason: reasonSchema.optional(), signature: grantIdSchema.optional().describe('Signing grant for act `approve` on `matrix-proposal/{id}`.') }),
    answers: found('The proposal.', wholeProposalSchema),
    handler: async (incoming) => {
      const { params: { id }, body: { reason = 'approve', signature }, headers } = incoming;
      const [doc] = await act(incoming, { ids: [id], rev: revOf(headers), command: { act: 'approve' }, reason, ...(signature !== undefined && { signatures: { [id]: signature } }) });
      return answerOf(200, doc);
    },
  });

  const approveAll = defineRoute({
    ...route, method: 'post', path: `${path}/approve`, summary: 'Sign approvals of several proposals, all or none',
    body: z.strictObject({
      ids: z.array(idSchema).min(1).max(200), reason: reasonSchema.optional(),
      signatures: z.record(idSchema, grantIdSchema).default({}).describe('By proposal, a signing grant for each: every approval is a signature of its own.'),
    }),
    answers: found('The proposals.', z.object({ items: z.array(proposalSchema) })),
    handler: async (incoming) => {
      const { reason = 'approve', signatures } = incoming.body;
      const ids = [...new Set(incoming.body.ids)];
      const others = Object.keys(signatures).filter((id) => !ids.includes(id));
      if (others.length > 0) throw invalid(others.map((id) => ({ field: `signatures.${id}`, message: 'is of a proposal that is not among the ids' })));
      const docs = await act(incoming, { ids, command: { act: 'approve' }, reason, signatures });
      return { status: 200, body: { items: await shownProposals(deps.store, docs) } };
    },
  });

  const list = defineRoute({
    ...route, scope: 'read', method: 'get', path, summary: 'Proposals that name the own organisation; drafts of one\'s own side only',
    query: z.strictObject({ ...pageQuery, status: z.enum(PROPOSAL_STATUSES).optional(), rowKey: z.string().max(400).optional() }),
    answers: found('A page.', pageOf(proposalSchema)),
    handler: async ({ query, caller }) => {
      const { limit, cursor, status, rowKey } = query;
      const filter = { $and: [visibleProposals(caller), { ...(status && { status }), ...(rowKey !== undefined && { rowKey }) }] };
      const page = await pageById(matrixProposalKind.model(deps.store), { filter, after: decodeCursor(cursor, placeSchema)?.[0], limit });
      return { status: 200, body: { items: await shownProposals(deps.store, page.items), next: page.next === undefined ? null : encodeCursor([page.next]) } };
    },
  });

  const read = defineRoute({
    ...route, scope: 'read', method: 'get', path: `${path}/{id}`, summary: 'One proposal: what it waits for, and what it would change', params: idParam, refusalSubject,
    answers: found('The proposal.', wholeProposalSchema),
    handler: async ({ params, caller }) => answerOf(200, (await proposalsOf(deps, caller, [params.id]))[0]),
  });
  return [create, list, approveAll, approve, read, edit, ...acts];
}

const SUMMARIES = {
  propose: 'Propose a draft to every organisation of its row',
  withdraw: 'Withdraw what one\'s organisation drafted or proposed', decline: 'Decline a proposal',
} as const;

function startOf(text: string | null | undefined): Instant | null {
  return text === null || text === undefined ? null : (parseInstant(text) ?? null);
}

function withoutUndefined<T extends object>(fields: T): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;
}
