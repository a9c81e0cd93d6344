import { Failure, FAILURES } from '../contracts/failures';
import type { AuditActor } from '../contracts/audit';
import type { Instant } from '../contracts/instant';
import type { MatrixProposal, MatrixRow } from '../contracts/matrix';
import { decideProposal, effectiveAt, startsInThePast, type ProposalActor, type ProposalCommand, type ProposalSeat } from '../domain/matrix/proposal';
import { rowKeyOf } from '../domain/matrix/row';
import { proposalSignable } from '../domain/matrix/signable';
import { demandOf } from '../domain/signature/demand';
import { ROLE_ACTS } from '../domain/access/roles';
import { ROLES } from '../contracts/people';
import { changeRecord, createRecord, type AdministeredKind, type By } from './administration';
import { inTransaction, type Store } from './connection';
import { tellOfProposals } from './matrixTelling';
import { addMatrixVersion, latestVersions } from './matrix';
import { checkRows } from './matrixFacts';
import { inForceAt, membershipOf } from './memberships';
import type { MatrixProposalDoc } from './schemas/matrix';
import type { MembershipDoc } from './schemas/people';

export const matrixProposalKind: AdministeredKind<MatrixProposalDoc> = { kind: 'matrix-proposal', model: (store) => store.models.matrixProposals };

/** A proposal as somebody writes it. */
export interface NewProposal {
  readonly row: MatrixRow;
  readonly effectiveFrom: Instant | null;
  readonly baseVersion: number;
  readonly seat: ProposalSeat;
  /** Proposed at once instead of kept as a draft. */
  readonly propose: boolean;
}

/** Who acts, as domain rules and the audit trail need it. */
export interface Proposer extends ProposalActor {
  readonly name: string;
  readonly correlationId: string;
  readonly now: Instant;
}

/**
 * Stores proposals, all or none, each with its first audit entry. Throws Failure `wrong_state` when one was
 * made on another than the row's latest version.
 */
export function createProposals(store: Store, { proposals, by }: { proposals: readonly NewProposal[]; by: Proposer }): Promise<readonly MatrixProposalDoc[]> {
  return inTransaction(store, async (session) => {
    const latest = await latestVersions(store, proposals.map(({ row }) => rowKeyOf(row)), session);
    const docs: MatrixProposalDoc[] = [];
    for (const { row, effectiveFrom, baseVersion, seat, propose } of proposals) {
      const rowKey = rowKeyOf(row);
      const latestVersion = latest.get(rowKey) ?? 0;
      if (baseVersion !== latestVersion) throw new Failure('wrong_state', `made on version ${String(baseVersion)} of ${rowKey}, whose latest is ${String(latestVersion)}`, { rowKey, latestVersion });
      const fields: MatrixProposal = {
        rowKey, row, effectiveFrom, baseVersion, status: propose ? 'proposed' : 'draft', proposingOrganisationId: seat.organisationId,
        authorIds: [by.personId], proposedAt: propose ? by.now : null, approvals: [], declined: null, version: null, contentVersion: 1,
      };
      docs.push(await createRecord(store, { kind: matrixProposalKind, fields, by: byOf(by, seat), session }));
    }
    const [first] = proposals;
    if (first) await tellOfProposals(store, { docs, act: 'propose', by: byOf(by, first.seat) }, session);
    return docs;
  });
}

/** A proposal that is acted on; `signature`: the signing grant of an approval. */
export interface ProposalTarget {
  readonly id: string;
  readonly rev?: number | undefined;
  readonly signature?: string | undefined;
}

/**
 * Acts on proposals, all or none, in one transaction: the change, its signature, its audit entries and, with the last
 * approval, the row's new version. Throws Failure `not_found`, `rev_mismatch`, `rule_broken`, `grant_invalid`, or what
 * the rules refuse with.
 */
