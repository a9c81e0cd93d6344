import type { SealedSecret } from '../contracts/channels';
import { plusMs, type Instant } from '../contracts/instant';
import type { AdministeredKind } from './administration';
import type { Store } from './connection';
import type { ChannelDoc } from './schemas/channels';

export const channelKind: AdministeredKind<ChannelDoc> = { kind: 'channel', model: (store) => store.models.channels, secret: ['secrets'] };

/** How long the secret before the newest still signs, so that a receiver can change over, ms. */
export const OLD_SECRET_MS = 24 * 3_600_000;

/** The channel map of an organisation, as far as it counts; a map is small. */
export function activeChannels(store: Store, organisationId: string): Promise<ChannelDoc[]> {
  return store.models.channels.find({ organisationId, active: true }).sort({ _id: 1 }).limit(1000).lean<ChannelDoc[]>();
}

/** Sealed secrets that sign at `at`, the newest first; undefined when the entry is gone or not active. */
export async function signingSecrets(store: Store, of: { id: string; at: Instant }): Promise<readonly string[] | undefined> {
  const entry = await store.models.channels.findOne({ _id: of.id, active: true }).lean<ChannelDoc>();
  return entry?.secrets.filter(({ until }) => until === null || until > of.at).map(({ sealed }) => sealed);
}

/** The secrets after a rotation: the newest stays valid for a day, older ones end. */
export function rotated(secrets: readonly SealedSecret[], { sealed, at }: { sealed: string; at: Instant }): readonly SealedSecret[] {
  const before = secrets.filter(({ until }) => until === null).map((secret) => ({ ...secret, until: plusMs(at, OLD_SECRET_MS) }));
  return [{ sealed, createdAt: at, until: null }, ...before];
}
