import type { Actor, PersonActor } from '../../../contracts/actor';
import { hours, minutes, calendarDays } from '../../../contracts/spans';
import type { EscalationCommand, EscalationOpening, EscalationState, Track } from '../../../contracts/escalation';
import type { NoticeEffect } from '../../../contracts/notice';
import type { FailureType } from '../../../contracts/failures';
import { parseInstant, type Instant } from '../../../contracts/instant';
import type { Ladder, Policy, Side } from '../../../contracts/policy';
import type { ArmedDeadline, Effect, Fact } from '../../../contracts/step';
import { escalation } from '../../../domain/escalation/machine';
import { VirtualRun } from '../../../domain/simulation/virtualRun';
import { calendar } from '../time/calendars';

export const SPONSOR = 'sponsor-1';
export const CRO = 'cro-1';
export const START = at('2026-03-02T09:00:00Z');

export function at(text: string): Instant {
  const instant = parseInstant(text);
  if (!instant) throw new Error(`not an instant: ${text}`);
  return instant;
}

export const person = (personId: string, organisationId: string): PersonActor => ({ kind: 'person', personId, organisationId, role: 'study_lead', correlationId: 'c' });
export const ann = person('ann', SPONSOR);
export const amy = person('amy', SPONSOR);
export const bob = person('bob', CRO);
export const bea = person('bea', CRO);
export const outsider = person('zoe', 'cro-2');
export const product: Actor = { kind: 'system', name: 'housekeeping', correlationId: '' };

/** Three levels of 10, 20 and 30 minutes, one repeat, calendar time throughout: instants can be read off. */
export const LADDER: Ladder = {
  levels: [
    { role: 'project_manager', acknowledgeWithin: minutes(10) },
    { role: 'study_lead', acknowledgeWithin: minutes(20) },
    { role: 'executive', acknowledgeWithin: minutes(30) },
  ],
  repeats: 1, progressWithin: hours(4), promiseAtMostMs: 90 * 24 * 3_600_000, resolveWithin: calendarDays(2), confirmWithin: hours(24), secondPersonWithin: hours(12),
  acceptWithin: hours(1), reviewWithin: hours(48), exhaustedTells: ['executive'], warnAt: [],
};
/** The same, twice as slow and with two levels. */
export const SLOW: Ladder = { ...LADDER, levels: [{ role: 'project_manager', acknowledgeWithin: hours(2) }, { role: 'study_lead', acknowledgeWithin: hours(3) }], repeats: 0, progressWithin: hours(8), resolveWithin: calendarDays(4) };

export function policyOf(changes: Partial<Policy['ladders']> = {}): Policy {
  return { key: 'test', version: 7, effectiveFrom: START, basis: 'by hand', ladders: { critical: LADDER, major: SLOW, minor: SLOW, ...changes } };
}

export interface Opened {
  readonly request?: Partial<EscalationOpening['request']>;
  readonly policy?: Policy;
  readonly ladder?: Partial<Ladder>;
  /** Which notices find nobody. */
  readonly drill?: boolean;
  readonly nobody?: (notice: NoticeEffect) => boolean;
  readonly raisedBy?: string | null;
  readonly at?: Instant;
}

export type Run = VirtualRun<EscalationState, EscalationCommand, EscalationOpening>;
export type BodyOf<A extends EscalationCommand['act']> = Extract<EscalationCommand, { act: A }>['body'];

export function commandOf<A extends EscalationCommand['act']>(act: A, body: BodyOf<A>): EscalationCommand {
  return { act, body } as unknown as EscalationCommand;
}

/** A body for each act that breaks no rule about content. */
export const BODIES: { readonly [A in EscalationCommand['act']]: BodyOf<A> } = {
  acknowledge: {}, progress: { note: 'n' }, comment: { text: 't' }, assign: { personId: 'new' }, 'hand-over': { toPersonId: 'new', note: 'n' }, accept: {},
  regrade: { severity: 'major', reason: 'r' }, link: { recordId: 'i2', kind: 'blocks' }, share: { organisationId: 'cro-2', extent: 'summary', reason: 'r' },
  unshare: { organisationId: 'cro-2', reason: 'r' }, escalate: { reason: 'r' }, resolve: { resolution: 'r' }, confirm: {}, reject: { reason: 'r' }, cancel: { reason: 'r' }, 'confirm-cancel': {},
  replan: { policy: { ...policyOf(), version: 2 }, reason: 'r' }, cleared: { dedupeKey: 'k', at: START, source: 's' }, 'end-drill': { reason: 'r' },
  repeat: { dedupeKey: 'k', title: 't' }, linked: { recordId: 'i3', kind: 'blocks' }, relieve: { personId: 'p', deputyId: null, reason: 'r' },
};
export const noticeOf = (effect: Effect): NoticeEffect => effect as unknown as NoticeEffect;

