import type { AuditEntry, DocumentHashes } from '../contracts/audit';
import { noticeStreamOf, refusalStreamOf } from '../contracts/ids';
import { documentHash, documentsHash, RECORD_PARTS, recordHashes } from '../domain/audit/documents';
import { chainFinding, type Finding } from '../domain/audit/findings';
import { auditCollection } from './auditLog';
import { DAMAGED, type ChainEnd } from './chainEnd';
import { forgedBecause } from './commandAuthenticity';
import type { Store } from './connection';
import { administeredKinds } from './recordEnds';
import type { CommandDoc } from './schemas/records';
import { ATTACHED, VOUCHED_BY_ID, type Attached, type Beginning } from './vouching';

type Fields = Readonly<Record<string, unknown>> & { readonly _id: string };
type Entry = Pick<AuditEntry, 'seq' | 'at' | 'rev' | 'documents' | 'action'>;
const PAGE = 100;
/** A stream that is written while it is read is read again so often. */
const TRIES = 5;

/**
 * Compares what is stored with what the trail says was stored: every record, every administered document, and what lies
 * beside their chains, both ways. Of one record, or of everything. Throws the driver's error.
 */
export async function* alteredDocuments(store: Store, recordId?: string): AsyncGenerator<Finding> {
  yield* alteredNow(store, recordId);
  yield* foundDamaged(store, recordId);
}

/** The same without what steps found altered in the past, and said for ever. */
export async function* alteredNow(store: Store, recordId?: string): AsyncGenerator<Finding> {
  yield* ownersIn(store, { collection: 'records', prefix: '', only: recordId, parts: (doc) => recordHashes(doc), names: RECORD_PARTS });
  for (const { prefix, collection, unproven } of recordId === undefined ? administeredKinds(store) : []) {
    yield* ownersIn(store, { collection, prefix, only: undefined, parts: (doc) => ({ document: documentHash(doc, ['chain', ...unproven]) }), names: ['document'] });
  }
  yield* vouchedStreams(store, recordId);
  yield* forgedCommands(store, recordId);
  if (recordId === undefined) for (const attached of ATTACHED) yield* strangers(store, attached);
}

interface Owners { readonly collection: string; readonly prefix: string; readonly only: string | undefined; readonly parts: (doc: Fields) => DocumentHashes; readonly names: readonly string[] }

/** Documents that have a chain of their own: each is what the last entry that it knows of says. */
async function* ownersIn(store: Store, { collection, prefix, only, parts, names }: Owners): AsyncGenerator<Finding> {
  const documents = looselyOf(store, collection);
  for await (const page of paged(documents.find(only === undefined ? {} : { _id: only }, { batchSize: PAGE }))) {
    const ends = await entriesAt(store, page.map((doc) => `${prefix}${doc._id}/${String(lengthOf(doc))}`));
    for (const doc of page) {
      const streamId = `${prefix}${doc._id}`;
      const seq = lengthOf(doc);
      const end = ends.get(`${streamId}/${String(seq)}`);
      const at = { streamId, seq };
      if (!end) {
        const known = await auditCollection(store).findOne({ streamId }, { sort: { seq: -1 }, projection: { documents: 1 } });
        if (!known) yield chainFinding('damaged', at, `${streamId}: it is stored, but no entry of the trail knows of it`);
        else if (known.documents) yield chainFinding('damaged', at, `${streamId}: it does not say where its trail ends`);
        continue;
      }
      if (!end.documents) continue;
      const present = parts(doc);
      for (const part of names) {
        const committed = end.documents[part];
        if (committed === present[part]) continue;
        yield chainFinding('damaged', at, `${streamId}: ${part} is not what the trail says of revision ${String(end.rev ?? 0)}, ${await lastGood(store, streamId, { part, hash: present[part] ?? '' })}`);
      }
    }
  }
}

