import { ApplicationFailure } from '@temporalio/common';
import { recordPathOf } from '../contracts/ids';
import type { Instant } from '../contracts/instant';
import type { NoticeEffect } from '../contracts/notice';
import type { Preferences } from '../contracts/preferences';
import type { ArmedDeadline, EffectOutcome } from '../contracts/step';
import { partiesOf } from '../domain/escalation/plan';
import { entriesFor } from '../domain/notices/channelMap';
import { isAgreed, routesFor } from '../domain/notices/routes';
import { activeChannels } from '../store/channelMap';
import { preferencesByPerson } from '../store/preferences';
import type { ChannelDoc } from '../store/schemas/channels';
import type { RecordDoc, StepDoc } from '../store/schemas/records';
import { capabilityRecord } from './capabilities';
import type { NoticeContent } from './notice';
import { routeNotice, type Recipient, type Routing } from './routing';
import { openBook, type NoticeBook } from './noticeBook';
import { allEnded, type TellingDeps } from './sending';
import { tellTeams } from './teams';
import { tellByRoutes, type ByRoutes } from './ways';

export type { TellingDeps } from './sending';

/** One notice of a step: who is told of what. */
interface Telling {
  readonly issue: RecordDoc;
  readonly step: StepDoc;
  readonly effect: NoticeEffect;
  /** `<reason>/<person>` told by this step already: two notices of one step make one letter. */
  readonly spared: Set<string>;
}

/**
 * Tells everybody a notice is for, once each, and the teams of the channel map. Throws while the mail
 * server is out of reach; the retry skips who was told. `failed`: people are there, but no agreed
 * channel took it, and only their inboxes keep it.
 */
export async function tell(deps: TellingDeps, telling: Telling): Promise<EffectOutcome> {
  const { issue, effect } = telling;
  const ladder = capabilityRecord(issue.capability).ladderOf?.(issue.state);
  const routed = { studyId: issue.studyId, topic: issue.topic, organisationIds: partiesOf(issue), ladder };
  const routing = await routeNotice(deps.store, { audience: effect.audience, routed, at: deps.now() });
  const entries = await entriesOf(deps, telling, routing);
  const fresh = routing.recipients.filter(({ personId }) => !telling.spared.has(sparedKey(effect, personId)));
  const preferences = await preferencesByPerson(deps.store, fresh.map(({ personId }) => personId));
  const book = openBook(deps.store);
  const planned = fresh.map((recipient) => planOf(deps, telling, { recipient, routing, entries, preferences: preferences.get(recipient.personId), book }));
  const [results] = await allEnded([
    allEnded(planned.map((plan) => tellByRoutes(deps, plan))),
    tellTeams(deps, { notice: noticeOf(deps, telling), entries: teamEntries(telling, { entries, planned }), phiChannels: routing.phiChannels, intent: effect.intent, book }),
  ]);
  fresh.forEach(({ personId }) => telling.spared.add(sparedKey(effect, personId)));
  entries.forEach(({ target }) => telling.spared.add(sparedKey(effect, target)));
  const deferred = results.find((result) => result.outcome === 'deferred');
  if (deferred) throw ApplicationFailure.retryable(deferred.reason, 'unavailable');
  if (routing.recipients.length === 0) return { intent: effect.intent, outcome: 'nobody', detail: `nobody is there: ${audienceText(effect)}` };
  const reached = results.some((result, index) => result.outcome === 'held' || (result.outcome === 'told' && isAgreed(result.route, { contact: fresh[index]?.contact, phiChannels: routing.phiChannels })));
  // Whoever was spared was told by this step already.
  if (reached || fresh.length === 0) return { intent: effect.intent, outcome: 'done', detail: '' };
  return { intent: effect.intent, outcome: 'failed', detail: `nobody could be told, only inboxes keep it: ${audienceText(effect)}` };
}

const sparedKey = (effect: NoticeEffect, whom: string): string => `${effect.reason}/${whom}`;

/** Entries of the channel map that fit what is told, the most specific first. */
async function entriesOf(deps: TellingDeps, { issue, effect }: Telling, { roles }: Routing): Promise<readonly ChannelDoc[]> {
  // A letter with all of an import is no message of a team.
  if (effect.digest) return [];
  const { organisationId } = effect.audience;
  const told = { organisationId, studyId: issue.studyId, country: issue.content.country ?? null, roles, severity: issue.severity };
  return entriesFor(await activeChannels(deps.store, organisationId), told);
}

/** A team hears what its level or function is told; not what concerns one person, nor twice by one address. */
function teamEntries({ effect, spared }: Telling, { entries, planned }: { entries: readonly ChannelDoc[]; planned: readonly ByRoutes[] }): readonly ChannelDoc[] {
  if (effect.audience.to === 'person') return [];
  const used = new Set(planned.flatMap(({ routes }) => routes.slice(0, 1)).map(({ address }) => address));
  return entries.filter(({ target }) => !used.has(target) && !spared.has(sparedKey(effect, target)));
}

interface Choice {
  readonly recipient: Recipient;
  readonly routing: Routing;
  readonly entries: readonly ChannelDoc[];
  readonly preferences: Preferences | undefined;
  readonly book: NoticeBook;
}

function planOf(deps: TellingDeps, telling: Telling, { recipient, routing, entries, preferences, book }: Choice): ByRoutes {
  const { personId, as, address, contact } = recipient;
  const { digest } = telling.effect;
  const entry = entries.find(({ channel }) => channel === 'webhook');
  return {
    notice: { ...noticeOf(deps, telling), personId, as }, preferences, digest, book, first: `${telling.effect.intent}/${personId}`,
    // Only letters can be joined into one.
    routes: routesFor({ contact: digest ? undefined : contact, email: address, endpoint: entry && { id: entry._id, target: entry.target, phiApproved: entry.phiApproved }, phiChannels: routing.phiChannels }),
  };
}

function noticeOf(deps: TellingDeps, telling: Telling) {
  const { step, effect } = telling;
  const { audience, deadline } = effect;
  return { content: contentOf(deps, telling), rev: step.rev, side: audience.to === 'level' ? audience.side : null, deadline, organisationId: audience.organisationId, since: step.at };
}

function contentOf(deps: TellingDeps, telling: Telling): NoticeContent {
  const { issue, step, effect } = telling;
  const due = effect.deadline === null ? undefined : dueOf(effect.deadline, step.armed) ?? dueOf(effect.deadline, issue.armed);
  return {
    noun: capabilityRecord(issue.capability).noun, path: recordPathOf(issue.capability), recordId: issue._id, number: issue.number, topic: issue.topic,
    severity: issue.severity, reason: effect.reason, level: effect.audience.to === 'level' ? effect.audience.level : null, due: due ?? null,
    publicUrl: deps.publicUrl, drill: issue.drill,
  };
}

const dueOf = (name: string, armed: readonly ArmedDeadline[]): Instant | undefined => armed.find((deadline) => deadline.name === name)?.due;

function audienceText({ audience }: NoticeEffect): string {
  if (audience.to === 'level') return `level ${audience.level} of the ${audience.side} side`;
  return audience.to === 'roles' ? `roles ${audience.roles.join(', ')}` : `person ${audience.personId}`;
}
