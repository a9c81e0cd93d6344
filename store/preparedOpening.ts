import { OPEN_ACT, type NewRecord } from '../contracts/entity';
import type { Capability } from '../contracts/ids';
import type { Instant } from '../contracts/instant';
import { jsonOf, requireSameBody, type NewCommand } from './commands';
import type { CommandDoc } from './schemas/records';

/** The command that opens a record, or the one that this id has already. */
export type PreparedOpening = { readonly known: CommandDoc } | { readonly fresh: NewCommand };

/** The opening that came before under this id; undefined: it is the first. Throws Failure `idempotency_key_reused` when it said something else. */
export function knownOpening(command: CommandDoc | undefined, bodyHash: string): PreparedOpening | undefined {
  if (!command) return undefined;
  requireSameBody(command, bodyHash);
  return { known: command };
}

/** The command that opens a record, under the id that the record keeps as its opening. */
export function freshOpening<Opening>(opening: NewRecord<Opening>, { capability, bodyHash, at }: { readonly capability: Capability; readonly bodyHash: string; readonly at: Instant }): PreparedOpening {
  const { openKey, recordId, actor } = opening;
  return { fresh: { _id: openKey, capability, recordId, act: OPEN_ACT, body: {}, bodyHash, actor, opening: jsonOf(opening), receivedAt: at } };
}