/** Whether the present text was true once: then somebody turned it back. */
async function lastGood(store: Store, streamId: string, { part, hash }: { readonly part: string; readonly hash: string }): Promise<string> {
  const entry = await auditCollection(store).findOne({ streamId, [`documents.${part}`]: hash } as never, { sort: { seq: -1 }, projection: { rev: 1 } });
  return entry ? `but what it was at revision ${String(entry.rev ?? 0)}` : 'the last good one';
}

/** Streams that vouch for something: their record is there, and what lies beside them is what they say. */
async function* vouchedStreams(store: Store, recordId: string | undefined): AsyncGenerator<Finding> {
  const found = auditCollection(store).find(
    { ...(recordId !== undefined && { streamId: { $in: [recordId, noticeStreamOf(recordId), refusalStreamOf(recordId)] } }), documents: { $exists: true } } as never,
    { sort: { streamId: -1, seq: 1 }, projection: { streamId: 1, seq: 1, at: 1, rev: 1, documents: 1, action: 1 }, batchSize: 1000 },
  );
  let streams = new Map<string, Entry[]>();
  for await (const entry of found) {
    if (!streams.has(entry.streamId) && streams.size === PAGE) {
      yield* checkStreams(store, streams);
      streams = new Map();
    }
    const entries = streams.get(entry.streamId) ?? [];
    streams.set(entry.streamId, entries);
    entries.push(entry);
  }
  yield* checkStreams(store, streams);
}

/** Steps and changes that found stored what their trail does not say. */
async function* foundDamaged(store: Store, recordId: string | undefined): AsyncGenerator<Finding> {
  const found = auditCollection(store).find({ ...(recordId !== undefined && { streamId: recordId }), action: DAMAGED } as never, { sort: { streamId: -1, seq: 1 }, projection: { streamId: 1, seq: 1, rev: 1 } });
  for await (const { streamId, seq, rev } of found) yield chainFinding('damaged', { streamId, seq }, `${streamId}: revision ${String(rev ?? 0)} found that it was not what the trail said`);
}

async function* checkStreams(store: Store, streams: ReadonlyMap<string, readonly Entry[]>): AsyncGenerator<Finding> {
  for (const streamId of await goneOf(store, streams)) {
    yield chainFinding('damaged', { streamId, seq: streams.get(streamId)?.at(-1)?.seq ?? 0 }, `${streamId}: the trail knows of it, but it is gone; its last good revision is ${String(streams.get(streamId)?.at(-1)?.rev ?? 0)}`);
  }
  yield* byIdIn(store, streams);
  for (const attached of ATTACHED) {
    const beside = [...streams.keys()].filter((streamId) => streamId.startsWith(attached.prefix) && (attached.prefix !== '' || !streamId.includes('/')));
    if (beside.length === 0) continue;
    const documents = await documentsOf(store, attached, beside);
    for (const streamId of beside) {
      if (faultsIn(attached, { streamId, entries: streams.get(streamId) ?? [], documents: documents.get(streamId) ?? [] }).length > 0) yield* await settled(store, attached, streamId);
    }
  }
}

/** Documents of which entries of these streams say by id what they were. */
async function* byIdIn(store: Store, streams: ReadonlyMap<string, readonly Entry[]>): AsyncGenerator<Finding> {
  const { model, part, without } = VOUCHED_BY_ID;
  const claims = [...streams].flatMap(([streamId, entries]) => entries.flatMap(({ seq, documents = {} }) => Object.entries(documents)
    .filter(([name]) => name.startsWith(`${part}/`)).map(([name, hash]) => ({ streamId, seq, hash, id: name.slice(part.length + 1) }))));
  for (let n = 0; n < claims.length; n += PAGE) {
    const page = claims.slice(n, n + PAGE);
    const present = new Map<string, string>();
    for await (const doc of collectionOf(store, model).find({ _id: { $in: page.map(({ id }) => id) } })) present.set(doc._id, documentHash(doc, without));
    for (const { streamId, seq, hash, id } of page) {
      if (!present.has(id)) yield chainFinding('damaged', { streamId, seq }, `${streamId}: ${model} ${id} is gone`);
      else if (present.get(id) !== hash) yield chainFinding('damaged', { streamId, seq }, `${streamId}: ${model} ${id} is not what was stored; the trail's seq ${String(seq)} says what was`);
    }
  }
}

