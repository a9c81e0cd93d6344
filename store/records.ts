import type { mongo, ClientSession } from 'mongoose';
import type { AuditActor, AuditDraft, ChainHead, DocumentHashes } from '../contracts/audit';
import type { ClosedSlot } from '../contracts/control';
import { epochMsOf, type Instant } from '../contracts/instant';
import type { SignatureDemand } from '../contracts/signature';
import type { ArmedDeadline, CommitResult, StoredRecord } from '../contracts/step';
import type { PassedDeadline } from '../domain/lateness/passed';
import { FAILURES } from '../contracts/failures';
import { appendTo, canonicalHash, emptyChain } from '../domain/audit/chain';
import { alteredParts, bornHash, documentsHash, recordHash } from '../domain/audit/documents';
import type { ContentBefore } from '../domain/audit/contentFacts';
import type { AgendaChange } from '../domain/escalation/agenda';
import { listedUnder } from '../domain/lists/listedUnder';
import { changeAgenda } from './agenda';
import { accessRecordOf } from '../domain/access/ability';
import { appendEntries } from './auditLog';
import { committedOf, DAMAGED, endOf } from './chainEnd';
import { commandHash } from './commandAuthenticity';
import { inTransaction, type Store } from './connection';
import { isDuplicateKey } from './duplicateKey';
import { receiptIdOf, findReceipt } from './receipts';
import type { PassedDeadlineDoc } from './schemas/lateness';
import type { CommandDoc, RecordDoc, StepDoc } from './schemas/records';
import type { SlotDoc } from './schemas/slots';
import { consumeGrant } from './signatures';
import { partOf, UNPROVEN } from './vouching';

/** A step, resolved and checked, as one transaction writes it. */
export interface PreparedStep {
  readonly recordId: string;
  readonly rev: number;
  /** Hash of the state that the step follows; absent: whatever it is. */
  readonly follows?: string;
  /** The deadline whose passing the step is: the record must wait for it. */
  readonly lapsed?: { readonly name: string; readonly due: Instant };
  readonly record: Pick<RecordDoc, 'state' | 'stateVersion' | 'armed' | 'status' | 'severity' | 'topic' | 'level' | 'studyId' | 'systemId'
    | 'raisingOrganisationId' | 'accountableOrganisationId' | 'assigneeIds' | 'visibleTo' | 'drill' | 'nextDueAt' | 'updatedAt' | 'done'>
    /** Given: the record gives its trigger up, and what comes again opens another. */
    & { readonly dedupeKey?: null };
  /** Only with the opening. */
  readonly birth?: Pick<RecordDoc, 'number' | 'content' | 'openedAt' | 'dedupeKey'>;
  readonly step: Omit<StepDoc, '_id' | 'recordId' | 'rev'>;
  readonly drafts: readonly AuditDraft[];
  /** Entries of what the step changes in the content that is stored (P1); asked unless it is the opening. */
  readonly contentDrafts?: (before: ContentBefore) => readonly AuditDraft[];
  /** The signature without which the step falls, and who is said to have signed. */
  readonly sign?: { readonly demand: SignatureDemand; readonly by: AuditActor };
  /** Slots of a recurring obligation that the step closed. */
  readonly slots?: readonly ClosedSlot[];
  /** What the step means for governance's agenda (E4). */
  readonly agenda?: { readonly change: AgendaChange; readonly number: string };
  /** The stored command that the step carries out. */
  readonly command?: CommandDoc;
  /** Deadlines that the step found passed. */
  readonly passed?: readonly PassedDeadline[];
  /** When the store was asked to take the step. */
  readonly recordedAt: Instant;
  /** What remains of the deadlines armed before; to answer a retry of an older step. */
  readonly left: readonly ArmedDeadline[];
  /** Checked inside the transaction; a refusal aborts it. */
  readonly authorise?: (session: ClientSession) => Promise<Extract<CommitResult, { outcome: 'refused' }> | undefined>;
}

