import path from 'node:path';
import { createCommitActivity } from '../../activities/commit';
import { originOf } from '../../activities/forgedSteps';
import type { Instant } from '../../contracts/instant';
import type { CommitRequest, CommitResult } from '../../contracts/step';
import { createAuthenticator } from '../../platform/derivedKeys';
import { openKeyRing } from '../../platform/keyRing';
import { bodyHashOf, receiveCommand } from '../../store/commands';
import type { Store } from '../../store/connection';

const KEYS_FILE = path.join(__dirname, 'test-keys.json');

/** By the key ring of the tests. */
export const commandAuthenticator = createAuthenticator(openKeyRing(KEYS_FILE), 'command-authenticator');

/** `commit` as a worker has it, of steps whose commands are stored first, as the API does; each record has ids of its own. */
export function committing(store: Store, now: () => Instant): (request: CommitRequest) => Promise<CommitResult> {
  const commit = createCommitActivity({ store, tzdb: 'test', now, tellForgery: () => undefined });
  return async (asked) => {
    if (originOf(asked.source) !== 'command') return commit(asked);
    const { recordId, capability, at, source: { key, act, actor } } = asked;
    const request = { ...asked, source: { ...asked.source, key: `${key}~${recordId}` } };
    await receiveCommand(store, { _id: request.source.key, capability: capability as 'escalation', recordId, act, actor, body: {}, bodyHash: bodyHashOf({}), receivedAt: at });
    return commit(request);
  };
}
