import { z } from 'zod';
import { Failure, FAILURES } from '../../contracts/failures';
import { matrixRowSchema, PROPOSAL_STATUSES, type MatrixApproval } from '../../contracts/matrix';
import { administrativeStreamOf } from '../../domain/audit/streams';
import { rowDifference } from '../../domain/matrix/difference';
import { rowGaps } from '../../domain/matrix/gaps';
import { missingApprovals } from '../../domain/matrix/proposal';
import { proposalSignable } from '../../domain/matrix/signable';
import { proposalWaiting } from '../../domain/matrix/waiting';
import type { Store } from '../../store/connection';
import { latestVersions, seatCondition, versionsInForce } from '../../store/matrix';
import { checkRows } from '../../store/matrixFacts';
import { possibleApprovers } from '../../store/matrixProposals';
import type { MatrixDoc, MatrixProposalDoc } from '../../store/schemas/matrix';
import { organisationIdsOf, shownOf } from '../administer';
import type { ApiDeps, Caller } from '../deps';
import { administeredFields } from '../schemas';
import { appliedSignatures, appliedSignatureSchema, type AppliedSignature, type SignedSubject } from './appliedSignatures';

const approval = z.object({
  organisationId: z.string(), personId: z.string(), role: z.string(), at: z.string(),
  signatureId: z.string().nullable().describe('null: given before approvals were signed, or put in by provisioning; while the proposal is open it does not count then.'),
  signature: appliedSignatureSchema.nullable().describe('null although there is an id: somebody took it away; `GET /audit/verify` and `npm run verify` say so, too.'),
});

/** A version of a row as the API shows it. */
export const versionSchema = matrixRowSchema.extend({
  rowKey: z.string(), version: z.int(), effectiveFrom: z.string(), createdAt: z.string(), approvals: z.array(approval), proposalId: z.string().nullable(),
});

/** Versions with their signed approvals, in their order. */
export async function shownVersions(store: Store, docs: readonly MatrixDoc[]): Promise<readonly Record<string, unknown>[]> {
  const approvals = await versionApprovals(store, docs);
  return docs.map(({ _id, ...version }, index) => ({ ...version, approvals: approvals[index] ?? [] }));
}

/** The approvals of versions, each with its signature, in the order of the versions. */
export async function versionApprovals(store: Store, docs: readonly MatrixDoc[]): Promise<readonly (readonly ShownApproval[])[]> {
  const proposalIds = docs.flatMap(({ proposalId }) => proposalId ?? []);
  const proposals = proposalIds.length === 0 ? [] : await store.models.matrixProposals.find({ _id: { $in: proposalIds } }).lean<MatrixProposalDoc[]>();
  return shownApprovals(store, docs.map((doc) => {
    const proposal = proposals.find(({ _id }) => _id === doc.proposalId);
    // Beside the row of the version, not of the proposal: that it is the one that was signed is to be seen.
    return { approvals: doc.approvals, streamId: proposal ? streamOf(proposal) : null, signable: (act) => proposal && proposalSignable({ ...proposal, rowKey: doc.rowKey, row: doc }, act) };
  }));
}

export interface ShownApproval extends Omit<MatrixApproval, 'signatureId'> {
  readonly signatureId: string | null;
  readonly signature: AppliedSignature | null;
}

async function shownApprovals(store: Store, subjects: readonly (SignedSubject & { readonly approvals: readonly MatrixApproval[] })[]): Promise<readonly (readonly ShownApproval[])[]> {
  const signatures = await appliedSignatures(store, subjects);
  return subjects.map(({ approvals }, index) => approvals.map((approval) => ({
    ...approval, signatureId: approval.signatureId ?? null, signature: signatures[index]?.find(({ id }) => id === approval.signatureId) ?? null,
  })));
}

const streamOf = ({ _id }: MatrixProposalDoc): string => administrativeStreamOf('matrix-proposal', _id);

export const findingSchema = z.object({ field: z.string(), message: z.string() });
const change = z.object({ field: z.string(), old: z.unknown(), new: z.unknown() });
export const changesSchema = z.array(change);

