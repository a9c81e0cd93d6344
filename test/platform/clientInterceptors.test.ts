import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import type { Actor } from '../../contracts/actor';
import { actorOf, withActor } from '../../contracts/actorHeader';
import { actorInterceptors, currentActor, runAs } from '../../platform/clientInterceptors';

const person: Actor = { kind: 'person', personId: 'p-1', organisationId: 'o-1', role: 'quality', correlationId: 'c-1' };
const system: Actor = { kind: 'system', name: 'sentinel', correlationId: 'c-2' };
const header = (value: unknown): Record<string, Payload> => ({ actor: defaultPayloadConverter.toPayload(value) });

describe('actor header', () => {
  test.each([person, system])('an actor comes back: %o', (actor) => {
    expect(actorOf(withActor({}, actor))).toEqual(actor);
  });

  test('it is plain JSON, beside the other headers', () => {
    const headers = withActor({ trace: { data: Buffer.from('t') } }, person);
    expect(Object.keys(headers)).toEqual(['trace', 'actor']);
    expect(Buffer.from(headers['actor']?.data ?? []).toString()).toBe(JSON.stringify(person));
  });

  test.each([
    ['absent', {}],
    ['not an object', header('person')],
    ['of no known kind', header({ ...person, kind: 'root' })],
    ['without organisation', header({ ...person, organisationId: undefined })],
    ['with an empty id', header({ ...person, personId: '' })],
    ['with an id that is not text', header({ ...system, name: { $ne: null } })],
    ['without correlation id', header({ ...system, correlationId: undefined })],
    ['broken JSON', { actor: { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('{') } }],
    ['of an unknown encoding', { actor: { metadata: { encoding: Buffer.from('binary/encrypted') }, data: Buffer.from('x') } }],
  ])('one that is %s reads as nobody, without a throw', (_name, headers) => {
    expect(actorOf(headers)).toBeUndefined();
  });

  test('unknown fields are not taken over', () => {
    expect(actorOf(header({ ...person, admin: true }))).toEqual(person);
  });
});

const [workflow] = actorInterceptors.workflow;
const [schedule] = actorInterceptors.schedule;
const execution = { workflowExecution: { workflowId: 'escalation/1' }, headers: {} };

/** Calls an interceptor method the way the client does and returns what it hands on. */
async function passed(interceptor: object | undefined, method: string, input: object): Promise<Record<string, unknown>> {
  const intercept: unknown = Reflect.get(interceptor ?? {}, method);
  if (typeof intercept !== 'function') throw new Error(`${method} is not intercepted`);
  let seen: Record<string, unknown> = {};
  await Promise.resolve(Reflect.apply(intercept, interceptor, [input, (out: Record<string, unknown>) => { seen = out; return Promise.resolve(); }]));
  return seen;
}

describe('client interceptors', () => {
  test.each(['startWithDetails', 'startUpdate', 'signal', 'signalWithStart', 'query'])('%s carries the actor', async (method) => {
    const out = await runAs(person, async () => passed(workflow, method, execution));
    expect(actorOf(out['headers'] as Record<string, Payload>)).toEqual(person);
  });

  test('update with start carries the actor on both halves', async () => {
    const out = await runAs(person, async () => passed(workflow, 'startUpdateWithStart', { workflowStartHeaders: {}, updateHeaders: {} }));
    expect(actorOf(out['workflowStartHeaders'] as Record<string, Payload>)).toEqual(person);
    expect(actorOf(out['updateHeaders'] as Record<string, Payload>)).toEqual(person);
  });

  test('a schedule carries the actor who made it', async () => {
    const out = await runAs(system, async () => passed(schedule, 'create', { headers: {} }));
    expect(actorOf(out['headers'] as Record<string, Payload>)).toEqual(system);
  });

  test('a termination, which has no headers, names the actor in its details', async () => {
    const out = await runAs(system, async () => passed(workflow, 'terminate', { ...execution, details: ['rebuilt'] }));
    expect(out['details']).toEqual(['rebuilt', { actor: system }]);
  });

  test.each(['startWithDetails', 'startUpdate', 'signal', 'signalWithStart', 'terminate', 'cancel'])('%s by nobody is refused', async (method) => {
    await expect(passed(workflow, method, execution)).rejects.toThrow(/without an actor/);
  });

  test('a query may come from nobody', async () => {
    expect(await passed(workflow, 'query', execution)).toEqual(execution);
  });

  test('two requests at once do not mix', async () => {
    const later = async (actor: Actor, ms: number) => runAs(actor, async () => {
      await new Promise((resolve) => setTimeout(resolve, ms));
      return currentActor();
    });
    expect(await Promise.all([later(person, 10), later(system, 5)])).toEqual([person, system]);
    expect(currentActor()).toBeUndefined();
  });
});
