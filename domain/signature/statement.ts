import type { AcceptedStatement, AccountabilityStatement } from '../../contracts/signature';
import { contentHashOf } from './demand';

/**
 * The statement of a new installation; one of its own replaces it (21 CFR 11.10(j)). Another wording here has another
 * hash, and so asks everybody again.
 */
export const DEFAULT_STATEMENT: AccountabilityStatement = {
  version: 1,
  text: 'I understand that my electronic signature in this system is the legally binding equivalent of my handwritten signature. '
    + 'I am accountable and responsible for every action initiated under it. I keep my password and second factor to myself, '
    + 'let nobody sign with them, and report their loss or any suspicion of misuse at once.',
};

export const statementHashOf = ({ version, text }: AccountabilityStatement): string => contentHashOf({ version, text });

/** Whether the statement in force is to be accepted before the next signature: never accepted, or changed since. */
export function mustAccept(current: AccountabilityStatement, accepted: Pick<AcceptedStatement, 'version' | 'textHash'> | null): boolean {
  return accepted?.version !== current.version || accepted.textHash !== statementHashOf(current);
}
