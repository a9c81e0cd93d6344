import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import * as common from '@zxcvbn-ts/language-common';
import * as english from '@zxcvbn-ts/language-en';

/** Whose password it is to be: what is known of a person is the first that is tried. */
export interface PasswordOwner {
  readonly name: string;
  readonly email: string;
}

/** Of 0 to 4; 3 withstands an attack on a slow hash (10^8 guesses and more). */
const LEAST_SCORE = 3;
/** Words that are known to everybody here. */
const OURS = ['oversight', 'cro-oversight', 'sponsor', 'clinical', 'trial', 'password'];
/** The estimate takes long for long texts; the beginning of one that is good is good enough. */
const LOOKED_AT = 100;

const lookUp = new ZxcvbnFactory({ dictionary: { ...common.dictionary, ...english.dictionary }, graphs: common.adjacencyGraphs, translations: english.translations });

/**
 * Why a password is too easily guessed; undefined: it is not. Breached and common passwords, words, dates, repetitions, rows of
 * the keyboard, and the person's own name and address count for little (NIST SP 800-63B 3.1.1.2, 21 CFR 11.300).
 */
export function passwordFault(password: string, owner: PasswordOwner): string | undefined {
  if (password.trim() === '') return 'nothing but blanks';
  const own = [owner.name, ...owner.name.split(/\s+/u), owner.email, ...owner.email.split(/[@.]/u)].filter((word) => word.length > 2);
  const { score, feedback } = lookUp.check(password.slice(0, LOOKED_AT), [...own, ...OURS]);
  if (score >= LEAST_SCORE) return undefined;
  return `too easily guessed${feedback.warning === null || feedback.warning === '' ? '' : `: ${feedback.warning}`} Several words that have nothing to do with each other are better.`;
}
