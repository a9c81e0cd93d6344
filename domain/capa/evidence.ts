import type { PinnedEvidence } from '../../contracts/capa';
import type { CapaState } from '../../contracts/capaState';
import type { CapaDraft } from './stages';

/** An id of evidence where a body or a part names it. */
export interface NamedEvidence {
  readonly id: string;
  /** E.g. `rootCause.chain.0.evidenceIds.1`. */
  readonly field: string;
}

const NAMING = ['evidenceIds', 'evidenceFor', 'evidenceAgainst'];

/** The evidence that a body, or a part of a record, names, with the place of each, in order. */
export function evidenceIn(value: unknown, path = ''): readonly NamedEvidence[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]): readonly NamedEvidence[] => {
    const field = path === '' ? key : `${path}.${key}`;
    if (!NAMING.includes(key) || !Array.isArray(member)) return evidenceIn(member, field);
    return member.flatMap((id: unknown, index) => (typeof id === 'string' ? [{ id, field: `${field}.${index}` }] : []));
  });
}

/** Keeps the hashes that came with a command. */
export function pinEvidence(draft: CapaDraft, { pinned = [] }: PinnedEvidence): void {
  if (pinned.length === 0) return;
  draft.set({ evidenceHashes: { ...draft.state.evidenceHashes, ...Object.fromEntries(pinned.map(({ id, sha256 }) => [id, sha256])) } });
}

/** What a signed part says of its evidence: each file once, by id and hash; null: taken over without its file. */
export function evidenceOf(part: unknown, { evidenceHashes }: Pick<CapaState, 'evidenceHashes'>): readonly { readonly id: string; readonly sha256: string | null }[] {
  const ids = [...new Set(evidenceIn(part).map(({ id }) => id))].toSorted();
  return ids.map((id) => ({ id, sha256: evidenceHashes[id] ?? null }));
}
