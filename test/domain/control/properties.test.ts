import fc from 'fast-check';
import type { ControlCommand } from '../../../contracts/control';
import { businessDays, businessHours, calendarDays, hours } from '../../../contracts/spans';
import { instantOf, plusMs } from '../../../contracts/instant';
import type { Frequency } from '../../../contracts/matrix';
import { ann, bob, Contact, CRO, outsider, product, SPONSOR, START, textOf, type Run } from './controls';

const HOUR_MS = 3_600_000;
const span = fc.constantFrom(hours(5), hours(30), calendarDays(1), calendarDays(7), calendarDays(31), businessHours(3), businessDays(1), businessDays(10));
const rule: fc.Arbitrary<Frequency> = fc.record({ every: span, grace: span, organisationId: fc.constantFrom(CRO, SPONSOR) });
const who = fc.constantFrom(ann, bob, product, outsider);

type Action =
  | { readonly kind: 'act'; readonly actor: typeof ann | typeof product; readonly act: ControlCommand['act']; readonly rule: Frequency; readonly backHours: number }
  | { readonly kind: 'pass'; readonly count: number }
  | { readonly kind: 'wait' | 'sleep'; readonly hours: number };

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('act' as const), actor: who, act: fc.constantFrom('log-contact' as const, 'log-contact' as const, 'confirm-contact' as const, 'object-to-contact' as const, 'waive' as const, 'change-rule' as const, 'linked' as const), rule, backHours: fc.integer({ min: -2, max: 60 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('act' as const), actor: who, act: fc.constant('stop' as const), rule, backHours: fc.constant(0) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('pass' as const), count: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('wait' as const, 'sleep' as const), hours: fc.integer({ min: 1, max: 400 }) }) },
);

function commandOf({ act, rule: changed, backHours }: Extract<Action, { kind: 'act' }>, run: Run): ControlCommand {
  switch (act) {
    case 'log-contact': return { act, body: { how: 'call', note: 'n', at: plusMs(run.now, -backHours * HOUR_MS), ...seen(run) } };
    case 'confirm-contact': return { act, body: { slot: run.state.slot?.no ?? 1 } };
    case 'object-to-contact': return { act, body: { slot: run.state.slot?.no ?? 1, reason: 'r' } };
    case 'change-rule': return { act, body: { rule: changed, reason: 'r' } };
    case 'linked': return { act, body: { recordId: 'i1', kind: 'relates_to' } };
    case 'repeat': return { act, body: { dedupeKey: 'k', title: 't' } };
    case 'waive': case 'stop': return { act, body: { reason: 'r' } };
  }
}

function seen(run: Run): object {
  const due = run.armed.find((deadline) => deadline.name === 'slot')?.due;
  return run.state.slot && due ? { seen: { slot: run.state.slot.no, due } } : {};
}

function holds(condition: boolean, what: string, run: Run): void {
  if (!condition) throw new Error(`${what}; state ${JSON.stringify(run.state)}`);
}

/** What must hold after any history of a control. */
function check(run: Run): void {
  const closed = run.facts.filter((fact) => fact.action === 'slot.closed');
  let end: unknown = START;
  closed.forEach(({ detail, new: fate }, index) => {
    holds(detail?.['slot'] === index + 1, 'slots are numbered without gaps, each closed once', run);
    holds(detail?.['from'] === end, 'a slot begins where the one before it ended', run);
    holds(textOf(detail?.['until']) >= textOf(detail?.['from']), 'a slot does not end before it began', run);
    holds(['held', 'late', 'missed', 'waived'].includes(textOf(fate)), 'a fate of four', run);
    end = detail?.['until'];
  });
  const { slot, counts, status } = run.state;
  holds(counts.held + counts.late + counts.missed + counts.waived === closed.length, 'the counts are those of the slots', run);
  holds((slot === null) === run.done, 'while it runs, one slot is open', run);
  if (slot) {
    holds(slot.no === closed.length + 1 && slot.from === end, 'the open slot follows the closed ones', run);
    const waits = run.armed.filter((deadline) => deadline.warning === undefined).map(({ name }) => name);
    const awaited = slot.stated ? 'objection' : status === 'late' ? 'grace' : 'slot';
    holds(waits.length === 1 && waits[0] === awaited, 'an open slot waits for exactly one deadline', run);
    holds((slot.due !== null && !slot.stated) === (status === 'late'), 'late is when the due instant has passed and no contact waits', run);
    holds(slot.stated !== undefined && slot.stated !== null || (run.state.queued ?? []).length === 0, 'contacts wait behind another one only', run);
  } else holds(run.armed.length === 0, 'a stopped control waits for nothing', run);
  const issues = run.effects.filter((effect) => effect.kind === 'open');
  const missedByGrace = closed.filter(({ new: fate, reason }) => fate === 'missed' && reason === undefined);
  holds(issues.length <= missedByGrace.length && (issues.length > 0) === (missedByGrace.length > 0), 'silence is raised, nothing else is', run);
  const intents = run.effects.map(({ intent }) => intent);
  holds(new Set(intents).size === intents.length, 'an intent is unique for ever', run);
  holds(JSON.stringify(JSON.parse(JSON.stringify(run.state))) === JSON.stringify(run.state), 'the state is plain JSON', run);
}

const fates = new Map<string, number>();
const RUNS = 200;

describe('any history of a control', () => {
  test(`E16 every slot has exactly one fate, slots never overlap, nothing lapses without a next deadline, in ${String(RUNS)} random runs`, () => {
    fc.assert(fc.property(rule, fc.boolean(), fc.array(action, { minLength: 3, maxLength: 25, size: 'max' }), (agreed, followsRow, actions) => {
      const { run } = new Contact({ rule: agreed, ...(followsRow ? {} : { row: null }) });
      for (const each of actions) {
        if (each.kind === 'act') {
          run.command({ actor: each.actor, command: commandOf(each, run) });
          run.sleepTo(plusMs(run.now, 1));
        } else if (each.kind === 'pass') {
          for (let left = each.count; left > 0 && run.passNext(); left -= 1) run.sleepTo(plusMs(run.now, 1));
        } else if (each.kind === 'sleep') run.sleepTo(plusMs(run.now, each.hours * HOUR_MS));
        else run.runTo(plusMs(run.now, each.hours * HOUR_MS));
        check(run);
        if (run.done) break;
      }
      for (let left = 20; left > 0 && run.passNext(); left -= 1) run.sleepTo(plusMs(run.now, 1));
      check(run);
      for (const { new: fate } of run.facts.filter(({ action: what }) => what === 'slot.closed')) fates.set(textOf(fate), (fates.get(textOf(fate)) ?? 0) + 1);
    }), { numRuns: RUNS });
  });

  test('the runs saw every fate', () => {
    expect([...fates].filter(([, seenOften]) => seenOften >= 20).map(([fate]) => fate).sort()).toEqual(['held', 'late', 'missed', 'waived']);
  });

  test('a year of silence is a slot a period, whether it passes on time or all at once', () => {
    const onTime = new Contact();
    const atOnce = new Contact();
    const end = instantOf(Date.parse(START) + 365 * 24 * HOUR_MS);
    onTime.run.runTo(end);
    atOnce.run.sleepTo(end);
    atOnce.run.runTo(end);
    expect(onTime.slots()).toHaveLength(Math.floor(365 / 9));
    expect(atOnce.slots()).toEqual(onTime.slots());
    expect([atOnce.notices('contact_missed').length, atOnce.issues().length, onTime.issues().length]).toEqual([2, 1, 40]);
  });
});