class Aborted extends Error {
  constructor(readonly result: CommitResult) {
    super(result.outcome);
  }
}

/**
 * The one way a record changes: state, audit entries, deadlines, pending effects and receipt in one
 * transaction, fenced by `rev` (21 CFR 11.10(e): same transaction as the change). Throws only what a
 * retry can mend.
 */
export async function commitStep(store: Store, prepared: PreparedStep): Promise<CommitResult> {
  try {
    return await inTransaction(store, (session) => write(store, prepared, session));
  } catch (error) {
    if (error instanceof Aborted) return error.result;
    if (!isDuplicateKey(error)) throw error;
    return (await takenDedupeKey(store, prepared, error)) ?? alreadyThere(store, prepared);
  }
}

/** The record that a step follows, as it stands and as its chain says; a step that does not follow it aborts. Both undefined: it is to be born. */
async function followed(store: Store, prepared: PreparedStep, session: ClientSession): Promise<{ readonly stored?: Seen; readonly before?: Look }> {
  const { recordId, rev, follows, lapsed } = prepared;
  // A record that is to be born needs no look: its insert collides where it exists.
  const stored = prepared.birth ? null : await store.models.records.findById(recordId, { content: 0 }, { session }).lean<Seen>();
  if ((stored?.rev ?? 0) !== rev - 1) throw new Aborted(await alreadyThere(store, prepared));
  // A run that waits for what the record does not: it adopts what the record waits for.
  if (!stored) return {};
  if (lapsed && !stored.armed.some(({ name, due }) => name === lapsed.name && due === lapsed.due)) throw new Aborted({ outcome: 'conflict', record: adoptable(stored) });
  const before = await lookAt(store, { stored, session }, prepared.sign !== undefined);
  // A release that decides otherwise has replayed its way to a state that nobody committed. What somebody put there
  // behind the trail's back is not adopted: the run goes on from what it committed.
  if (follows !== undefined && before.stateHash !== follows && before.committed['state'] !== follows) throw new Aborted({ outcome: 'conflict', record: adoptable(stored) });
  return { stored, before };
}

async function write(store: Store, prepared: PreparedStep, session: ClientSession): Promise<CommitResult> {
  const { recordId, rev } = prepared;
  const { stored, before } = await followed(store, prepared, session);
  const refused = await prepared.authorise?.(session);
  if (refused) throw new Aborted(refused);
  if (prepared.sign && before && before.altered.length > 0) throw new Aborted({ outcome: 'refused', type: 'damaged', reason: FAILURES.damaged.meaning, extra: { parts: [...before.altered] } });
  const chain: ChainHead = stored ? { streamId: recordId, length: stored.chain.length, head: stored.chain.head } : emptyChain(recordId);
  const drafts = [...prepared.drafts, ...(stored && prepared.contentDrafts?.(stored) || []), ...await signatureDrafts(store, prepared, session)];
  const dedupeKey = (prepared.birth ?? stored)?.dedupeKey ?? undefined;
  const change = { ...prepared.record, listedUnder: listedUnder({ ...prepared.record, dedupeKey }), rev, contentRev: rev };
  const step: StepDoc = { _id: receiptIdOf(recordId, prepared.step.key), recordId, rev, ...prepared.step };
  const slots = (prepared.slots ?? []).map((slot): SlotDoc => ({ ...slot, _id: `${recordId}/${String(slot.no)}`, controlId: recordId, rev }));
  const passed = ledgerEntries(prepared, stored?.number);
  const born = { _id: recordId, capability: step.capability, ...change, ...prepared.birth };
  const documents: DocumentHashes = {
    born: before?.committed['born'] ?? bornHash(born), state: canonicalHash(change.state), record: recordHash({ ...stored, ...change, ...prepared.birth }),
  };
  const written: DocumentHashes = {
    ...documents, step: documentsHash([step], UNPROVEN.steps), ...(slots.length > 0 && { slots: documentsHash(slots) }),
    ...(passed.length > 0 && { ledger: documentsHash(passed, UNPROVEN.deadlineLedger) }), ...(await agendaHash(store, prepared, session)), ...(prepared.command && commandHash(prepared.command)),
  };
  const { entries, head } = appendTo(chain, withDocuments(prepared, drafts, { written, altered: before?.altered ?? [] }));
  await store.models.steps.insertOne(step, { session });
  await appendEntries(store, session, entries);
  if (slots.length > 0) await store.models.slots.insertMany(slots, { session });
  if (passed.length > 0) await store.models.deadlineLedger.insertMany(passed, { session });
  const end = endOf(store, head, documents);
  if (prepared.birth) {
    await store.models.records.insertOne({ ...born, chain: end }, { session });
  } else {
    const { matchedCount } = await store.models.records.updateOne({ _id: recordId, rev: rev - 1 }, { $set: { ...change, chain: end } }, { session });
    if (matchedCount === 0) throw new Aborted(await alreadyThere(store, prepared));
  }
  return { outcome: 'applied', rev, armed: prepared.record.armed };
}

