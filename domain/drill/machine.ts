import { calendarDays } from '../../contracts/spans';
import type { DrillCommand, DrillOpening, DrillState } from '../../contracts/drill';
import type { OpenIssue } from '../../contracts/escalation';
import type { Instant } from '../../contracts/instant';
import type { NoticeEffect } from '../../contracts/notice';
import type { OpenIssueEffect } from '../../contracts/openEffect';
import type { Effect, EffectOutcome, Json, Waiting } from '../../contracts/step';
import { Draft } from '../draft';
import { withLink } from '../links';
import type { Machine } from '../machine';
import { refuse } from './refuse';

/** Version of DrillState's shape. */
const STATE_VERSION = 1;
const WINDOW = 'window';
/** How much longer a drill waits for its issue to be opened before it looks again. */
const OPENING_TAKES = calendarDays(1);

type DrillDraft = Draft<DrillState>;

/** Shows by the real path that people are reached, or that a ladder works; ends in a report: E15. */
export const drill: Machine<DrillState, DrillCommand, DrillOpening> = {
  capability: 'drill',
  version: STATE_VERSION,

  migrate(state: Json, fromVersion: number): DrillState {
    if (fromVersion === STATE_VERSION) return state as unknown as DrillState;
    throw new RangeError(`no way from state version ${fromVersion} to ${STATE_VERSION}`);
  },

  open(opening, now) {
    const draft: DrillDraft = new Draft(firstState(opening, now));
    const { number, kind, topic, studyId, matrixVersion, people } = opening;
    draft.fact({ action: 'drill.started', field: 'status', old: null, new: 'running', detail: { number, kind, topic, studyId, matrixVersion, people: people.map((person) => person.personId) } });
    draft.arm({ name: WINDOW, from: now, after: opening.window, organisationId: opening.startedFor });
    for (const { personId, organisationId } of people) {
      notify(draft, { intent: `reach/${personId}`, reason: 'reachability', deadline: WINDOW, mustReach: true, audience: { to: 'person', organisationId, personId } });
    }
    if (opening.issue) openIssue(draft, opening.issue);
    return draft.step();
  },

  refuse,

  apply(state, { command, actor }, now) {
    const draft = new Draft(state);
    perform(draft, command, { personId: actor.kind === 'person' ? actor.personId : '', now });
    return draft.step();
  },

  lapse(state, deadline, now) {
    const draft = new Draft(state);
    if (deadline.name === WINDOW) lapse(draft, deadline.due, now);
    return draft.step();
  },

  settle(state, outcome, now) {
    const draft = new Draft(state);
    const heard = settleTelling(draft, outcome) || settleOpening(draft, outcome, now);
    return heard ? draft.step() : undefined;
  },

  waiting(state, armed) {
    const awaited = state.people.filter(({ personId }) => isAwaited(state, personId));
    return armed.filter((deadline) => deadline.warning === undefined).map((deadline): Waiting => ({
      for: deadline.name, until: deadline.due, rule: `drill ${state.number}`, ...(deadline.calendar ? { calendarVersion: deadline.calendar.version } : {}),
      movers: [
        ...awaited.map(({ personId, organisationId }) => ({ organisationId, acts: ['confirm'], personId })),
        { organisationId: state.startedFor, acts: ['end'] },
      ],
    }));
  },

  shown(state) {
    return { state: state.status, severity: state.severity, level: 0 };
  },
};

function perform(draft: DrillDraft, command: DrillCommand, { personId, now }: { personId: string; now: Instant }): void {
  switch (command.act) {
    case 'confirm':
      answer(draft, personId, { confirmedAt: now });
      draft.fact({ action: 'reach.confirmed', field: 'answers', old: null, new: personId, ...(command.body.note === undefined ? {} : { reason: command.body.note }) });
      if (!draft.state.people.some((person) => isAwaited(draft.state, person.personId))) end(draft, { reason: 'everybody who could be told has confirmed', now });
      break;
    case 'end':
      end(draft, { reason: command.body.reason, now });
      break;
    case 'issue-acknowledged':
      end(draft, { reason: 'every side has acknowledged', now });
      break;
    case 'linked':
      draft.set({ links: withLink(draft.state.links, command.body) });
      draft.fact({ action: 'drill.linked', field: 'links', old: null, new: command.body.recordId, detail: { kind: command.body.kind, from: 'other side' } });
      break;
    case 'relieve':
      answer(draft, command.body.personId, { unreachable: command.body.reason });
      draft.fact({ action: 'person.left', field: 'answers', old: command.body.personId, new: null, reason: command.body.reason });
  }
}