/** An issue over a virtual clock, in the words of a test. */
export class Issue {
  readonly run: Run;

  constructor({ request, policy, ladder, nobody, drill = false, raisedBy = 'ann', at: openedAt = START }: Opened = {}) {
    const opening: EscalationOpening = {
      id: 'i1', number: 'ISS-1', matrixVersion: 3, raisedBy, drill,
      policy: policy ?? policyOf(ladder ? { critical: { ...LADDER, ...ladder } } : {}),
      request: { topic: 'data', severity: 'critical', raisingOrganisationId: SPONSOR, accountableOrganisationId: CRO, ...request },
    };
    const zones: Readonly<Record<string, string>> = { [SPONSOR]: 'Europe/Berlin', [CRO]: 'America/New_York' };
    this.run = new VirtualRun(escalation, {
      tzdb: '2025c',
      calendarOf: (organisationId) => ({ ...calendar(zones[organisationId] ?? 'UTC'), organisationId }),
      answer: (effect) => (effect.kind === 'notify' && nobody?.(noticeOf(effect)) ? 'nobody' : 'done'),
    }, { opening, at: openedAt, actor: ann });
  }

  get state(): EscalationState {
    return this.run.state;
  }

  /** Carries an act out now; a refusal fails the test. */
  act<A extends EscalationCommand['act']>(actor: Actor, act: A, body: BodyOf<A>): this {
    const refusal = this.run.command({ actor, command: commandOf(act, body) });
    if (refusal) throw new Error(`${act} was refused: ${refusal.type}, ${refusal.reason}`);
    return this;
  }

  /** The type of the refusal, or `allowed`; changes nothing. */
  asked<A extends EscalationCommand['act']>(actor: Actor, act: A, body: BodyOf<A>): FailureType | 'allowed' {
    return escalation.refuse(this.state, { actor, command: commandOf(act, body) }, this.run.now)?.type ?? 'allowed';
  }

  /** Lets time pass up to an instant of the day the issue was opened (`09:30`), or a full one. */
  to(time: string): this {
    this.run.runTo(at(time.length === 5 ? `2026-03-02T${time}:00Z` : time));
    return this;
  }

  track(side: Side): Track {
    const found = this.state.tracks.find((track) => track.side === side);
    if (!found) throw new Error(`no ${side} track`);
    return found;
  }

  armed(name: string): ArmedDeadline | undefined {
    return this.run.armed.find((deadline) => deadline.name === name);
  }

  /** Names of what waits, warnings apart. */
  waits(): readonly string[] {
    return this.run.armed.filter((deadline) => deadline.warning === undefined).map((deadline) => deadline.name).sort();
  }

  facts(action: string): readonly Fact[] {
    return this.run.facts.filter((fact) => fact.action === action);
  }

  notices(reason?: NoticeEffect['reason']): readonly NoticeEffect[] {
    return this.run.effects.filter((effect) => effect.kind === 'notify').map(noticeOf).filter((notice) => reason === undefined || notice.reason === reason);
  }

  /** Levels that a side was told at, with the minutes since the opening. */
  ladderOf(side: Side): readonly string[] {
    return this.run.steps.flatMap((step) => step.facts.filter((fact) => fact.action === 'level.started' && fact.detail?.['side'] === side)
      .map((fact) => `${String((Date.parse(step.at) - Date.parse(START)) / 60_000)}m L${JSON.stringify(fact.new)}`));
  }
}

/** Acknowledged by both sides, by bob for the accountable and by ann for the raising one. */
export const acknowledged = (opened: Opened = {}): Issue => new Issue(opened).act(bob, 'acknowledge', {}).act(ann, 'acknowledge', {});
/** Resolved by bob. */
export const resolved = (opened: Opened = {}): Issue => acknowledged(opened).act(bob, 'resolve', { resolution: 'fixed' });
/** Both tracks exhausted by time: two rounds of 10 + 20 + 30 minutes. */
export const exhausted = (opened: Opened = {}): Issue => new Issue(opened).to('11:00');