type Seen = Omit<RecordDoc, 'content'>;

interface Look {
  /** Of the state as it stands. */
  readonly stateHash: string;
  /** What the chain says that the record is. */
  readonly committed: DocumentHashes;
  /** What of it is otherwise. */
  readonly altered: readonly string[];
}

/** Compares a record with its chain; with `whole`, also what it was opened with. */
async function lookAt(store: Store, { stored, session }: { readonly stored: Seen; readonly session: ClientSession }, whole: boolean): Promise<Look> {
  const stateHash = canonicalHash(stored.state);
  const contentOf = async () => (await store.models.records.findById(stored._id, { content: 1 }, { session }).lean<Pick<RecordDoc, 'content'>>())?.content;
  const known = await committedOf({ store, session }, stored._id, stored.chain);
  // From before documents were hashed: as it stands now it is vouched for from now on.
  if (!known) return { stateHash, committed: { born: bornHash({ ...stored, content: await contentOf() }) }, altered: [] };
  const present = { state: stateHash, record: recordHash(stored), ...(whole && { born: bornHash({ ...stored, content: await contentOf() }) }) };
  return { stateHash, committed: known.documents, altered: [...alteredParts(known.documents, present), ...(known.sound ? [] : ['chain'])] };
}

/** The step's last entry says what it wrote; that it found something altered is said for ever. */
function withDocuments(
  { recordId, rev, step }: PreparedStep, drafts: readonly AuditDraft[], { written, altered }: { readonly written: DocumentHashes; readonly altered: readonly string[] },
): readonly AuditDraft[] {
  const own = (action: string, more: Partial<AuditDraft>): AuditDraft => ({
    streamId: recordId, at: step.at, zone: 'UTC', actor: { kind: 'system', name: 'store' }, action, rev, correlationId: step.actor.correlationId || step.key, ...more,
  });
  const all = altered.length === 0 ? drafts : [...drafts, own(DAMAGED, { reason: FAILURES.damaged.meaning, detail: { parts: [...altered] } })];
  const last = all.at(-1) ?? own('record.kept', {});
  return [...all.slice(0, -1), { ...last, documents: written }];
}

async function agendaHash(store: Store, { recordId, rev, record, step, agenda }: PreparedStep, session: ClientSession): Promise<DocumentHashes> {
  if (!agenda) return {};
  const { change, number } = agenda;
  const item = await changeAgenda(store, { change, session, record: { ...record, recordId, rev, number, capability: step.capability } });
  return item ? { [partOf('agenda', item._id)]: documentsHash([item]) } : {};
}

