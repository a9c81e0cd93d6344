import argon2 from 'argon2';

/**
 * Hash of a password that costs a millisecond to make and to check instead of a quarter of a second: a
 * hash says itself by which parameters it is checked. `api/administration.test.ts` holds those of the product.
 */
export function quickHash(password: string): Promise<string> {
  return argon2.hash(password, { type: argon2.argon2id, memoryCost: 1024, timeCost: 2, parallelism: 1 });
}
