import { parseInstant, type Instant } from '../../contracts/instant';
import { channelSchema, filingRuleSchema, frequencySchema, matrixRowSchema, startTextSchemas } from '../../contracts/matrix';
import type { Duration } from '../../contracts/duration';
import type { Channel } from '../../contracts/notice';
import { parseDuration } from './durationText';

/** A cell's value, or what is wrong with it. */
export type Cell<T> = { readonly value: T } | { readonly wrong: string };

const YES = ['yes', 'y', 'true', '1', 'x'];
const NO = ['no', 'n', 'false', '0', ''];

export function topicCell(text: string): Cell<string> {
  const parsed = matrixRowSchema.shape.topic.safeParse(text.toLowerCase());
  return parsed.success ? { value: parsed.data } : { wrong: text === '' ? 'is empty' : 'lower-case letters, digits, - and _, or * for every other topic' };
}

export function levelCell(text: string): Cell<number> {
  return /^[1-8]$/u.test(text) ? { value: Number(text) } : { wrong: 'a level from 1 to 8' };
}

export function channelCell(text: string): Cell<Channel> {
  const parsed = channelSchema.safeParse(text.toLowerCase());
  return parsed.success ? { value: parsed.data } : { wrong: `one of ${channelSchema.options.join(', ')}` };
}

/** Several channels, apart by spaces or `+`, `|`, `/`. */
export function channelsCell(text: string): Cell<readonly Channel[]> {
  const channels = text.split(/[\s+|/,;]+/u).filter((name) => name !== '').map(channelCell);
  const wrong = channels.find((channel) => 'wrong' in channel);
  return wrong ?? { value: channels.flatMap((channel) => ('value' in channel ? [channel.value] : [])) };
}

export function yesNoCell(text: string): Cell<boolean> {
  const word = text.toLowerCase();
  if (YES.includes(word)) return { value: true };
  return NO.includes(word) ? { value: false } : { wrong: 'yes or no' };
}

/** A day begins at 00:00 UTC; the day of `now` and an empty cell mean: from the last approval on (null). */
export function startCell(text: string, now: Instant): Cell<Instant | null> {
  if (text === '' || text === now.slice(0, 10)) return { value: null };
  const { day, instant } = startTextSchemas;
  const at = day.safeParse(text).success ? parseInstant(`${text}T00:00:00Z`) : instant.safeParse(text).success ? parseInstant(text) : undefined;
  return at ? { value: at } : { wrong: 'a day like 2026-12-01, or an instant with its offset' };
}

export function durationCell(text: string): Cell<Duration> {
  const value = parseDuration(text);
  return value ? { value } : { wrong: 'a duration like 10 bd, 4 bh, 24 h, 30 min (bd, bh: business days, hours)' };
}

/** After how many missed slots in a row a CAPA is opened. */
export function missesCell(text: string): Cell<number> {
  const parsed = /^\d{1,2}$/u.test(text) ? frequencySchema.shape.capaAfter.safeParse(Number(text)) : undefined;
  return parsed?.data === undefined ? { wrong: 'a number of missed slots, 1 to 50' } : { value: parsed.data };
}

export function policyCell(text: string): Cell<string> {
  const parsed = matrixRowSchema.shape.policyKey.safeParse(text);
  return parsed.success ? { value: parsed.data } : { wrong: text === '' ? 'is empty' : 'at most 60 characters' };
}

export function tmfCell(text: string): Cell<string> {
  const parsed = filingRuleSchema.shape.tmfReference.safeParse(text);
  return parsed.success ? { value: parsed.data } : { wrong: 'zone.section.artifact, e.g. 01.03.02' };
}

export function locationCell(text: string): Cell<string> {
  const parsed = filingRuleSchema.shape.location.safeParse(text);
  return parsed.success ? { value: parsed.data } : { wrong: '1 to 200 characters' };
}