export function actOnProposals(
  store: Store, { targets, command, reason, by }: { targets: readonly ProposalTarget[]; command: ProposalCommand; reason: string; by: Proposer },
): Promise<readonly MatrixProposalDoc[]> {
  return inTransaction(store, async (session) => {
    const docs: MatrixProposalDoc[] = [];
    let acting: By | undefined;
    for (const { id, rev, signature } of targets) {
      const before = await store.models.matrixProposals.findById(id).session(session).lean<MatrixProposalDoc>();
      if (!before) throw new Failure('not_found', FAILURES.not_found.meaning, { id });
      const latestVersion = (await latestVersions(store, [before.rowKey], session)).get(before.rowKey) ?? 0;
      const own = command.act === 'approve' ? { ...command, signatureId: signature } : command;
      const decision = decideProposal(before, own, { actor: by, now: by.now, latestVersion });
      if (!decision.allowed) throw new Failure(decision.type, decision.reason, { id, rev: before.rev, latestVersion });
      const { seat, changes } = decision;
      const entry = byOf(by, seat);
      const sign = demandOf({ signable: proposalSignable(before, command.act), act: command.act, grantId: signature });
      const after = await changeRecord(store, { kind: matrixProposalKind, id, rev: rev ?? before.rev, changes, reason, by: entry, session, sign });
      if (after.status === 'effective') {
        await addMatrixVersion(store, { row: after.row, effectiveFrom: effectiveAt(after, by.now), approvals: after.approvals, proposalId: id, reason, by: entry, session });
      }
      docs.push(after);
      acting = entry;
    }
    if (command.act === 'propose' || command.act === 'approve') await requireRules(store, { docs, act: command.act, now: by.now });
    if (acting) await tellOfProposals(store, { docs, act: command.act, by: acting }, session);
    return docs;
  });
}

/** People leave and policies end between drafting and deciding: a row that cannot route an issue goes no further. */
async function requireRules(store: Store, { docs, act, now }: { docs: readonly MatrixProposalDoc[]; act: 'propose' | 'approve'; now: Instant }): Promise<void> {
  const findings = await checkRows(store, docs, now);
  const errors = docs.flatMap(({ _id, effectiveFrom }, index) => {
    const late = act === 'propose' && startsInThePast(effectiveFrom, now) ? [{ field: 'effectiveFrom', message: 'lies in the past' }] : [];
    const prefix = docs.length === 1 ? '' : `${_id}.`;
    return [...(findings[index]?.errors ?? []), ...late].map(({ field, message }) => ({ field: `${prefix}${field}`, message }));
  });
  if (errors.length > 0) throw new Failure('rule_broken', 'The row breaks rules.', { errors });
}

/** Those who might approve for these organisations at `at`, each with the memberships that say so; without order. */
export async function possibleApprovers(store: Store, { organisationIds, at }: { organisationIds: readonly string[]; at: Instant }): Promise<readonly ProposalActor[]> {
  const roles = ROLES.filter((role) => ROLE_ACTS['approve-configuration'][role] !== undefined);
  const memberships = await store.models.memberships.find({ organisationId: { $in: [...organisationIds] }, role: { $in: roles }, ...inForceAt(at) }).lean<MembershipDoc[]>();
  const people = await store.models.people.find({ _id: { $in: memberships.map(({ personId }) => personId) }, active: true }, { _id: 1 }).lean();
  return people.map(({ _id }) => ({ personId: _id, memberships: memberships.filter(({ personId }) => personId === _id).map(membershipOf) }));
}

/** Proposals under way for these rows, which wait for approvals. */
export function proposalsUnderWay(store: Store, rowKeys: readonly string[]): Promise<MatrixProposalDoc[]> {
  return store.models.matrixProposals.find({ rowKey: { $in: [...rowKeys] }, status: 'proposed' }).lean<MatrixProposalDoc[]>();
}

function byOf({ personId, name, correlationId, now }: Proposer, seat: ProposalSeat): By {
  const actor: AuditActor = { kind: 'person', personId, name, ...seat };
  return { actor, at: now, correlationId };
}
