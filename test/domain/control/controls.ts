import type { Actor, PersonActor } from '../../../contracts/actor';
import type { ControlCommand, ControlOpening, ControlState } from '../../../contracts/control';
import { calendarDays } from '../../../contracts/spans';
import { parseInstant, type Instant } from '../../../contracts/instant';
import type { Frequency } from '../../../contracts/matrix';
import type { NoticeEffect } from '../../../contracts/notice';
import type { OpenIssueEffect } from '../../../contracts/openEffect';
import { control } from '../../../domain/control/machine';
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

const person = (personId: string, organisationId: string): PersonActor => ({ kind: 'person', personId, organisationId, role: 'quality', correlationId: 'c' });
export const ann = person('ann', SPONSOR);
export const bob = person('bob', CRO);
export const outsider = person('zoe', 'cro-2');
export const product: Actor = { kind: 'system', name: 'housekeeping', correlationId: '' };

/** Weekly by the CRO, two days of grace, calendar time: instants can be read off. */
export const WEEKLY: Frequency = { every: calendarDays(7), grace: calendarDays(2), organisationId: CRO };

export type Run = VirtualRun<ControlState, ControlCommand, ControlOpening>;
type BodyOf<A extends ControlCommand['act']> = Extract<ControlCommand, { act: A }>['body'];

export interface Opened {
  readonly rule?: Frequency;
  readonly row?: ControlOpening['row'];
  readonly organisationIds?: string[];
  readonly from?: Instant;
  readonly failing?: boolean;
}

/** A control over a virtual clock, in the words of a test. */
export class Contact {
  readonly run: Run;

  constructor({ rule = WEEKLY, row = { key: 'study-1/data/cro-1+sponsor-1', version: 1 }, organisationIds = [CRO, SPONSOR], from = START, failing = false }: Opened = {}) {
    this.run = new VirtualRun(control, {
      tzdb: '2025c', calendarOf: (organisationId) => ({ ...calendar('Europe/Berlin'), organisationId }),
      answer: (effect) => (failing && effect.kind === 'open' ? 'failed' : 'done'),
    }, {
      at: START, actor: product,
      opening: { id: 'c1', number: 'CTL-1', row, from, request: { kind: 'contact', studyId: 'study-1', topic: 'data', organisationIds, rule, ...(row && { dedupeKey: `matrix/${row.key}` }) } },
    });
  }

  get state(): ControlState {
    return this.run.state;
  }

  act<A extends ControlCommand['act']>(actor: Actor, act: A, body: BodyOf<A>): this {
    const refusal = this.run.command({ actor, command: { act, body } as unknown as ControlCommand });
    if (refusal) throw new Error(`${act} was refused: ${refusal.type}, ${refusal.reason}`);
    return this;
  }

  asked<A extends ControlCommand['act']>(actor: Actor, act: A, body: BodyOf<A>): string {
    return control.refuse(this.state, { actor, command: { act, body } as unknown as ControlCommand }, this.run.now)?.type ?? 'allowed';
  }

  to(time: string): this {
    this.run.runTo(at(time));
    return this;
  }

  /** `<no> <fate> <from> to <until>` of every closed slot, in days since the start. */
  slots(): readonly string[] {
    const day = (value: unknown) => String((Date.parse(textOf(value)) - Date.parse(START)) / (24 * 3_600_000));
    return this.run.facts.filter((fact) => fact.action === 'slot.closed').map(({ new: fate, detail }) => `${textOf(detail?.['slot'])} ${textOf(fate)} ${day(detail?.['from'])} to ${day(detail?.['until'])}`);
  }

  notices(reason?: string): readonly NoticeEffect[] {
    return this.run.effects.filter((effect) => effect.kind === 'notify').map((effect) => effect as unknown as NoticeEffect).filter((notice) => reason === undefined || notice.reason === reason);
  }

  issues(): readonly OpenIssueEffect[] {
    return this.run.effects.filter((effect) => effect.kind === 'open' && effect['capability'] !== 'capa').map((effect) => effect as unknown as OpenIssueEffect);
  }

  waits(): readonly string[] {
    return this.run.armed.filter((deadline) => deadline.warning === undefined).map((deadline) => `${deadline.name} ${deadline.due}`);
  }
}

export const CALL = { how: 'call', note: 'went through the open points' } as const;
/** A value of a fact as text. */
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
export { calendarDays };