/** A proposal in a list. */
export const proposalSchema = z.object({
  ...administeredFields, rowKey: z.string(), row: matrixRowSchema, effectiveFrom: z.string().nullable(), baseVersion: z.int(), status: z.enum(PROPOSAL_STATUSES),
  proposingOrganisationId: z.string(), authorIds: z.array(z.string()), proposedAt: z.string().nullable(), approvals: z.array(approval),
  contentVersion: z.int().describe('Of what an approval signs.'),
  declined: z.object({ organisationId: z.string(), personId: z.string(), reason: z.string(), at: z.string() }).nullable(), version: z.int().nullable(),
  missing: z.array(z.string()).meta({ description: 'Organisations whose approval is missing.' }),
});

/** One proposal: what it waits for, what it would change, what to think of before approving it. */
export const wholeProposalSchema = proposalSchema.extend({
  waiting: z.object({
    for: z.string(), missing: z.array(z.string()),
    movers: z.array(z.object({ organisationId: z.string(), acts: z.array(z.string()), personId: z.string().optional() })),
  }).nullable(),
  difference: z.object({ against: z.int().nullable(), changes: changesSchema }).meta({ description: 'Against the version in force; null: there is none.' }),
  warnings: z.array(findingSchema),
  gaps: z.array(findingSchema).meta({ description: 'What the row leaves open: no filing rule, frequency or fallback. Allowed; whoever approves knows.' }),
});

/** Proposals with their signed approvals, in their order. */
export async function shownProposals(store: Store, docs: readonly MatrixProposalDoc[]): Promise<readonly Record<string, unknown>[]> {
  const approvals = await shownApprovals(store, docs.map((doc) => ({ approvals: doc.approvals, streamId: streamOf(doc), signable: (act) => proposalSignable(doc, act) })));
  return docs.map((doc, index) => ({ ...shownOf(doc), contentVersion: doc.contentVersion ?? 1, approvals: approvals[index] ?? [], missing: missingApprovals(doc) }));
}

/** The proposal with everything that whoever decides on it asks for. */
export async function wholeProposal({ store, now }: ApiDeps, doc: MatrixProposalDoc): Promise<Record<string, unknown>> {
  const at = now();
  const [[shown], latest, inForce, people, [findings]] = await Promise.all([
    shownProposals(store, [doc]), latestVersions(store, [doc.rowKey]), versionsInForce(store, { rowKeys: [doc.rowKey], at }),
    possibleApprovers(store, { organisationIds: missingApprovals(doc), at }), checkRows(store, [doc], at),
  ]);
  const before = inForce.get(doc.rowKey);
  return {
    ...shown,
    waiting: proposalWaiting(doc, { latestVersion: latest.get(doc.rowKey) ?? 0, people, now: at }),
    difference: { against: before?.version ?? null, changes: rowDifference(before, doc.row) },
    warnings: findings?.warnings ?? [],
    gaps: rowGaps(doc.row),
  };
}

/** Proposals that the caller sees: of the own seats, drafts of the own organisation only. */
export function visibleProposals(caller: Caller): object {
  const shared = { $or: [{ proposedAt: { $ne: null } }, { proposingOrganisationId: { $in: [...organisationIdsOf(caller)] } }] };
  return { $and: [seatCondition(caller.memberships, 'row.'), shared] };
}

/** These proposals, in the order of the ids. Throws Failure `not_found` unless the caller sees each. */
export async function proposalsOf({ store }: ApiDeps, caller: Caller, ids: readonly string[]): Promise<readonly MatrixProposalDoc[]> {
  const found = await store.models.matrixProposals.find({ $and: [{ _id: { $in: [...ids] } }, visibleProposals(caller)] }).lean<MatrixProposalDoc[]>();
  return ids.map((id) => {
    const doc = found.find(({ _id }) => _id === id);
    if (!doc) throw new Failure('not_found', FAILURES.not_found.meaning, { id });
    return doc;
  });
}
