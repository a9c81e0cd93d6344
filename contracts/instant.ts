declare const instantBrand: unique symbol;

/** A moment in UTC as ISO 8601 with milliseconds, e.g. `2026-11-22T08:00:00.000Z`; sorts as text. */
export type Instant = string & { readonly [instantBrand]: true };

/** The instant of an epoch time in milliseconds. Throws RangeError outside the years ECMAScript can say. */
export function instantOf(epochMs: number): Instant {
  return new Date(epochMs).toISOString() as Instant;
}

/** Epoch milliseconds of an instant. */
export function epochMsOf(instant: Instant): number {
  return Date.parse(instant);
}

/** Years of four digits: what lies outside does not sort as text. */
const [FIRST_MS, LAST_MS] = [Date.parse('0000-01-01T00:00:00Z'), Date.parse('9999-12-31T23:59:59.999Z')];

/** Reads a client's ISO 8601 text with an offset; undefined when it is not one, or its year in UTC is not of four digits. */
export function parseInstant(text: string): Instant | undefined {
  const hasZone = /(?:Z|[+-]\d{2}:\d{2})$/.test(text);
  const ms = hasZone ? Date.parse(text) : Number.NaN;
  return ms >= FIRST_MS && ms <= LAST_MS ? instantOf(ms) : undefined;
}

/** The instant `ms` milliseconds after another. */
export function plusMs(instant: Instant, ms: number): Instant {
  return instantOf(epochMsOf(instant) + ms);
}
