import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { idsOf, titlesIn } from '../runner/table.mjs';
import { API } from './api.mjs';
import { BOUNDS } from './bounds.mjs';
import { CLAIMS } from './claims.mjs';
import { CAPA_RULES } from './capa.mjs';
import { CONTENT } from './content.mjs';
import { MACHINES } from './machines.mjs';
import { PEOPLE } from './people.mjs';
import { POLICIES } from './policies.mjs';
import { SCOPE } from './scope.mjs';
import { PORT } from './port.mjs';
import { SEAL } from './seal.mjs';
import { SHELL } from './shell.mjs';
import { STORE } from './store.mjs';

/**
 * Rules that the tests must miss when they are gone. `npm run breakages` takes one at a time out of a copy and expects
 * a test that is named after the requirement to turn red.
 * @typedef {object} Breakage
 * @property {string} id requirement that docs/requirements.json claims, be it only begun
 * @property {string} breaks what the product then does, in one sentence
 * @property {string} file where the rule stands
 * @property {string} find text that stands there exactly once
 * @property {string} replace what a careless release would have instead
 * @property {string[]} tests files of which at least one test named after `id` must fail
 */

/** @type {readonly Breakage[]} */
export const BREAKAGES = [...MACHINES, ...SHELL, ...STORE, ...API, ...BOUNDS, ...CAPA_RULES, ...SEAL, ...SCOPE, ...CLAIMS, ...POLICIES, ...PEOPLE, ...PORT, ...CONTENT];

/** Why a breakage could not be tried: the code or the tests have moved on. Empty: it can. */
export function faultsOf(breakage, { root, required }) {
  const { id, file, find, replace, tests } = breakage;
  const path = join(root, file);
  const places = existsSync(path) ? readFileSync(path, 'utf8').split(find).length - 1 : 0;
  const named = tests.map((test) => ({ test, ids: existsSync(join(root, test)) ? titlesIn(readFileSync(join(root, test), 'utf8')).flatMap((title) => idsOf([title])) : undefined }));
  return [
    ...(required.includes(id) ? [] : [`${id} is not claimed in docs/requirements.json`]),
    ...(places === 1 ? [] : [`${file} has the text ${places} times, not once: ${find}`]),
    ...(find === replace ? [`${file}: nothing is replaced`] : []),
    ...(tests.length === 0 ? ['no test is named'] : []),
    ...named.filter(({ ids }) => ids === undefined).map(({ test }) => `${test} is not there`),
    ...named.filter(({ ids }) => ids !== undefined && !ids.includes(id)).map(({ test }) => `no test of ${test} is named after ${id}`),
  ];
}

/** The breakages asked for by requirement ids, or by words of what they break; all of them when nothing is said. Throws an Error with a sentence. */
export function chosen(words, breakages = BREAKAGES) {
  const fits = (word) => breakages.filter(({ id, breaks }) => id === word || (word.length > 4 && breaks.includes(word)));
  const strangers = words.filter((word) => fits(word).length === 0);
  if (strangers.length > 0) throw new Error(`no breakage of ${strangers.join(', ')}; there are some of ${[...new Set(breakages.map(({ id }) => id))].join(', ')}`);
  return words.length === 0 ? breakages : breakages.filter((breakage) => words.some((word) => fits(word).includes(breakage)));
}

/** Tests of these ids, as jest looks for them in full names. Too many do no harm: {@link verdictOn} looks again. */
export function patternOf(ids) {
  return `(?:^|[ ,])(?:${[...new Set(ids)].map((id) => id.replaceAll('.', '\\.')).join('|')})(?![\\d.])`;
}

const named = (id) => ({ titles }) => idsOf(titles).includes(id);
export const keyOf = ({ file, titles }) => [file, ...titles].join(' › ');

/**
 * Whether a breakage was caught: a test that is named after its requirement, and passed without it, failed.
 * @param {{ id: string }} breakage
 * @param {{ before: readonly object[], after: readonly object[] }} runs outcomes as of test/runner/table.mjs
 */
export function verdictOn({ id }, { before, after }) {
  const sound = new Set(before.filter(named(id)).filter(({ status }) => status === 'passed').map(keyOf));
  if (sound.size === 0) return { caught: false, why: `no test named after ${id} passes without the breakage` };
  const failed = after.filter(({ status }) => status === 'failed');
  const red = failed.filter((test) => sound.has(keyOf(test)));
  if (red.length > 0) return { caught: true, why: red[0].titles.join(' › '), count: red.length };
  return { caught: false, why: failed.length > 0 ? `only others failed: ${failed[0].titles.join(' › ')}` : 'every test stayed green' };
}
