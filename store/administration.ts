import { randomUUID } from 'node:crypto';
import type { ClientSession, Model } from 'mongoose';
import type { AuditActor, AuditDraft, ChainHead, DocumentHashes } from '../contracts/audit';
import { Failure, FAILURES } from '../contracts/failures';
import type { Instant } from '../contracts/instant';
import type { SignatureDemand } from '../contracts/signature';
import type { Json } from '../contracts/step';
import { appendTo, emptyChain } from '../domain/audit/chain';
import { changesBetween, type Content, type ContentChange } from '../domain/audit/changes';
import { documentHash, documentsHash } from '../domain/audit/documents';
import { administrativeStreamOf, versionedOf, type AdministrativeStream } from '../domain/audit/streams';
import { appendEntries, appendToStream } from './auditLog';
import { committedOf, DAMAGED, endOf, type ChainEnd } from './chainEnd';
import { inTransaction, type Store } from './connection';
import { isDuplicateKey } from './duplicateKey';
import type { AdministeredDoc } from './schemas/administered';
import { consumeGrant } from './signatures';
import { storedForm } from './storedForm';

/** Who administers, when, and for which request. */
export interface By {
  readonly actor: AuditActor;
  readonly at: Instant;
  readonly correlationId: string;
}

/** A kind of administered record; its audit stream is `<kind>/<id>`. */
export interface AdministeredKind<Doc extends AdministeredDoc> {
  readonly kind: 'organisation' | 'study' | 'person' | 'membership' | 'delegation' | 'matrix-proposal' | 'policy-draft' | 'capa-policy-draft' | 'channel' | 'preferences' | 'source' | 'signer' | 'legal-hold' | 'consent' | 'topic' | 'admission' | 'finding' | 'capa-import';
  readonly model: (store: Store) => Model<Doc>;
  /** Fields whose values never enter the audit trail; that they changed does. */
  readonly secret?: readonly (keyof Doc & string)[];
  /** Fields that change without an entry, which the chain therefore does not vouch for. */
  readonly unproven?: readonly (keyof Doc & string)[];
}

type Kept = keyof AdministeredDoc;
const KEPT: readonly string[] = ['_id', 'rev', 'active', 'chain', 'createdAt', 'updatedAt'] satisfies readonly Kept[];
export type NewFields<Doc extends AdministeredDoc> = Omit<Doc, Kept>;
export type Changes<Doc extends AdministeredDoc> = Partial<Omit<Doc, Exclude<Kept, 'active'>>>;

/** Mints an opaque id. Records are never deleted, so an id is never given twice (21 CFR 11.100(a)). */
export const newId = (): string => randomUUID();

/** Creates a record and its first audit entry in one transaction. Throws Failure `exists` when id or key is taken, for ever. */
export async function createRecord<Doc extends AdministeredDoc>(
  store: Store,
  input: { kind: AdministeredKind<Doc>; fields: NewFields<Doc>; by: By; id?: string; session?: ClientSession; /** What else its first entry vouches for. */ documents?: DocumentHashes },
): Promise<Doc> {
  const { kind, fields, by } = input;
  const id = input.id ?? newId();
  const work = async (session: ClientSession): Promise<Doc> => {
    const streamId = `${kind.kind}/${id}`;
    const fresh = { ...fields, _id: id, rev: 1, active: true, createdAt: by.at, updatedAt: by.at } as unknown as Doc;
    const stored = storedForm(kind.model(store), fresh);
    const shown = Object.fromEntries(Object.entries(stored).filter(([field]) => !KEPT.includes(field) && !isSecret(kind, field)));
    const documents = { document: documentHash(stored, unprovenOf(kind)), ...input.documents };
    const chain = await append({ store, session }, emptyChain(streamId), [{ ...draft(streamId, by), action: `${kind.kind}.created`, rev: 1, detail: shown, documents }]);
    const doc = { ...fresh, chain };
    await insert(kind.model(store), doc, session);
    return doc;
  };
  try {
    return await (input.session ? work(input.session) : inTransaction(store, work));
  } catch (error) {
    if (isDuplicateKey(error)) throw new Failure('exists', `There is a ${kind.kind} with this key; keys are never given twice.`);
    throw error;
  }
}

/**
 * Changes a record: one audit entry per changed field, of one that holds more than a value one per changed leaf, with
 * path, old, new and reason, in one transaction with the change. Nothing is written when nothing differs. `also` runs inside the transaction. `sign`: the grant is used
 * up there, too, and the signature, whose record is the stream, has the change's first entry. Throws Failure
 * `not_found`, `rev_mismatch` when the record is not at `rev` any more, `grant_invalid`, or `damaged` when it is to be signed
 * and is not what its trail says.
 */
