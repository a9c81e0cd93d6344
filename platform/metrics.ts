import { Counter, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** What worker and API count. Labels are closed sets: never ids, addresses or free text. */
export interface Metrics {
  readonly registry: Registry;
  /** Seconds per request; `route` is the pattern (`/issues/{id}`), never the path. */
  readonly httpSeconds: Histogram<'method' | 'route' | 'status'>;
  /** Commands by capability, act and how they ended (`applied`, `duplicate`, `refused`, `pending`, `failed`). */
  readonly commands: Counter<'capability' | 'act' | 'outcome'>;
  /** Seconds from a deadline's due instant until it was acted upon. */
  readonly deadlineLatenessSeconds: Histogram<'capability'>;
  /** Seconds from a deadline's due instant until a person was told of it. */
  readonly noticeLatenessSeconds: Histogram<'capability'>;
  /** Effects by kind and how they ended: `done`; notices as their ledger says, `told`, `held`, `failed`, `pending`. */
  readonly effects: Counter<'kind' | 'outcome'>;
  /** What was refused because this installation did not make it, by what was tried. Anything but 0 is an alarm. */
  readonly forgeries: Counter<'what'>;
}

/** One second is the normal case, a day is an outage over a weekend's first half. */
const LATENESS_BUCKETS = [0.1, 0.5, 1, 2, 5, 15, 60, 300, 900, 3600, 14_400, 86_400];

/** A registry of its own with the shared metrics; `processMetrics` adds Node's (memory, event loop, file handles). */
export function createMetrics({ processMetrics }: { readonly processMetrics: boolean }): Metrics {
  const registry = new Registry();
  const registers = [registry];
  if (processMetrics) collectDefaultMetrics({ register: registry });
  return {
    registry,
    httpSeconds: new Histogram({
      name: 'cro_http_request_duration_seconds',
      help: 'Time to answer an HTTP request, in seconds',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    }),
    commands: new Counter({
      name: 'cro_commands_total',
      help: 'Commands by capability, act and outcome',
      labelNames: ['capability', 'act', 'outcome'],
      registers,
    }),
    deadlineLatenessSeconds: new Histogram({
      name: 'cro_deadline_lateness_seconds',
      help: 'Time from the due instant of a deadline until it was acted upon, in seconds',
      labelNames: ['capability'],
      buckets: LATENESS_BUCKETS,
      registers,
    }),
    noticeLatenessSeconds: new Histogram({
      name: 'cro_notice_lateness_seconds',
      help: 'Time from the due instant of a deadline until a person was told that it had passed, in seconds',
      labelNames: ['capability'],
      buckets: LATENESS_BUCKETS,
      registers,
    }),
    forgeries: new Counter({
      name: 'cro_forgeries_refused_total',
      help: 'Starts, updates, signals, activities, answers and commands that this installation did not make, refused',
      labelNames: ['what'],
      registers,
    }),
    effects: new Counter({
      name: 'cro_effects_total',
      help: 'Effects (notices, commands to other records) by kind and outcome',
      labelNames: ['kind', 'outcome'],
      registers,
    }),
  };
}
