import type { Instant } from '../../contracts/instant';
import type { MatrixApproval, MatrixProposal, MatrixRow } from '../../contracts/matrix';
import { administered, type AdministeredDoc } from './administered';
import { anything, defineSchema, flag, integer, nullableText, text, texts } from './definition';

/** Immutable version of a matrix row; the one in force is the latest whose `effectiveFrom` has passed. */
export interface MatrixDoc extends MatrixRow {
  readonly _id: string;
  /** `<study or ->/<topic>/<organisations>`: what the versions are versions of. */
  readonly rowKey: string;
  readonly version: number;
  readonly effectiveFrom: Instant;
  /** One for each organisation of the row; empty on versions older than approvals. */
  readonly approvals: readonly MatrixApproval[];
  /** The proposal that became this version; null: provisioning put it in. */
  readonly proposalId: string | null;
  readonly createdAt: Instant;
}
export const matrixSchema = defineSchema<MatrixDoc>('matrix', {
  _id: text, rowKey: text, version: integer, effectiveFrom: text, studyId: nullableText, topic: text, organisationIds: texts,
  policyKey: text, contacts: anything, phi: flag, phiChannels: texts, frequency: anything, filing: anything,
  approvals: anything, proposalId: nullableText, createdAt: text,
});

/** A version on its way; administered, so every change of it has its entry (stream `matrix-proposal/<id>`). */
export interface MatrixProposalDoc extends AdministeredDoc, MatrixProposal {}
export const matrixProposalSchema = defineSchema<MatrixProposalDoc>('matrix_proposals', {
  ...administered,
  rowKey: text, row: anything, effectiveFrom: nullableText, baseVersion: integer, status: text, proposingOrganisationId: text,
  authorIds: texts, proposedAt: nullableText, approvals: anything, declined: anything, version: { type: Number, default: null }, contentVersion: { type: Number },
});