export async function changeRecord<Doc extends AdministeredDoc>(
  store: Store,
  input: {
    kind: AdministeredKind<Doc>; id: string; rev?: number | undefined; changes: Changes<Doc>; reason: string; by: By;
    also?: (session: ClientSession, before: Doc) => Promise<void>; session?: ClientSession; sign?: SignatureDemand | undefined;
  },
): Promise<Doc> {
  const { kind, id, rev, changes, reason, by, also, sign } = input;
  const model = kind.model(store);
  const work = async (session: ClientSession): Promise<Doc> => {
    const before = await model.findById(id).session(session).lean<Doc>();
    if (!before) throw new Failure('not_found', FAILURES.not_found.meaning);
    if (rev !== undefined && before.rev !== rev) throw new Failure('rev_mismatch', FAILURES.rev_mismatch.meaning, { rev: before.rev });
    const changed = changedFields(before, changes);
    if (changed.length === 0) return before;
    if (also) await also(session, before);
    const streamId = `${kind.kind}/${id}`;
    const next = before.rev + 1;
    const drafts = changed.flatMap(([field, old, value]) => {
      const common = { ...draft(streamId, by), action: actionOf(kind.kind, field, value), reason, rev: next };
      if (isSecret(kind, field)) return [{ ...common, field }];
      return leaves(field, old, value).map((leaf): AuditDraft => ({ ...common, ...leaf }));
    });
    const altered = await alteredOf({ store, session }, streamId, { kind, before });
    if (altered && sign) throw new Failure('damaged', FAILURES.damaged.meaning, { streamId });
    const signed = sign ? [await signedDraft({ store, session }, sign, { streamId, rev: next, by })] : [];
    const fields = { ...Object.fromEntries(changed.map(([field, , value]) => [field, value])), rev: next, updatedAt: by.at };
    const documents = { document: documentHash(storedForm(model, { ...before, ...fields }), unprovenOf(kind)) };
    const damage: AuditDraft[] = altered ? [{ ...draft(streamId, by), action: DAMAGED, rev: next, reason: FAILURES.damaged.meaning }] : [];
    const head = { streamId, length: before.chain.length, head: before.chain.head };
    const chain = await append({ store, session }, head, withDocuments([...signed, ...damage, ...drafts], documents));
    const set = { ...fields, chain };
    const written = await model.updateOne({ _id: id, rev: before.rev } as never, { $set: set }, { session });
    if (written.modifiedCount !== 1) throw new Failure('rev_mismatch', FAILURES.rev_mismatch.meaning, { rev: before.rev });
    return { ...before, ...set };
  };
  try {
    return await (input.session ? work(input.session) : inTransaction(store, work));
  } catch (error) {
    if (isDuplicateKey(error)) throw new Failure('exists', `There is a ${kind.kind} with this key; keys are never given twice.`);
    throw error;
  }
}

/**
 * Adds an immutable version in one transaction with its audit entries: the version as a whole, and leaf by leaf what differs
 * from the one before it. The stream is that of what its id says it is a version of; its end is read from the trail; who comes second of two at once gets Failure `exists`.
 */
export async function addVersion<Doc extends { readonly _id: string; readonly version: number }>(
  store: Store,
  input: { model: Model<Doc>; kind: AdministrativeStream; doc: Doc; reason: string; by: By; detail: object; session?: ClientSession; /** Runs inside the transaction. */ also?: (session: ClientSession) => Promise<void> },
): Promise<Doc> {
  const { model, kind, doc, reason, by, detail, also } = input;
  const streamId = administrativeStreamOf(kind, versionedOf(doc._id));
  const work = async (session: ClientSession): Promise<Doc> => {
    const common = { ...draft(streamId, by), rev: doc.version, reason };
    const content = contentOfVersion(doc);
    const before = await versionBefore(model, doc, session);
    const changes = before ? changesBetween(withoutApproval(contentOfVersion(before)), withoutApproval(content)) : [];
    await appendToStream(store, { streamId, drafts: [
      { ...common, action: `${kind}.version_added`, field: 'content', new: content, detail: detail as Json, documents: { version: documentsHash([storedForm(model, doc)]) } },
      ...changes.map((change): AuditDraft => ({ ...common, action: `${kind}.changed`, ...leafOf(change) })),
    ] }, session);
    await insert(model, doc, session);
    if (also) await also(session);
    return doc;
  };
  try {
    return await (input.session ? work(input.session) : inTransaction(store, work));
  } catch (error) {
    if (isDuplicateKey(error)) throw new Failure('exists', 'Another version was added at the same moment; read it and try again.');
    throw error;
  }
}

