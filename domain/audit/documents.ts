import type { DocumentHashes } from '../../contracts/audit';
import { canonicalHash } from './chain';

/** Fields of a record that its opening writes and no step changes. */
const BORN = ['_id', 'capability', 'number', 'content', 'openedAt'] as const;
type Plain = Readonly<Record<string, unknown>>;

/** The parts of a record, so that a step hashes what it writes and nothing else. */
export const RECORD_PARTS = ['born', 'state', 'record'] as const;
export type RecordPart = (typeof RECORD_PARTS)[number];

/** SHA-256, in hex, over the RFC 8785 form of a stored document without the named fields. Throws TypeError for what JSON cannot say. */
export function documentHash(document: object, without: readonly string[] = []): string {
  return canonicalHash(without.length === 0 ? document : Object.fromEntries(Object.entries(document).filter(([field]) => !without.includes(field))));
}

/** The hash of several documents of one revision, in the order of their ids. */
export function documentsHash(documents: readonly object[], without: readonly string[] = []): string {
  return canonicalHash(inOrder(documents).map((document) => documentHash(document, without)));
}

/** What a record was opened with: number, content, when. */
export function bornHash(record: Plain): string {
  return canonicalHash(Object.fromEntries(BORN.map((field) => [field, record[field]])));
}

/** All of a record but its state, what it was born with, and the end of its chain, which the chain proves. */
export function recordHash(record: object): string {
  return documentHash(record, [...BORN, 'state', 'chain']);
}

/** The hash of each part of a whole record. */
export function recordHashes(record: Plain): Readonly<Record<RecordPart, string>> {
  return { born: bornHash(record), state: canonicalHash(record['state']), record: recordHash(record) };
}

/** The parts that do not hash to what was committed, in the order of the committed ones. */
export function alteredParts(committed: DocumentHashes, present: DocumentHashes): readonly string[] {
  return Object.keys(present).filter((part) => committed[part] !== undefined && committed[part] !== present[part]);
}

function inOrder(documents: readonly object[]): readonly object[] {
  const idOf = (document: object): string => String((document as { _id?: unknown })._id);
  return documents.toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : Number(idOf(a) > idOf(b))));
}
