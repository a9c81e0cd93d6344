import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A requirement as docs/requirements.json states it.
 * @typedef {object} Requirement
 * @property {string} id
 * @property {string} title
 * @property {string} [acceptance] the check that must be met; without one nothing is claimed
 * @property {string} [partly] what is missing: the product only begins it, and it never counts as proven
 */

/** @returns {Requirement[]} */
export const readRequirements = (root) => JSON.parse(readFileSync(join(root, 'docs/requirements.json'), 'utf8'));

/** Ids with an acceptance check, those that are only begun included. */
export const claimedIds = (requirements) => requirements.filter(({ acceptance }) => acceptance !== undefined).map(({ id }) => id);

/** Claimed whole: what a run must prove. */
export const wholeIds = (requirements) => requirements.filter(({ acceptance, partly }) => acceptance !== undefined && partly === undefined).map(({ id }) => id);

/** Only begun, with what is missing. */
export const begun = (requirements) => requirements.filter(({ partly }) => partly !== undefined).map(({ id, partly }) => ({ id, missing: partly }));

/** Claimed ids whose loss no planted fault has ever tried. */
export function unplanted(requirements, breakages) {
  const planted = new Set(breakages.map(({ id }) => id));
  return claimedIds(requirements).filter((id) => !planted.has(id));
}