/** Uses up the grant of a signed step. What it refuses aborts the transaction. */
async function signatureDrafts(store: Store, { recordId, rev, sign, step, recordedAt }: PreparedStep, session: ClientSession): Promise<readonly AuditDraft[]> {
  if (!sign) return [];
  // At the instant of the commit, not of the step: between the two may lie an outage.
  const applied = await consumeGrant(store, { demand: sign.demand, recordId, rev, actor: step.actor, at: recordedAt }, session);
  if ('outcome' in applied) throw new Aborted(applied);
  return [{ streamId: recordId, at: step.at, zone: 'UTC', actor: sign.by, rev, correlationId: step.actor.correlationId, ...applied }];
}

/** Drills are in no figure (E15). */
function ledgerEntries({ recordId, rev, record, step, passed = [], recordedAt }: PreparedStep, number = ''): readonly PassedDeadlineDoc[] {
  if (record.drill) return [];
  const { severity, topic, studyId, systemId, raisingOrganisationId, accountableOrganisationId, assigneeIds, visibleTo, state } = record;
  const { summaryFor = [] } = accessRecordOf({ ...record, state });
  return passed.map((deadline) => ({
    ...deadline, _id: `${recordId}|${String(rev)}|${deadline.name}`, recordId, rev, capability: step.capability, number, severity, topic, studyId, systemId,
    raisingOrganisationId, accountableOrganisationId, assigneeIds, visibleTo: visibleTo.filter((id) => !summaryFor.includes(id)), recordedAt,
    recordedLateByMs: Math.max(0, epochMsOf(recordedAt) - epochMsOf(deadline.due)), toldAt: null, toldLateByMs: null,
  }));
}

/** The fence or the receipt says that the store knows something else: the first answer, a duplicate, or what to adopt. */
async function alreadyThere(store: Store, prepared: PreparedStep): Promise<CommitResult> {
  const { recordId, rev, left, step } = prepared;
  const receipt = await findReceipt(store, { recordId, key: step.key });
  if (receipt?.rev === rev) return { outcome: 'applied', rev, armed: [...left, ...receipt.armed] };
  const record = await storedRecord(store, recordId);
  if (!record) throw new Error(`record ${recordId} is not there: it is at revision ${rev - 1} in history only`);
  return receipt ? { outcome: 'duplicate', rev: receipt.rev, record } : { outcome: 'conflict', record };
}

async function takenDedupeKey(store: Store, prepared: PreparedStep, error: mongo.MongoServerError): Promise<CommitResult | undefined> {
  const dedupeKey = prepared.birth?.dedupeKey;
  if (dedupeKey == null || !Object.hasOwn((error['keyPattern'] as object | undefined) ?? {}, 'dedupeKey')) return undefined;
  const { raisingOrganisationId } = prepared.record;
  const { capability } = prepared.step;
  const first = await store.models.records.findOne({ capability, raisingOrganisationId, dedupeKey, done: false }, { _id: 1 }).lean<{ _id: string }>();
  // Closed between the two looks: the retry of this activity will open a new one.
  if (!first) throw error;
  return { outcome: 'refused', type: 'exists', reason: 'the same trigger has an open issue', extra: { recordId: first._id } };
}

/** A record of any capability by its id, whoever asks; the caller decides who may see it. */
export async function findRecord(store: Store, id: string): Promise<RecordDoc | undefined> {
  return (await store.models.records.findById(id).lean<RecordDoc>()) ?? undefined;
}

/** A record as a workflow adopts it; undefined when there is none. */
export async function storedRecord(store: Store, recordId: string): Promise<StoredRecord | undefined> {
  const doc = await store.models.records.findById(recordId, STORED).lean<Stored>();
  return doc ? adoptable(doc) : undefined;
}

const STORED = { rev: 1, state: 1, stateVersion: 1, armed: 1, done: 1 } as const;
type Stored = Pick<RecordDoc, keyof typeof STORED>;
const adoptable = ({ rev, state, stateVersion, armed, done }: Stored): StoredRecord => ({ rev, state, stateVersion, armed, done });
