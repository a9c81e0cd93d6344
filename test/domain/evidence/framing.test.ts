import fc from 'fast-check';
import { CHUNK_BYTES, chunkBytes, chunksOf, missingChunks } from '../../../domain/evidence/framing';

const size = fc.integer({ min: 1, max: 200 * CHUNK_BYTES });

describe('a file in chunks', () => {
  test('B11 the chunks of any size add up to it; all but the last are full, the last is not empty', () => {
    fc.assert(fc.property(size, (sizeBytes) => {
      const lengths = Array.from({ length: chunksOf(sizeBytes) }, (_, n) => chunkBytes(sizeBytes, n) ?? 0);
      expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(sizeBytes);
      expect(lengths.slice(0, -1).every((length) => length === CHUNK_BYTES)).toBe(true);
      expect(lengths.at(-1)).toBeGreaterThan(0);
    }));
  });

  test('B11 there is no chunk before the first, after the last, or between two', () => {
    for (const n of [-1, 3, 0.5, Number.NaN]) expect(chunkBytes(3 * CHUNK_BYTES, n)).toBeUndefined();
    expect([chunksOf(CHUNK_BYTES), chunksOf(CHUNK_BYTES + 1)]).toEqual([1, 2]);
  });

  test('B11 what has arrived and what is missing are the whole', () => {
    fc.assert(fc.property(size, fc.array(fc.nat(250)), (sizeBytes, arrived) => {
      const missing = missingChunks(sizeBytes, arrived);
      const there = new Set(arrived.filter((n) => n < chunksOf(sizeBytes)));
      expect(missing.filter((n) => there.has(n))).toEqual([]);
      expect(missing.length + there.size).toBe(chunksOf(sizeBytes));
    }));
  });
});
