import { Failure } from '../../contracts/failures';
import { agreed, type Wanted } from '../../domain/consent/rules';
import { linkConsents, mayEndLink, newcomersOf } from '../../domain/evidence/linking';
import { givenConsents } from '../../store/consents';
import { absentSponsors } from '../../domain/consent/share';
import { findRecord } from '../../store/records';
import { sponsorsOf } from '../../store/studies';
import type { ConsentDoc } from '../../store/schemas/consents';
import type { RecordDoc } from '../../store/schemas/records';
import { ROLE_ACTS } from '../../domain/access/roles';
import { notFound, notPermitted, type Seat } from '../administer';
import type { ApiDeps, Caller } from '../deps';
import { planUpload, readersOf, requireAttachSeat, seenEvidence, type UploadPlan } from '../routes/evidenceAccess';

/** A link that a caller may make as far as seats go: who has to agree, and what it hangs on now. */
export interface PlannedLink {
  readonly seat: Seat;
  readonly record: RecordDoc;
  readonly homes: readonly RecordDoc[];
  readonly wanted: Wanted;
}

const partiesOf = ({ raisingOrganisationId, accountableOrganisationId }: RecordDoc): readonly string[] => [raisingOrganisationId, accountableOrganisationId];

/** Throws Failure `not_found` or `not_permitted`, as reading the file and adding to the record do. */
export async function planLink(deps: ApiDeps, caller: Caller, { evidenceId, recordId }: { readonly evidenceId: string; readonly recordId: string }): Promise<PlannedLink> {
  const { evidence, links } = await seenEvidence(deps, caller, evidenceId);
  const seat = await requireAttachSeat(deps, caller, recordId);
  const record = await findRecord(deps.store, recordId);
  if (!record) throw notFound();
  const own = links.filter(({ consentIds = [] }) => consentIds.length === 0);
  if (own.length === 0 && links.length > 0 && seat.organisationId !== evidence.storedBy.organisationId) {
    throw notPermitted('You read this file by a consent, which is for that record alone: who stored the file may link it.');
  }
  const homeIds = own.filter(({ known, recordId: id }) => known && id !== recordId).map((link) => link.recordId);
  const homes = (await Promise.all(homeIds.map((id) => findRecord(deps.store, id)))).filter((home) => home !== undefined);
  const sponsors = (await Promise.all(homes.map(async (home) => absentSponsors({ parties: partiesOf(home), sponsors: await sponsorsOf(deps.store, home.studyId) })))).flat();
  const link = {
    sponsors, linkingOrganisationId: seat.organisationId, ownerOrganisationId: evidence.storedBy.organisationId, homes: homes.map(partiesOf), parties: partiesOf(record), readers: readersOf(record),
  };
  return { seat, record, homes, wanted: { subject: 'evidence_link', recordId, evidenceId, extent: null, ofOrganisationIds: linkConsents(link), toOrganisationIds: newcomersOf(link) } };
}

/** The consents by which it may be done now. Throws Failure `consent_needed` with those that are missing. */
export async function requireConsents(deps: Pick<ApiDeps, 'store' | 'now'>, wanted: Wanted): Promise<readonly ConsentDoc[]> {
  if (wanted.ofOrganisationIds.length === 0) return [];
  const { by, missing } = agreed(await givenConsents(deps.store, wanted), { wanted, now: deps.now() });
  if (missing.length === 0) return by;
  throw new Failure('consent_needed', 'It would show somebody what another organisation has not agreed to show: ask by POST /api/v1/consents.', { consentOf: missing, toOrganisationIds: wanted.toOrganisationIds });
}

/**
 * What an upload may do, with the rule for links applied to the record that it is meant for: a next version shows its file there
 * as a link would. Throws Failure as `planUpload`, and `consent_needed`: a consent is given to a version that is there already.
 */
export async function requireUpload(deps: ApiDeps, caller: Caller, upload: { readonly recordId: string | null; readonly replaces: string | null }): Promise<UploadPlan> {
  const plan = await planUpload(deps, caller, upload);
  const { recordId, replaces } = upload;
  if (replaces === null || recordId === null || plan.inherits.includes(recordId)) return plan;
  const { ofOrganisationIds, toOrganisationIds } = (await planLink(deps, caller, { evidenceId: replaces, recordId })).wanted;
  if (ofOrganisationIds.length === 0) return plan;
  throw new Failure('consent_needed', 'It would show somebody what another organisation has not agreed to show: store the version without `recordId`, then ask for the consent to link it.', { consentOf: ofOrganisationIds, toOrganisationIds });
}

/** Whether what people signed, or submitted to be signed, names the file: it stays where it was put (21 CFR 11.70). */
export function isNamedBy({ state }: RecordDoc, evidenceId: string): boolean {
  const { evidenceHashes } = (state ?? {}) as { readonly evidenceHashes?: Readonly<Record<string, string>> };
  return evidenceHashes !== undefined && Object.hasOwn(evidenceHashes, evidenceId);
}

/**
 * The link that the caller may take back (`mayEndLink`). The owner names one to a record that it does not know by its readers. Throws Failure `not_found`, `not_permitted`, or `wrong_state` when the record's
 * signed content names the file.
 */
export async function withdrawableLink(
  deps: ApiDeps, caller: Caller, { evidenceId, recordId, readers }: { readonly evidenceId: string; readonly recordId?: string | undefined; readonly readers?: readonly string[] | undefined },
): Promise<{ readonly recordId: string; readonly seat: Seat }> {
  const { evidence, links } = await seenEvidence(deps, caller, evidenceId);
  const link = links.find((one) => (one.known ? one.recordId === recordId : recordId === undefined && readers !== undefined && sameSet(one.readers, readers)));
  const record = link && (await findRecord(deps.store, link.recordId));
  if (!record) throw notFound();
  const allowed = mayEndLink({ ownerOrganisationId: evidence.storedBy.organisationId, linkedFor: link.linkedBy.organisationId, parties: partiesOf(record) });
  const seat = caller.memberships.find(({ organisationId, role, studyId }) => allowed.includes(organisationId)
    && ROLE_ACTS['evidence:attach'][role] !== undefined && (studyId === null || studyId === record.studyId));
  if (!seat) throw notPermitted('Only who stored the file, or linked it, takes the link back; a party of the record one that no party made.');
  if (isNamedBy(record, evidenceId)) throw new Failure('wrong_state', 'What was submitted or signed on this record names the file; it stays.', { recordId: link.known ? record._id : null });
  return { recordId: record._id, seat: { role: seat.role, organisationId: seat.organisationId } };
}

const sameSet = (one: readonly string[], other: readonly string[]): boolean => one.length === new Set(other).size && one.every((id) => other.includes(id));
