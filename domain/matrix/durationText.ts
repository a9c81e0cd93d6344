import { durationSchema, type Duration } from '../../contracts/duration';

/** Calendar units in milliseconds, longest first. */
const CALENDAR_MS = { d: 86_400_000, h: 3_600_000, min: 60_000, s: 1000, ms: 1 } as const;
const BUSINESS = { bd: 'days', bh: 'hours' } as const;

/** A duration as people write it: `10 bd` and `4 bh` in business time, `24 h`, `3 d`, `30 min`, `90 s` on the calendar. */
export function durationText(duration: Duration): string {
  if (duration.kind === 'business') return `${String(duration.amount)} ${duration.unit === 'days' ? 'bd' : 'bh'}`;
  const [unit, ms] = Object.entries(CALENDAR_MS).find(([, each]) => duration.ms % each === 0) ?? ['ms', 1];
  return `${String(duration.ms / ms)} ${unit}`;
}

/** Reads what {@link durationText} writes, in any case and spacing; undefined when it is not a duration that the product keeps. */
export function parseDuration(text: string): Duration | undefined {
  const [, number = '', unit = ''] = /^(\d[\d.]*(?:e[+-]?\d+)?)\s*(bd|bh|d|h|min|s|ms)$/iu.exec(text.trim().toLowerCase()) ?? [];
  const amount = Number(number);
  if (number === '' || Number.isNaN(amount)) return undefined;
  const parsed = durationSchema.safeParse(
    unit === 'bd' || unit === 'bh' ? { kind: 'business', unit: BUSINESS[unit], amount } : { kind: 'calendar', ms: amount * msOf(unit) },
  );
  return parsed.success ? parsed.data : undefined;
}

function msOf(unit: string): number {
  return Object.entries(CALENDAR_MS).find(([name]) => name === unit)?.[1] ?? Number.NaN;
}
