import type { SendableCommand } from '../contracts/command';
import type { DocumentHashes } from '../contracts/audit';
import { canonicalText } from '../domain/audit/chain';
import { documentHash } from '../domain/audit/documents';
import type { Store } from './connection';
import type { CommandDoc } from './schemas/records';
import { partOf, UNPROVEN } from './vouching';

type Vouched = SendableCommand & Pick<CommandDoc, 'bodyHash'>;

/** The command with the code of the key ring over all that it says. Throws where this process has no key ring. */
export function vouchFor<Command extends Vouched>(store: Store, command: Command): Command {
  if (!store.commandAuthenticator) throw new Error('this process has no key ring, so it cannot store commands');
  return { ...command, authenticator: store.commandAuthenticator.codeOf(saidBy(command)) };
}

/**
 * Why a stored command is nobody's: whoever has the database, and not the key ring, can write one or change one, and none
 * that the API would have refused. undefined: it is as it was stored by a holder of the ring.
 */
export function forgedBecause(store: Store, command: Vouched): 'it has no authenticator' | 'it was changed after it was stored' | 'it was stored with a key that the key ring does not hold' | undefined {
  if (!command.authenticator || !store.commandAuthenticator) return 'it has no authenticator';
  const checked = store.commandAuthenticator.check(saidBy(command), command.authenticator);
  if (checked === 'unknown_key') return 'it was stored with a key that the key ring does not hold';
  return checked === 'good' ? undefined : 'it was changed after it was stored';
}

/** What an entry says that the command was which it carries out, or refuses. */
export function commandHash(command: CommandDoc): DocumentHashes {
  return { [partOf('command', command._id)]: documentHash(command, UNPROVEN.commands) };
}

/** Who does what to which record, word for word, and under which id and revision. */
function saidBy({ _id, capability, recordId, act, body, bodyHash, actor, expectedRev, opening }: Vouched): string {
  return canonicalText([_id, capability, recordId, act, body, bodyHash, actor, expectedRev ?? null, opening ?? null]);
}
