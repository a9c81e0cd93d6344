import type { Duration } from './duration';

/** Durations by their unit. Apart from the schema, so that workflows need not carry zod: setting it up would be most of a run's start (docs/performance.md). */
export const seconds = (n: number): Duration => ({ kind: 'calendar', ms: n * 1000 });
export const minutes = (n: number): Duration => seconds(n * 60);
export const hours = (n: number): Duration => minutes(n * 60);
export const calendarDays = (n: number): Duration => hours(n * 24);
export const businessHours = (amount: number): Duration => ({ kind: 'business', unit: 'hours', amount });
export const businessDays = (amount: number): Duration => ({ kind: 'business', unit: 'days', amount });
