import { Context } from '@temporalio/activity';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { SEARCH_ATTRIBUTES } from '../../contracts/searchAttributes';
import { epochMsOf, instantOf, type Instant } from '../../contracts/instant';
import { engines } from './engines';
import { eventually, installRuntime, openWorld, type World } from './world';

/** A world whose Temporal server skips time: weeks pass in milliseconds, between commands. */
export interface SkippingWorld extends World {
  /** Lets time pass until an instant; everything due before it has happened when this returns. */
  until(instant: string): Promise<void>;
  now(): Promise<Instant>;
  /** Ends the server too. */
  close(): Promise<void>;
}

/** temporal.api.enums.v1.IndexedValueType */
const INDEXED_TYPES = { KEYWORD: 2, INT: 3, DATETIME: 6 } as const;

/**
 * Starts a time-skipping server for one test file. Its clock is global and only runs forward, so the
 * stories of a file follow one another. It has no Schedules and no visibility, does not skip while
 * an update is awaited, and stands still while a fired timer waits for a worker.
 */
export async function openSkippingWorld(options: { maxCachedWorkflows?: number } = {}): Promise<SkippingWorld> {
  installRuntime();
  const env = await TestWorkflowEnvironment.createTimeSkipping({ server: { executable: { type: 'existing-path', path: engines.timeSkippingServer } } });
  const types = Object.values(SEARCH_ATTRIBUTES).map(({ name, type }) => [name, INDEXED_TYPES[type]] as const);
  await env.connection.operatorService.addSearchAttributes({ namespace: 'default', searchAttributes: Object.fromEntries(types) });
  const world = await openWorld({ ...options, temporalAddress: env.address, now: serverNow, disposable: true });
  const now = async () => instantOf(await env.currentTimeMs());
  return {
    ...world, now,
    async until(instant) {
      const ms = Date.parse(instant) - epochMsOf(await now());
      if (ms < 0) throw new RangeError(`${instant} has passed; stories of one file follow one another`);
      await env.sleep(ms);
      await eventually('steps and effects are done', async () => (await world.fresh.store.models.steps.countDocuments({ effectsDone: false })) === 0);
    },
    async close() {
      await world.close();
      await env.teardown();
    },
  };
}

/** The server's time as an activity sees it: when its attempt was scheduled. */
const serverNow = (): Instant => instantOf(Context.current().info.currentAttemptScheduledTimestampMs);
