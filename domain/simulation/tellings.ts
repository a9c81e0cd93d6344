import type { Calendar } from '../../contracts/calendar';
import type { EscalationState } from '../../contracts/escalation';
import type { Instant } from '../../contracts/instant';
import type { NoticeEffect } from '../../contracts/notice';
import type { Cause, SimulatedTelling } from '../../contracts/simulation';
import type { Effect, StepSource } from '../../contracts/step';
import { ladderOf } from '../escalation/plan';
import { recipientsIn, roleIn, type Absence, type Directory } from '../routing/recipients';
import type { Told } from '../routing/seats';
import type { VirtualStep, VirtualWorld } from './virtualRun';

/** The world that a simulated issue lives in. */
export interface Setting {
  readonly directory: Directory;
  readonly absences: readonly Absence[];
  readonly calendarOf: (organisationId: string, at: Instant) => Calendar | undefined;
  /** Release of the time zone data that counts, e.g. `2025c`. */
  readonly tzdb: string;
}

/**
 * A virtual world that tells nobody and writes down who would be told, by the rules of the effects
 * activity: two notices of one step for the same reason make one letter a person.
 */
export function watchedWorld(setting: Setting): { readonly world: VirtualWorld<EscalationState>; readonly tellings: readonly SimulatedTelling[] } {
  const tellings: SimulatedTelling[] = [];
  const spared = new Set<string>();
  const world: VirtualWorld<EscalationState> = {
    calendarOf: setting.calendarOf, tzdb: setting.tzdb,
    answer: (effect, step) => {
      if (effect.kind !== 'notify') return 'done';
      const notice = noticeOf(effect);
      const told = recipientsOf(setting, notice, step);
      if (told.length === 0) {
        tellings.push(tellingOf(setting, { notice, step, told: undefined }));
        return 'nobody';
      }
      for (const one of told) {
        const key = `${String(step.rev)}/${notice.reason}/${one.personId}`;
        if (!spared.has(key)) tellings.push(tellingOf(setting, { notice, step, told: one }));
        spared.add(key);
      }
      return 'done';
    },
  };
  return { world, tellings };
}

/** The shape of a notice is fixed by its kind (contracts/notice.ts). */
export const noticeOf = (effect: Effect): NoticeEffect => effect as unknown as NoticeEffect;

function recipientsOf({ directory, absences }: Setting, { audience }: NoticeEffect, { state, at }: VirtualStep<EscalationState>): readonly Told[] {
  return recipientsIn(directory, { audience, studyId: state.studyId, topic: state.topic, ladder: ladderOf(state), at, absences });
}

interface Found {
  readonly notice: NoticeEffect;
  readonly step: VirtualStep<EscalationState>;
  readonly told: Told | undefined;
}

function tellingOf({ directory }: Setting, { notice, step, told }: Found): SimulatedTelling {
  const { audience, reason, deadline } = notice;
  const { at } = step;
  const armed = step.armed.find((one) => one.name === deadline) ?? step.waits.find((one) => one.name === deadline);
  const { organisationId } = audience;
  return {
    at, organisationId, reason, deadline, due: armed?.due ?? null,
    side: audience.to === 'level' ? audience.side : null, level: audience.to === 'level' ? audience.level : null,
    calendar: armed?.calendar ? { organisationId: armed.calendar.organisationId, version: armed.calendar.version } : null,
    personId: told?.personId ?? null, as: told?.as ?? null,
    name: told ? directory.people.get(told.personId)?.name ?? told.personId : null,
    role: told ? roleIn(directory, { personId: told.personId, organisationId, at }) : null,
    cause: causeOf(step.source),
  };
}

function causeOf({ key, act, actor }: StepSource): Cause {
  if (act === 'open') return { kind: 'opened' };
  if (act === 'settle') return { kind: 'nobody' };
  if (act !== 'lapse') return { kind: 'act', act, personId: actor.kind === 'person' ? actor.personId : null };
  const parts = key.split('/');
  const [deadline = '', percent] = parts.slice(1, -1).join('/').split('#');
  return percent === undefined ? { kind: 'lapsed', deadline, due: (parts.at(-1) ?? '') as Instant } : { kind: 'warned', deadline, share: Number(percent) / 100 };
}
