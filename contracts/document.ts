import type { Instant } from './instant';

/** A document as its parts say it, apart from how it is set: what a report plans and a typesetter sets. */
export interface PlannedDocument {
  /** Letters, digits and plain punctuation only: it goes into the file's metadata. */
  readonly title: string;
  /** Stands at the top of each page. */
  readonly header: string;
  /** Stands at the bottom of each page, beside "Page x of y". */
  readonly footer: string;
  /** RFC 5646. */
  readonly language: string;
  /** When what it says was recorded: the date in its metadata. Never when it was made, so that it is made alike twice. */
  readonly at: Instant;
  readonly blocks: Iterable<Block>;
  readonly attachment: Attachment;
}

/** A file inside the document. */
interface Attachment {
  readonly name: string;
  readonly mediaType: string;
  readonly description: string;
  readonly bytes: Uint8Array;
}

export type Block =
  | { readonly kind: 'heading'; readonly level: 1 | 2 | 3; readonly text: string }
  | { readonly kind: 'text'; readonly text: string; readonly quiet?: boolean }
  /** What is said about one thing, one line each. */
  | { readonly kind: 'facts'; readonly facts: readonly Fact[] }
  | { readonly kind: 'table'; readonly columns: readonly Column[]; readonly rows: Iterable<readonly Cell[]> };

export type Fact = readonly [label: string, value: Cell];

interface Column {
  readonly label: string;
  /** Of the width, against the others. */
  readonly share: number;
}

export type Cell = string | readonly Line[];
/** `code`: hashes and ids, each character apart from the others. `quiet`: smaller and grey. */
export interface Line {
  readonly text: string;
  readonly style?: 'strong' | 'code' | 'quiet';
}
