import type { AuditEntry, ChainHead } from '../../contracts/audit';
import { hashEntry, ZERO_HASH } from './chain';
import { chainFinding, seqRange, type Finding } from './findings';

/** Checks one chain entry by entry, in constant memory. */
export interface ChainChecker {
  /** Takes the next entry, in order of seq; answers what is wrong with it. */
  next(entry: AuditEntry): readonly Finding[];
  /** Entries seen so far. */
  count(): number;
}

/** A checker at the beginning of a stream. */
export function chainChecker(streamId: string): ChainChecker {
  let seq = 0;
  let count = 0;
  /** Undefined after a gap: what the next entry should continue is unknown. */
  let previous: string | undefined = ZERO_HASH;
  return {
    next(entry) {
      count += 1;
      const findings: Finding[] = [];
      const place = { streamId, seq: entry.seq };
      if (entry.streamId !== streamId || !Number.isSafeInteger(entry.seq) || entry.seq <= seq) {
        const expected = { streamId, seq: seq + 1 };
        return [chainFinding('out_of_place', expected, `${streamId}: an entry of ${entry.streamId} with seq ${String(entry.seq)} stands after seq ${String(seq)}`)];
      }
      if (entry.seq > seq + 1) {
        findings.push(chainFinding('missing', { streamId, seq: seq + 1 }, `${streamId}: ${seqRange(seq + 1, entry.seq - 1)} is missing`));
        previous = undefined;
      }
      if (previous !== undefined && entry.prevHash !== previous) {
        const message = seq === 0 ? 'it does not begin a chain' : `it does not continue seq ${String(seq)}, one of the two was rewritten`;
        findings.push(chainFinding('broken_link', place, `${streamId}: seq ${String(entry.seq)} has a broken link: ${message}`));
      }
      if (!hashesToItself(entry)) findings.push(chainFinding('changed', place, `${streamId}: seq ${String(entry.seq)} was changed: its content does not hash to its hash`));
      seq = entry.seq;
      previous = entry.hash;
      return findings;
    },
    count: () => count,
  };
}

/** Checks a whole chain, in order of seq. An empty one is sound in itself: only an attestation knows that it should not be. */
export function verifyChain(entries: readonly AuditEntry[]): readonly Finding[] {
  const first = entries[0];
  if (first === undefined) return [];
  const checker = chainChecker(first.streamId);
  return entries.flatMap((entry) => checker.next(entry));
}

/** Somebody's word that a chain had this head at this length. */
export interface Attestation extends ChainHead {
  /** Who says so, e.g. `the receipt of 2026-11-22 for org-1`. */
  readonly source: string;
}

/** What stands where an attestation points. */
export interface AttestedPlace {
  /** Hash of the entry with seq = the attested length; undefined: there is none. */
  readonly hash: string | undefined;
  /** Present length of the chain. */
  readonly length: number;
  /** Longest attested length, below this one, that still holds; 0: none. */
  readonly soundUpTo: number;
}

/** Compares an attestation with what is there; undefined: it holds. */
export function checkAttestation(attested: Attestation, place: AttestedPlace): Finding | undefined {
  const { streamId, length, head, source } = attested;
  if (place.hash === head) return undefined;
  if (place.hash === undefined) {
    const first = Math.min(place.length + 1, length);
    const what = place.length === 0 ? `all entries, ${seqRange(1, length)},` : seqRange(first, length);
    const present = place.length >= length ? 'other entries follow' : `the chain has ${String(place.length)} entries now`;
    return chainFinding('missing', { streamId, seq: first }, `${streamId}: ${what} missing: ${source} attests ${String(length)} entries, ${present}`);
  }
  const seq = place.soundUpTo + 1;
  const message = `${streamId}: rewritten from an entry in ${seqRange(seq, length)} on: ${source} attests another hash at seq ${String(length)}`;
  return chainFinding('rewritten', { streamId, seq }, message);
}

/** An entry beyond the end that its record knows of: nobody acted by the product there. */
export function addedEntry({ streamId, length }: Pick<ChainHead, 'streamId' | 'length'>): Finding {
  const seq = length + 1;
  return chainFinding('added', { streamId, seq }, `${streamId}: seq ${String(seq)} was added: the record itself knows of ${String(length)} entries`);
}

/** An entry that no holder of the key ring wrote down, or whose word for it is gone. */
export function unsealedEntry({ streamId, seq }: Pick<AuditEntry, 'streamId' | 'seq'>): Finding {
  return chainFinding('unsealed', { streamId, seq }, `${streamId}: seq ${String(seq)} has no seal, and is not among the entries that were there before sealing began`);
}

/** An entry whose seal does not hold. */
export function brokenSeal({ streamId, seq }: Pick<AuditEntry, 'streamId' | 'seq'>, why: string): Finding {
  return chainFinding('seal_broken', { streamId, seq }, `${streamId}: seq ${String(seq)} has a broken seal: ${why}`);
}

/** An entry that is kept under an id that is not its place. */
export function misplacedEntry({ streamId, seq }: Pick<AuditEntry, 'streamId' | 'seq'>, id: string): Finding {
  return chainFinding('out_of_place', { streamId, seq }, `${streamId}: seq ${String(seq)} is kept as ${id}`);
}

function hashesToItself(entry: AuditEntry): boolean {
  try {
    return hashEntry(entry) === entry.hash;
  } catch {
    // A value that JSON cannot say was put there by somebody else.
    return false;
  }
}