/** Commands that wait, or were answered, and that no holder of the key ring stored like this. Without the ring nobody knows. */
async function* forgedCommands(store: Store, recordId: string | undefined): AsyncGenerator<Finding> {
  if (!store.commandAuthenticator) return;
  // One that was refused before it was sent, or answered by a release without authenticators, has none.
  const filter = { ...(recordId !== undefined && { recordId }), $or: [{ authenticator: { $exists: true } }, { status: 'received' }] };
  for await (const doc of collectionOf(store, 'commands').find(filter, { batchSize: PAGE })) {
    const command = doc as unknown as CommandDoc;
    const because = forgedBecause(store, command);
    if (because !== undefined) yield chainFinding('damaged', { streamId: command.recordId, seq: 0 }, `${command.recordId}: commands ${command._id} is not what was stored: ${because}`);
  }
}

/** The faults of a stream that nobody wrote to while it was read. */
async function settled(store: Store, attached: Attached, streamId: string): Promise<readonly Finding[]> {
  for (let tries = 1; ; tries += 1) {
    const entries = await readVouching(store, streamId);
    const documents = (await documentsOf(store, attached, [streamId])).get(streamId) ?? [];
    const faults = faultsIn(attached, { streamId, entries, documents });
    if (faults.length === 0 || tries === TRIES || (await readVouching(store, streamId)).length === entries.length) return faults;
  }
}

function readVouching(store: Store, streamId: string): Promise<readonly Entry[]> {
  return auditCollection(store).find({ streamId, documents: { $exists: true } } as never, { sort: { seq: 1 }, projection: { _id: 0, seq: 1, at: 1, rev: 1, documents: 1, action: 1 } }).toArray();
}

function faultsIn(attached: Attached, { streamId, entries, documents }: { readonly streamId: string; readonly entries: readonly Entry[]; readonly documents: readonly Fields[] }): readonly Finding[] {
  const { part, revOf, without, model, unvouched } = attached;
  const claims = new Map<string, { readonly hash: string; readonly seq: number }>();
  let began: Beginning | undefined;
  for (const { seq, at, rev = 0, documents: hashes = {} } of entries) {
    if (Object.keys(hashes).length > 0) began ??= { seq, at, rev };
    for (const [name, hash] of Object.entries(hashes)) {
      const key = revOf && name === part ? String(revOf({ rev, version: rev })) : name.startsWith(`${part}/`) ? name.slice(part.length + 1) : undefined;
      if (key !== undefined) claims.set(key, { hash, seq });
    }
  }
  const groups = new Map<string, Fields[]>();
  for (const document of documents) {
    const key = revOf ? String(revOf(document)) : document._id;
    groups.set(key, [...(groups.get(key) ?? []), document]);
  }
  const said = (seq: number, what: string) => chainFinding('damaged', { streamId, seq }, `${streamId}: ${what}`);
  const faults: Finding[] = [];
  for (const [key, { hash, seq }] of claims) {
    const found = groups.get(key);
    const name = revOf ? `${model} of revision ${key}` : `${model} ${key}`;
    if (!found) faults.push(said(seq, `${name} is gone`));
    else if (documentsHash(found, without) !== hash) faults.push(said(seq, `${name} is not what was stored; the trail's seq ${String(seq)} says what was`));
  }
  for (const [key, found] of groups) {
    if (claims.has(key) || found.every((one) => unvouched(one, { began, claims: claims.size }))) continue;
    faults.push(said(0, `${model} ${found.map(({ _id }) => _id).join(', ')} is stored, but no entry vouches for it`));
  }
  return faults;
}

