import { Failure } from '../../contracts/failures';
import { ROLES } from '../../contracts/people';
import { accessRecordOf, extentSeen, mayAct } from '../../domain/access/ability';
import { ROLE_ACTS } from '../../domain/access/roles';
import { evidenceById, versionsOf } from '../../store/evidence';
import { linksOf, type EvidenceActor } from '../../store/evidenceLinks';
import { findRecord } from '../../store/records';
import type { ByPerson, EvidenceDoc, EvidenceLinkDoc, EvidenceUploadDoc } from '../../store/schemas/evidence';
import type { RecordDoc } from '../../store/schemas/records';
import { uploadById } from '../../store/evidenceUploads';
import { byOf, notFound, notPermitted, type Seat } from '../administer';
import type { ApiDeps, Caller } from '../deps';
import { wholeRecord } from '../views/readers';

/** A link as the caller may know of it. */
export interface SeenLink extends EvidenceLinkDoc {
  /** Whether the caller may know of the record. */
  readonly known: boolean;
  /** Organisations that read the file by it. */
  readonly readers: readonly string[];
}

/** Evidence that the caller sees, and those of its links that the caller may know of; who owns it knows of all. */
export interface SeenEvidence {
  readonly evidence: EvidenceDoc;
  readonly links: readonly SeenLink[];
}

/** Of these, what the caller sees: what is linked to a record that is shared whole, or is linked to nothing and the caller's own. */
export async function seenAmong(deps: ApiDeps, caller: Caller, docs: readonly EvidenceDoc[]): Promise<readonly SeenEvidence[]> {
  const links = await linksOf(deps.store, docs.map(({ _id }) => _id));
  const records = await linkedRecords(deps, caller, links.map(({ recordId }) => recordId));
  return docs.flatMap((evidence): SeenEvidence[] => {
    const all = links.filter(({ evidenceId }) => evidenceId === evidence._id)
      .map((link): SeenLink => ({ ...link, known: records.get(link.recordId)?.known ?? false, readers: records.get(link.recordId)?.readers ?? [] }));
    if (!all.some(({ known }) => known) && !(all.length === 0 && isOwn(caller, evidence.storedBy))) return [];
    return [{ evidence, links: isOfOwner(caller, evidence) ? all : all.filter(({ known }) => known) }];
  });
}

/** Whether the caller sits in the organisation that stored it, for no study in particular. */
export function isOfOwner({ memberships }: Caller, { storedBy }: Pick<EvidenceDoc, 'storedBy'>): boolean {
  return memberships.some(({ organisationId, studyId, role }) => organisationId === storedBy.organisationId && studyId === null && ROLE_ACTS['evidence:attach'][role] !== undefined);
}

/** Throws Failure `not_found`. */
export async function seenEvidence(deps: ApiDeps, caller: Caller, id: string): Promise<SeenEvidence> {
  const evidence = await evidenceById(deps.store, id);
  const [seen] = evidence ? await seenAmong(deps, caller, [evidence]) : [];
  if (!seen) throw notFound();
  return seen;
}

/** An upload is its opener's alone. Throws Failure `not_found`. */
export async function ownUpload(deps: ApiDeps, caller: Caller, id: string): Promise<EvidenceUploadDoc> {
  const upload = await uploadById(deps.store, id);
  if (!upload || !isOwn(caller, upload.openedBy)) throw notFound();
  return upload;
}

/** The seat from which the caller adds evidence to a record. Throws Failure `not_found` or `not_permitted`. */
export async function requireAttachSeat(deps: ApiDeps, caller: Caller, recordId: string): Promise<Seat> {
  const { record } = await wholeRecord(deps, { recordId, caller });
  const seat = mayAct({ memberships: caller.memberships, act: 'evidence:attach', record: accessRecordOf(record), now: deps.now() });
  if (!seat) throw notPermitted();
  return seat;
}

/** Where an upload may go. */
export interface UploadPlan {
  readonly seat: Seat;
  /** Records to which the next version is linked in its turn, of those that the one before hangs on. */
  readonly inherits: readonly string[];
}

/**
 * From where the caller may upload this: for a record, as the next version of what their organisation stored, or for nothing
 * yet. Throws Failure `not_found`, `not_permitted`, or `wrong_state` when what it replaces is not the latest version.
 */
