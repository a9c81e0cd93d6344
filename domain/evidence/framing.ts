/** Plain bytes of a chunk, and of an encrypted frame; every chunk but the last has exactly as many. */
export const CHUNK_BYTES = 1024 * 1024;
/** What encryption adds to a chunk: IV and tag (NIST SP 800-38D). */
export const FRAME_OVERHEAD_BYTES = 12 + 16;

/** How many chunks a file of this size has. */
export function chunksOf(sizeBytes: number): number {
  return Math.ceil(sizeBytes / CHUNK_BYTES);
}

/** How long chunk `n` (from 0) of the file must be, in bytes; undefined: it has no such chunk. */
export function chunkBytes(sizeBytes: number, n: number): number | undefined {
  if (!Number.isInteger(n) || n < 0 || n >= chunksOf(sizeBytes)) return undefined;
  return Math.min(CHUNK_BYTES, sizeBytes - n * CHUNK_BYTES);
}

/** Numbers of the chunks that are not there yet, ascending. */
export function missingChunks(sizeBytes: number, received: readonly number[]): readonly number[] {
  const there = new Set(received);
  return Array.from({ length: chunksOf(sizeBytes) }, (_, n) => n).filter((n) => !there.has(n));
}
