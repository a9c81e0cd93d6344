import { z } from 'zod';
import { Failure, FAILURES } from '../../contracts/failures';
import { matrixRowSchema, PROPOSAL_STATUSES } from '../../contracts/matrix';
import { rowDifference } from '../../domain/matrix/difference';
import { missingApprovals } from '../../domain/matrix/proposal';
import { proposalWaiting } from '../../domain/matrix/waiting';
import { latestVersions, seatCondition, versionsInForce } from '../../store/matrix';
import { checkRows } from '../../store/matrixFacts';
import { possibleApprovers } from '../../store/matrixProposals';
import type { MatrixDoc, MatrixProposalDoc } from '../../store/schemas/matrix';
import { organisationIdsOf, shownOf } from '../administer';
import type { ApiDeps, Caller } from '../deps';
import { administeredFields } from '../schemas';

const approval = z.object({ organisationId: z.string(), personId: z.string(), role: z.string(), at: z.string() });

/** A version of a row as the API shows it. */
export const versionSchema = matrixRowSchema.extend({
  rowKey: z.string(), version: z.int(), effectiveFrom: z.string(), createdAt: z.string(), approvals: z.array(approval), proposalId: z.string().nullable(),
});

export function shownVersion({ _id, ...version }: MatrixDoc): Record<string, unknown> {
  return { ...version };
}

export const findingSchema = z.object({ field: z.string(), message: z.string() });
const change = z.object({ field: z.string(), old: z.unknown(), new: z.unknown() });
export const changesSchema = z.array(change);

/** A proposal in a list. */
export const proposalSchema = z.object({
  ...administeredFields, rowKey: z.string(), row: matrixRowSchema, effectiveFrom: z.string().nullable(), baseVersion: z.int(), status: z.enum(PROPOSAL_STATUSES),
  proposingOrganisationId: z.string(), authorIds: z.array(z.string()), proposedAt: z.string().nullable(), approvals: z.array(approval),
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
});

export function shownProposal(doc: MatrixProposalDoc): Record<string, unknown> {
  return { ...shownOf(doc), missing: missingApprovals(doc) };
}

/** The proposal with everything that whoever decides on it asks for. */
export async function wholeProposal({ store, now }: ApiDeps, doc: MatrixProposalDoc): Promise<Record<string, unknown>> {
  const at = now();
  const [latest, inForce, people, [findings]] = await Promise.all([
    latestVersions(store, [doc.rowKey]), versionsInForce(store, { rowKeys: [doc.rowKey], at }),
    possibleApprovers(store, { organisationIds: missingApprovals(doc), at }), checkRows(store, [doc], at),
  ]);
  const before = inForce.get(doc.rowKey);
  return {
    ...shownProposal(doc),
    waiting: proposalWaiting(doc, { latestVersion: latest.get(doc.rowKey) ?? 0, people, now: at }),
    difference: { against: before?.version ?? null, changes: rowDifference(before, doc.row) },
    warnings: findings?.warnings ?? [],
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