function lapse(draft: DrillDraft, due: Instant, now: Instant): void {
  const { issue } = draft.state;
  draft.fact({ action: 'window.ended', field: WINDOW, detail: { due } });
  if (issue?.recordId === null && issue.failure === null) {
    // An issue that nobody knows of yet could not be ended, and would climb for ever.
    draft.fact({ action: 'drill.extended', reason: 'its issue is still being opened' });
    draft.set({ endReason: 'the window is over' }).arm({ name: WINDOW, from: now, after: OPENING_TAKES, organisationId: draft.state.startedFor });
  } else end(draft, { reason: 'the window is over', now });
}

/** Ends the drill and what it started. Its report stays readable. */
function end(draft: DrillDraft, { reason, now }: { reason: string; now: Instant }): void {
  const { id, issue, startedBy, startedFor } = draft.state;
  draft.set({ status: 'reported', endedAt: now, endReason: reason });
  draft.fact({ action: 'drill.ended', field: 'status', old: 'running', new: 'reported', reason });
  if (issue?.recordId) draft.effect({ kind: 'command', intent: `drill/${id}/end`, capability: 'escalation', recordId: issue.recordId, act: 'end-drill', body: { reason } });
  notify(draft, { intent: 'ended', reason: 'drill_ended', deadline: null, mustReach: false, audience: { to: 'person', organisationId: startedFor, personId: startedBy } });
  draft.done();
}

function openIssue(draft: DrillDraft, request: OpenIssue): void {
  const effect: OpenIssueEffect = { kind: 'open', intent: `drill/${draft.state.id}/issue`, request, drill: true };
  draft.effect(effect as unknown as Effect);
}

/** Hears of a person whom nobody could tell. */
function settleTelling(draft: DrillDraft, { intent, outcome, detail }: EffectOutcome): boolean {
  const person = draft.state.people.find(({ personId }) => intent === `drill/${draft.state.id}/reach/${personId}`);
  if (!person || outcome === 'done') return false;
  answer(draft, person.personId, { unreachable: detail });
  draft.fact({ action: 'reach.failed', field: 'answers', old: null, new: person.personId, reason: detail });
  return true;
}

function settleOpening(draft: DrillDraft, { intent, outcome, detail, recordId }: EffectOutcome, now: Instant): boolean {
  const { id, endReason, links } = draft.state;
  if (intent !== `drill/${id}/issue`) return false;
  if (outcome !== 'done' || recordId === undefined) {
    draft.set({ issue: { recordId: null, failure: detail } });
    draft.fact({ action: 'issue.not_opened', reason: detail });
    end(draft, { reason: `the issue could not be opened: ${detail}`, now });
    return true;
  }
  draft.set({ issue: { recordId, failure: null }, links: withLink(links, { recordId, kind: 'causes' }) });
  draft.fact({ action: 'issue.raised', field: 'links', old: null, new: recordId, detail: { kind: 'causes' } });
  if (endReason !== null) end(draft, { reason: endReason, now });
  return true;
}

function answer(draft: DrillDraft, personId: string, change: Partial<DrillState['answers'][number]>): void {
  draft.set({ answers: draft.state.answers.map((one) => (one.personId === personId ? { ...one, ...change } : one)) });
}

/** Whether a person was told, as far as anybody knows, and has not answered. */
function isAwaited({ answers }: DrillState, personId: string): boolean {
  return answers.some((one) => one.personId === personId && one.confirmedAt === null && one.unreachable === null);
}

function notify(draft: DrillDraft, notice: Omit<NoticeEffect, 'kind'>): void {
  const effect: NoticeEffect = { ...notice, kind: 'notify', intent: `drill/${draft.state.id}/${notice.intent}` };
  draft.effect(effect as unknown as Effect);
}

function firstState(opening: DrillOpening, now: Instant): DrillState {
  const { request, issue, ...given } = opening;
  return {
    ...given, status: 'running', severity: request.severity, openedAt: now,
    answers: opening.people.map(({ personId }) => ({ personId, confirmedAt: null, unreachable: null })),
    issue: issue && { recordId: null, failure: null }, endedAt: null, endReason: null, links: [],
  };
}
