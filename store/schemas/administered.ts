import type { Instant } from '../../contracts/instant';
import type { ChainEnd } from '../chainEnd';
import { anything, flag, integer, text } from './definition';

/** What every administered record has: a fence, its chain's end, and whether it still counts. */
export interface AdministeredDoc {
  readonly _id: string;
  readonly rev: number;
  readonly active: boolean;
  readonly chain: ChainEnd;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}
export const administered = { _id: text, rev: integer, active: flag, chain: anything, createdAt: text, updatedAt: text };
