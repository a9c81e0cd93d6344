import { Gauge, type Registry } from 'prom-client';

interface Waiting {
  readonly count: number;
  readonly oldestMs: number;
}

/** What the whole site looks like at a moment, whichever process is asked. */
export interface SiteFigures {
  readonly overdue: Waiting;
  readonly commands: Waiting;
  readonly effects: Waiting;
  readonly pendingNotices: number;
  readonly heldNotices: number;
  readonly queues: readonly { readonly kind: 'workflow' | 'activity' | 'effects'; readonly tasks: number; readonly oldestMs: number; readonly pollers: number }[];
  /** Since housekeeping of each type completed last, ms; undefined: never within retention. */
  readonly housekeepingAgeMs: Readonly<Record<string, number | undefined>>;
}

/** A source that could not be asked: its gauges are absent, and `cro_site_source_up` says so. */
export type SiteSources = { readonly records: () => Promise<Omit<SiteFigures, 'queues' | 'housekeepingAgeMs'>>; readonly engine: () => Promise<Pick<SiteFigures, 'queues' | 'housekeepingAgeMs'>> };

/** A scrape must not wait for a source that hangs, ms. */
const WITHIN_MS = 3000;
const seconds = (ms: number): number => ms / 1000;

/**
 * Gauges about the site, asked at each scrape. Every API process answers the same: aggregate with
 * `max`, never `sum`. Labels are closed sets.
 */
export function watchSite(registry: Registry, sources: SiteSources): void {
  const gauge = <L extends string = never>(name: string, help: string, labelNames: readonly L[] = []) => new Gauge<L>({ name, help, labelNames, registers: [registry] });
  const overdue = gauge('cro_overdue_deadlines', 'Open records with a deadline that has passed and was not acted upon');
  const oldestOverdue = gauge('cro_overdue_oldest_seconds', 'How long ago the oldest of them was due, in seconds');
  const waiting = gauge('cro_backlog', 'Work stored and not done: commands without an answer, steps with effects to perform, notices on their way or held on purpose', ['of']);
  const oldest = gauge('cro_backlog_oldest_seconds', 'How long the oldest has waited, in seconds', ['of']);
  const tasks = gauge('cro_task_queue_backlog', 'Tasks of the task queue that no worker has taken, approximately', ['kind']);
  const age = gauge('cro_task_queue_backlog_age_seconds', 'How long the oldest task has waited, in seconds', ['kind']);
  const pollers = gauge('cro_task_queue_pollers', 'Workers that polled the task queue within the last minute', ['kind']);
  const housekeeping = gauge('cro_housekeeping_age_seconds', 'Since housekeeping completed last, in seconds; absent when it never did', ['type']);
  const up = new Gauge({
    name: 'cro_site_source_up', help: 'Whether the source of the gauges about the site answered this scrape', labelNames: ['source'], registers: [registry],
    async collect() {
      for (const one of [overdue, oldestOverdue, waiting, oldest, tasks, age, pollers, housekeeping]) one.reset();
      const [records, engine] = await Promise.all([answered(sources.records), answered(sources.engine)]);
      up.set({ source: 'records' }, records ? 1 : 0);
      up.set({ source: 'engine' }, engine ? 1 : 0);
      if (records) showRecords(records);
      if (engine) showEngine(engine);
    },
  });

  function showRecords(figures: Omit<SiteFigures, 'queues' | 'housekeepingAgeMs'>): void {
    overdue.set(figures.overdue.count);
    oldestOverdue.set(seconds(figures.overdue.oldestMs));
    for (const of of ['commands', 'effects'] as const) {
      waiting.set({ of }, figures[of].count);
      oldest.set({ of }, seconds(figures[of].oldestMs));
    }
    waiting.set({ of: 'pending_notices' }, figures.pendingNotices);
    waiting.set({ of: 'held_notices' }, figures.heldNotices);
  }

  function showEngine({ queues, housekeepingAgeMs }: Pick<SiteFigures, 'queues' | 'housekeepingAgeMs'>): void {
    for (const { kind, tasks: count, oldestMs, pollers: polling } of queues) {
      tasks.set({ kind }, count);
      age.set({ kind }, seconds(oldestMs));
      pollers.set({ kind }, polling);
    }
    for (const [type, ageMs] of Object.entries(housekeepingAgeMs)) if (ageMs !== undefined) housekeeping.set({ type }, seconds(ageMs));
  }
}

async function answered<T>(ask: () => Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => { timer = setTimeout(() => { resolve(undefined); }, WITHIN_MS); });
  try {
    return await Promise.race([ask(), late]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
