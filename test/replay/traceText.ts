import { createHash } from 'node:crypto';
import { stringify } from 'yaml';

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const INSTANT = /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z/g;

/**
 * Commands as text that a person can compare: ids numbered by first appearance, instants counted
 * from the first one, the pinned policy named once by its hash instead of repeated.
 */
export function traceText(commands: readonly unknown[]): string {
  const ids = new Map<string, string>();
  let zeroMs: number | undefined;
  const numbered = (id: string): string => {
    const known = ids.get(id) ?? `id-${ids.size + 1}`;
    ids.set(id, known);
    return known;
  };
  const counted = (instant: string): string => {
    zeroMs ??= Date.parse(instant);
    return `T+${((Date.parse(instant) - zeroMs) / 1000).toFixed(3)}s`;
  };
  const text = commands.map((command) => stringify([shortened(command)], { lineWidth: 0 })).join('');
  return text.replaceAll(UUID, numbered).replaceAll(INSTANT, counted);
}

/** What differs between two replays of the same history, or says nothing. */
const UNSAID = new Set(['seq', 'activityId', 'protocolInstanceId', 'taskQueue', 'headers', 'versioningIntent', 'doNotEagerlyExecute', 'stack_trace']);

function shortened(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(shortened);
  if (('ladders' in value || 'timings' in value) && 'key' in value) return `policy ${String(value.key)} #${createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 12)}`;
  if ('seconds' in value && 'nanos' in value) return spanText(value.seconds as { low: number }, Number(value.nanos));
  return Object.fromEntries(Object.entries(value).filter(([name]) => !UNSAID.has(name)).map(([name, member]) => [name, shortened(member)]));
}

const spanText = ({ low }: { low: number }, nanos: number): string => `${(low + nanos / 1e9).toFixed(3)} s`;