async function documentsOf(store: Store, { model, field, prefix, nameOf, among }: Attached, streamIds: readonly string[]): Promise<ReadonlyMap<string, readonly Fields[]>> {
  const byStream = new Map<string, Fields[]>();
  const found = collectionOf(store, model).find(among(streamIds.map((id) => id.slice(prefix.length))));
  for await (const document of found) {
    const streamId = `${prefix}${nameOf(String(document[field]))}`;
    byStream.set(streamId, [...(byStream.get(streamId) ?? []), document]);
  }
  return byStream;
}

/** Streams with a document of their own that is not there. */
async function goneOf(store: Store, streams: ReadonlyMap<string, readonly Entry[]>): Promise<readonly string[]> {
  const gone: string[] = [];
  const owners = [{ prefix: '', collection: 'records', part: 'record' }, ...administeredKinds(store).map((kind) => ({ ...kind, part: 'document' }))];
  for (const { prefix, collection, part } of owners) {
    const ids = [...streams].filter(([streamId, entries]) => streamId.startsWith(prefix) && entries.some(({ documents }) => documents?.[part] !== undefined) && (prefix !== '' || !streamId.includes('/'))).map(([id]) => id.slice(prefix.length));
    if (ids.length === 0) continue;
    const there = new Set<string>();
    for await (const { _id } of looselyOf(store, collection).find({ _id: { $in: ids } }, { projection: { _id: 1 } })) there.add(_id);
    gone.push(...ids.filter((id) => !there.has(id)).map((id) => `${prefix}${id}`));
  }
  return gone;
}

/** Documents beside a stream that does not exist at all. */
async function* strangers(store: Store, { model, field, prefix, nameOf, strangers: unexcused }: Attached): AsyncGenerator<Finding> {
  if (!unexcused) return;
  const told = new Set<string>();
  const owners = collectionOf(store, model).aggregate([{ $match: unexcused }, { $group: { _id: `$${field}` } }], { allowDiskUse: true });
  for await (const page of paged(owners)) {
    const streamIds = new Set(page.map(({ _id }) => `${prefix}${nameOf(_id)}`));
    const begun = await entriesAt(store, [...streamIds].map((streamId) => `${streamId}/1`));
    for (const streamId of streamIds) {
      if (begun.has(`${streamId}/1`) || told.has(streamId)) continue;
      told.add(streamId);
      yield chainFinding('damaged', { streamId, seq: 0 }, `${streamId}: ${model} are stored, but the trail knows of nothing there`);
    }
  }
}

async function entriesAt(store: Store, places: readonly string[]): Promise<ReadonlyMap<string, Entry>> {
  const found = await auditCollection(store).find({ _id: { $in: [...places] } }, { projection: { seq: 1, at: 1, rev: 1, documents: 1, action: 1 } }).toArray();
  return new Map(found.map((entry) => [entry._id, entry]));
}

/** A collection below mongoose's casting, and below the driver's types, which do not end for a document of any shape. */
interface Loose {
  find(filter: object, options?: object): AsyncIterable<Fields>;
  aggregate(stages: readonly object[], options?: object): AsyncIterable<Fields>;
}
const looselyOf = (store: Store, collection: string, database = store.connection.name): Loose => store.connection.getClient().db(database).collection(collection) as unknown as Loose;
const collectionOf = (store: Store, model: Attached['model']): Loose => looselyOf(store, store.models[model].collection.collectionName, store.models[model].db.name);
const lengthOf = (doc: Fields): number => (doc['chain'] as ChainEnd | undefined)?.length ?? 0;

async function* paged<T>(items: AsyncIterable<T>): AsyncGenerator<readonly T[]> {
  let page: T[] = [];
  for await (const item of items) {
    page.push(item);
    if (page.length < PAGE) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}
