import { vouchFor } from './commandAuthenticity';
import type { Store } from './connection';
import type { CommandDoc } from './schemas/records';

/** Name, among the counters, of what is done once. */
const DONE = 'commands-authenticated';

/**
 * Vouches for the commands that a release without authenticators stored and nobody has answered yet; once, with the first
 * provisioning by a release that has them. A command without one that comes later is carried out by nobody. Returns how many.
 */
export async function vouchForOldCommands(store: Store): Promise<number> {
  const { commands, counters } = store.models;
  if (await counters.exists({ _id: DONE })) return 0;
  const old = await commands.find({ status: 'received', authenticator: { $exists: false } }).lean<CommandDoc[]>();
  for (const command of old) {
    const { authenticator } = vouchFor(store, command);
    await commands.updateOne({ _id: command._id, authenticator: { $exists: false } }, { $set: { authenticator } });
  }
  // Last: a provisioning that is cut off begins again.
  await counters.updateOne({ _id: DONE }, { $setOnInsert: { value: 1 } }, { upsert: true });
  return old.length;
}
