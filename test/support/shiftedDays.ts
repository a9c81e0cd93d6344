const DAY_MS = 86_400_000;

/** A table whose days are all the same number of days later: an example that was written in 2026 stays what it is. */
export function shiftedDays(table: string, { from, to }: { readonly from: string; readonly to: string }): string {
  const days = (Date.parse(to) - Date.parse(from)) / DAY_MS;
  if (!Number.isInteger(days / 7)) throw new RangeError('weekdays stay: shift by whole weeks');
  return table.replaceAll(/\b20\d{2}-\d{2}-\d{2}\b/gu, (day) => new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10));
}
