import type { Channel } from '../contracts/notice';
import { phiBlock } from '../domain/notices/routes';
import type { ChannelDoc } from '../store/schemas/channels';
import { attempt, type Notice } from './attempt';
import type { NoticeBook } from './noticeBook';
import { allEnded, type TellingDeps } from './sending';

interface Teams {
  readonly notice: Omit<Notice, 'personId' | 'as'>;
  readonly entries: readonly ChannelDoc[];
  readonly phiChannels: readonly Channel[] | undefined;
  readonly intent: string;
  readonly book: NoticeBook;
}

/**
 * Tells the team channels too (S1.9), once per target. They never hold up people: what a receiver
 * does not take now is held and delivered by housekeeping.
 */
export async function tellTeams(deps: TellingDeps, { notice, entries, phiChannels, intent, book }: Teams): Promise<void> {
  await allEnded(entries.map(async ({ _id, channel, target, phiApproved }) => {
    const personId = `channel/${_id}`;
    const route = { channel, address: target, endpointId: _id, blocked: phiBlock({ channel, phiChannels, phiApproved }) };
    await attempt(deps, { ...notice, personId, as: 'team' }, { way: { id: `${intent}/${personId}`, fallbackOf: null, route }, book });
  }));
}