/** The version that a new one follows, whose id is `<what they are versions of>/<number>`; undefined: it is the first. */
async function versionBefore<Doc extends { readonly _id: string; readonly version: number }>(model: Model<Doc>, { _id, version }: Doc, session: ClientSession): Promise<Doc | undefined> {
  const before = `${versionedOf(_id)}/${String(version - 1)}`;
  return (await model.findById(before).session(session).lean<Doc>()) ?? undefined;
}

/** What a version says, without where and when it is kept. */
function contentOfVersion(doc: object): Content {
  const { _id, createdAt: _createdAt, version: _version, ...content } = JSON.parse(JSON.stringify(doc)) as Content;
  return content;
}

/** Who agreed to a version is said with it as a whole; it is no change of what was agreed before. */
function withoutApproval({ approvals: _approvals, proposalId: _proposalId, draftId: _draftId, ...content }: Content): Content {
  return content;
}

function draft(streamId: string, { actor, at, correlationId }: By) {
  return { streamId, at, zone: 'UTC', actor, correlationId } as const;
}

/** Uses up the grant of a signed change. What it refuses ends the transaction. */
async function signedDraft({ store, session }: { store: Store; session: ClientSession }, demand: SignatureDemand, change: { streamId: string; rev: number; by: By }): Promise<AuditDraft> {
  const { streamId, rev, by } = change;
  const applied = await consumeGrant(store, { demand, recordId: streamId, rev, actor: by.actor, at: by.at }, session);
  if ('outcome' in applied) throw new Failure(applied.type, applied.reason, applied.extra);
  return { ...draft(streamId, by), rev, ...applied };
}

const unprovenOf = <Doc extends AdministeredDoc>({ unproven = [] }: AdministeredKind<Doc>): readonly string[] => ['chain', ...unproven];

/** Whether a document is not what its chain says. One from before documents were hashed is what it is. */
async function alteredOf<Doc extends AdministeredDoc>({ store, session }: { store: Store; session: ClientSession }, streamId: string, { kind, before }: { kind: AdministeredKind<Doc>; before: Doc }): Promise<boolean> {
  const known = await committedOf({ store, session }, streamId, before.chain);
  return known !== undefined && (!known.sound || known.documents['document'] !== documentHash(before, unprovenOf(kind)));
}

/** The last entry of a change says what the change left. */
function withDocuments(drafts: readonly AuditDraft[], documents: DocumentHashes): readonly AuditDraft[] {
  return drafts.map((one, index) => (index === drafts.length - 1 ? { ...one, documents } : one));
}

async function append({ store, session }: { store: Store; session: ClientSession }, head: ChainHead, drafts: readonly AuditDraft[]): Promise<ChainEnd> {
  const chained = appendTo(head, drafts);
  await appendEntries(store, session, chained.entries);
  return endOf(store, chained.head, drafts.at(-1)?.documents ?? {});
}

async function insert<Doc extends { readonly _id: string }>(model: Model<Doc>, doc: Doc, session: ClientSession): Promise<void> {
  // Mongoose's own types of `create` do not follow a generic document.
  await model.create([doc] as never, { session } as never);
}

function changedFields<Doc extends AdministeredDoc>(before: Doc, changes: Changes<Doc>): [field: string, old: unknown, value: unknown][] {
  const known = before as unknown as Record<string, unknown>;
  return Object.entries(changes)
    .filter(([field, value]) => value !== undefined && leaves(field, known[field], value).length > 0)
    .map(([field, value]) => [field, known[field], value]);
}

/** What differs inside a field, as entries say it. */
function leaves(field: string, old: unknown, value: unknown): readonly Pick<AuditDraft, 'field' | 'old' | 'new' | 'detail'>[] {
  return changesBetween({ [field]: old } as Content, { [field]: value } as Content).map(leafOf);
}

function leafOf({ path, reordered, ...values }: ContentChange): Pick<AuditDraft, 'field' | 'old' | 'new' | 'detail'> {
  return { field: path, ...values, ...(reordered && { detail: { reordered } }) };
}

function actionOf(kind: string, field: string, value: unknown): string {
  if (field !== 'active') return `${kind}.changed`;
  return value === true ? `${kind}.reactivated` : `${kind}.deactivated`;
}

function isSecret<Doc extends AdministeredDoc>(kind: AdministeredKind<Doc>, field: string): boolean {
  return kind.secret?.some((secret) => secret === field) ?? false;
}
