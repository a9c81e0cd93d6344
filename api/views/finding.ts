import { z } from 'zod';
import { FINDING_CATEGORIES } from '../../contracts/finding';
import type { Instant } from '../../contracts/instant';
import type { Membership } from '../../contracts/people';
import { severitySchema } from '../../contracts/policy';
import { extentSeen, visibilityFilter, type VisibilityFilter } from '../../domain/access/ability';
import { findingById, statusesOf } from '../../store/findings';
import type { FindingDoc } from '../../store/schemas/findings';
import type { ApiDeps, Caller } from '../deps';
import { administeredFields } from '../schemas';

const id = z.string();

/** For the OpenAPI document. */
export const findingSchema = z.object({
  ...administeredFields, rev: z.int().describe('Its version: 1 as recorded, one more with each correction.'),
  auditReference: z.string(), auditDate: z.string(), findingNo: z.string(), category: z.enum(FINDING_CATEGORIES), title: z.string(), description: z.string(), severity: severitySchema, topic: z.string(),
  studyId: id.nullable(), systemId: id.nullable(), raisingOrganisationId: id, accountableOrganisationId: id, recordedBy: id,
  capa: z.object({ id, number: z.string(), status: z.string().nullable().describe('null: stored, and not open yet.') }),
}).meta({ id: 'Finding' });

/** An inspector sees no unreleased audit reports (docs/defaults.md): nor their findings. */
const withoutInspectors = (memberships: readonly Membership[]): readonly Membership[] => memberships.filter(({ role }) => role !== 'inspector');

/** Which findings the caller lists; undefined: none. */
export function findingVisibility({ memberships }: Caller, deps: Pick<ApiDeps, 'now'>): VisibilityFilter | undefined {
  return visibilityFilter(withoutInspectors(memberships), deps.now());
}

/** A finding, if the caller may see it. */
export async function seenFinding(deps: ApiDeps, { memberships }: Caller, findingId: string): Promise<FindingDoc | undefined> {
  const finding = await findingById(deps.store, findingId);
  return finding && (readsFinding(finding, { memberships, now: deps.now() }) ? finding : undefined);
}

/** Whether somebody with these seats sees a finding. */
export function readsFinding(finding: FindingDoc, { memberships, now }: { readonly memberships: readonly Membership[]; readonly now: Instant }): boolean {
  return extentSeen({ memberships: withoutInspectors(memberships), record: finding, now }) !== undefined;
}

/** Findings as their routes answer them, each with how its CAPA stands. */
export async function shownFindings(deps: ApiDeps, findings: readonly FindingDoc[]): Promise<readonly Record<string, unknown>[]> {
  const statuses = await statusesOf(deps.store, findings.map(({ capaId }) => capaId));
  return findings.map(({ _id, chain: _chain, requestHash: _hash, visibleTo: _visibleTo, assigneeIds: _assigneeIds, capaId, capaNumber, ...shown }) => ({
    id: _id, ...shown, capa: { id: capaId, number: capaNumber, status: statuses.get(capaId) ?? null },
  }));
}
