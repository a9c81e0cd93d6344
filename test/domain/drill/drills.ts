import type { Actor, PersonActor } from '../../../contracts/actor';
import type { DrillCommand, DrillOpening, DrillState } from '../../../contracts/drill';
import { hours } from '../../../contracts/spans';
import { parseInstant, type Instant } from '../../../contracts/instant';
import type { NoticeEffect } from '../../../contracts/notice';
import type { Effect, EffectOutcome } from '../../../contracts/step';
import { drill } from '../../../domain/drill/machine';
import { peopleOf } from '../../../domain/drill/people';
import { VirtualRun } from '../../../domain/simulation/virtualRun';

export const SPONSOR = 'sponsor-1';
export const CRO = 'cro-1';
export const START = at('2026-03-02T09:00:00Z');

export function at(text: string): Instant {
  const instant = parseInstant(text);
  if (!instant) throw new Error(`not an instant: ${text}`);
  return instant;
}

const person = (personId: string, organisationId: string): PersonActor => ({ kind: 'person', personId, organisationId, role: 'study_lead', correlationId: 'c' });
export const ann = person('ann', SPONSOR);
export const amy = person('amy', SPONSOR);
export const bob = person('bob', CRO);
export const bea = person('bea', CRO);
export const outsider = person('zoe', 'cro-2');
export const product: Actor = { kind: 'system', name: 'effect', correlationId: '' };

/** Bea is a deputy at level 1 and a contact at level 2. */
const PEOPLE = peopleOf([
  { organisationId: SPONSOR, level: 1, personId: 'ann', deputyId: 'amy' },
  { organisationId: CRO, level: 1, personId: 'bob', deputyId: 'bea' },
  { organisationId: CRO, level: 2, personId: 'bea', deputyId: 'bob' },
]);

export type Run = VirtualRun<DrillState, DrillCommand, DrillOpening>;

const opening = { id: 'd1', number: 'DRL-1', drill: true, topic: 'data', studyId: 'study-1', startedBy: 'ann', startedFor: SPONSOR, raisingOrganisationId: SPONSOR, accountableOrganisationId: CRO, window: hours(24) } as const;
const issue = { topic: 'data', studyId: 'study-1', title: 'Fire drill', description: 'Acknowledge it', severity: 'critical', raisingOrganisationId: SPONSOR, accountableOrganisationId: CRO } as const;

/** A drill over a virtual clock. */
export function drillOf(kind: DrillState['kind'], answer: (effect: Effect) => EffectOutcome['outcome'] = () => 'done'): Run {
  const specific = kind === 'reachability'
    ? { kind, people: PEOPLE, matrixVersion: 4, issue: null, request: { severity: 'minor' as const } }
    : { kind, people: [], matrixVersion: null, issue, request: { severity: 'critical' as const } };
  return new VirtualRun(drill, { tzdb: '2025c', calendarOf: () => undefined, answer }, { opening: { ...opening, ...specific }, at: START, actor: ann });
}

/** Carries an act out now; a refusal fails the test. */
export function act(run: Run, actor: Actor, command: DrillCommand): void {
  const refusal = run.command({ actor, command });
  if (refusal) throw new Error(`${command.act} was refused: ${refusal.type}, ${refusal.reason}`);
}

export const asked = (run: Run, actor: Actor, command: DrillCommand): string => drill.refuse(run.state, { actor, command }, run.now)?.type ?? 'allowed';
export const noticesOf = (run: Run, reason: NoticeEffect['reason']): readonly NoticeEffect[] =>
  run.effects.filter((effect) => effect.kind === 'notify').map((effect) => effect as unknown as NoticeEffect).filter((notice) => notice.reason === reason);