export async function planUpload(deps: ApiDeps, caller: Caller, { recordId, replaces }: { readonly recordId: string | null; readonly replaces: string | null }): Promise<UploadPlan> {
  if (replaces !== null) return planReplacement(deps, caller, { recordId, replaces });
  const seat = recordId === null ? freeSeat(caller) : await requireAttachSeat(deps, caller, recordId);
  if (!seat) throw notPermitted();
  return { seat, inherits: [] };
}

/** Another's file is not replaced: what hangs on a record is what its owner put there (21 CFR 11.10(e)). */
async function planReplacement(deps: ApiDeps, caller: Caller, { recordId, replaces }: { readonly recordId: string | null; readonly replaces: string }): Promise<UploadPlan> {
  const { evidence, links } = await seenEvidence(deps, caller, replaces);
  const owner = evidence.storedBy.organisationId;
  const owning = { ...caller, memberships: caller.memberships.filter(({ organisationId }) => organisationId === owner) };
  if (owning.memberships.length === 0) throw notPermitted('Only the organisation that stored a file stores its next version.');
  const latest = (await versionsOf(deps.store, evidence.lineId)).at(-1);
  if (latest && latest._id !== evidence._id) {
    throw new Failure('wrong_state', `Version ${String(evidence.version)} is not the latest; version ${String(latest.version)} is.`, { version: evidence.version, latestVersion: latest.version });
  }
  const seats = await Promise.all(links.filter(({ consentIds = [] }) => consentIds.length === 0).map(async (link) => ({ recordId: link.recordId, seat: await attachSeat(deps, owning, link.recordId) })));
  const open = seats.flatMap(({ recordId: id, seat }) => (seat ? [{ recordId: id, seat }] : []));
  const inherits = open.map((one) => one.recordId);
  const seat = recordId === null ? (open[0]?.seat ?? (links.length === 0 ? freeSeat(owning) : undefined)) : await requireAttachSeat(deps, owning, recordId);
  if (!seat) throw notPermitted();
  return { seat, inherits };
}

async function attachSeat(deps: ApiDeps, { memberships }: Caller, recordId: string): Promise<Seat | undefined> {
  const record = await findRecord(deps.store, recordId);
  return record && mayAct({ memberships, act: 'evidence:attach', record: accessRecordOf(record), now: deps.now() });
}

/** A seat in any role that adds evidence somewhere; the first of the table. */
function freeSeat({ memberships }: Caller): Seat | undefined {
  const [first] = memberships
    .filter(({ role }) => ROLE_ACTS['evidence:attach'][role] !== undefined)
    .toSorted((a, b) => ROLES.indexOf(a.role) - ROLES.indexOf(b.role));
  return first && { role: first.role, organisationId: first.organisationId };
}

/** Who acts from this seat, for documents and for the trail. */
export function actorOf(deps: ApiDeps, incoming: { readonly caller: Caller; readonly correlationId: string }, seat: Seat): EvidenceActor {
  const { personId, name } = incoming.caller;
  return { person: { personId, name, ...seat }, by: byOf(deps, incoming, seat) };
}

function isOwn({ personId, memberships }: Caller, by: ByPerson): boolean {
  return by.personId === personId && memberships.some(({ organisationId }) => organisationId === by.organisationId);
}

async function linkedRecords(deps: ApiDeps, { memberships }: Caller, recordIds: readonly string[]): Promise<ReadonlyMap<string, { readonly known: boolean; readonly readers: readonly string[] }>> {
  const now = deps.now();
  const records = await deps.store.models.records.find({ _id: { $in: [...new Set(recordIds)] } }, ACCESS_FIELDS).lean<RecordDoc[]>();
  return new Map(records.map((record) => [record._id, { known: extentSeen({ memberships, record: accessRecordOf(record), now }) === 'whole', readers: readersOf(record) }]));
}

/** Those of these records that the caller reads whole. */
export async function knownRecords(deps: ApiDeps, caller: Caller, recordIds: readonly string[]): Promise<ReadonlySet<string>> {
  const records = await linkedRecords(deps, caller, recordIds);
  return new Set([...records].flatMap(([id, { known }]) => (known ? [id] : [])));
}

/** What rights on a record depend on. */
export const ACCESS_FIELDS = { raisingOrganisationId: 1, accountableOrganisationId: 1, studyId: 1, topic: 1, systemId: 1, visibleTo: 1, assigneeIds: 1, 'state.shares': 1 } as const;

/** Organisations that read a record whole. */
export function readersOf(record: RecordDoc): readonly string[] {
  const { visibleTo, summaryFor = [] } = accessRecordOf(record);
  return visibleTo.filter((id) => !summaryFor.includes(id));
}
