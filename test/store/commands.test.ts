import { Failure } from '../../contracts/failures';
import { instantOf, plusMs } from '../../contracts/instant';
import { answerCommand, bodyHashOf, commandIdOf, countAttempt, findCommand, receiveCommand, unansweredCommands, type NewCommand } from '../../store/commands';
import { deliverCommand } from '../../store/commandDelivery';
import { forgedBecause } from '../../store/commandAuthenticity';
import { resendUnanswered } from '../../store/commandResending';
import { freshStore, type FreshStore } from '../support/mongo';

const T0 = instantOf(Date.UTC(2026, 10, 22, 8));
const commandFor = (key: string, more: Partial<NewCommand> = {}): NewCommand => ({
  _id: commandIdOf({ personId: 'p', route: 'acknowledge', recordId: 'r', key }), capability: 'escalation', recordId: 'r', act: 'acknowledge', body: { note: 'a' },
  bodyHash: bodyHashOf({ note: 'a' }), actor: { kind: 'person', personId: 'p', organisationId: 'o', role: 'quality', correlationId: 'c' }, receivedAt: T0, ...more,
});

describe('stored commands', () => {
  let fresh: FreshStore;
  beforeAll(async () => { fresh = await freshStore(); });
  afterAll(async () => fresh.drop());

  test('the id tells actor, route, record and key apart, and nothing else', () => {
    const one = { personId: 'p', route: 'acknowledge', recordId: 'r', key: 'k' };
    const ids = [one, { ...one, personId: 'q' }, { ...one, route: 'resolve' }, { ...one, recordId: 's' }, { ...one, recordId: null }, { ...one, key: 'l' }].map(commandIdOf);
    expect(new Set(ids).size).toBe(ids.length);
    expect(commandIdOf({ ...one })).toBe(ids[0]);
    // Fields cannot run into one another.
    expect(commandIdOf({ ...one, personId: 'p","acknowledge', route: '' })).not.toBe(ids[0]);
  });

  test('the body hash is blind to the order of fields only', () => {
    expect(bodyHashOf({ a: 1, b: { c: 2, d: 3 } })).toBe(bodyHashOf({ b: { d: 3, c: 2 }, a: 1 }));
    expect(bodyHashOf({ a: 1 })).not.toBe(bodyHashOf({ a: '1' }));
  });

  test('P11 P12 a command that was changed in the database, or written there, is sent by nobody', async () => {
    const sent: string[] = [];
    const deps = { store: fresh.store, now: () => T0, send: async ({ _id }: { _id: string }) => { sent.push(_id); return Promise.resolve('pending' as const); } };
    const { command } = await receiveCommand(fresh.store, commandFor('vouched'));
    expect(await deliverCommand(deps, command, 1)).toEqual({ outcome: 'pending' });
    const forged = [{ ...command, act: 'resolve' }, { ...command, body: { note: 'b' } }, { ...command, recordId: 's' }, { ...command, actor: { ...command.actor, personId: 'q' } as typeof command.actor }, (({ authenticator: _, ...bare }) => bare)(command)];
    for (const one of forged) expect(forgedBecause(fresh.store, one)).toEqual(expect.any(String));
    expect(forgedBecause(fresh.store, (await findCommand(fresh.store, command._id)) ?? command)).toBeUndefined();
    expect(await deliverCommand(deps, { ...command, act: 'resolve' }, 1)).toMatchObject({ outcome: 'answered', refusal: { type: 'not_permitted' } });
    expect(sent).toEqual([command._id]);
  });

  test('P3 an act that was carried out is answered so, also by a run that was made anew and takes it for a second one, or where no run is left', async () => {
    const { store } = fresh;
    await fresh.admin.main.collection('records').insertOne({ _id: 'done' as never, capability: 'escalation', rev: 2, state: { status: 'closed' }, done: true }, { bypassDocumentValidation: true });
    const { command } = await receiveCommand(store, commandFor('carried out', { recordId: 'done', actor: { kind: 'system', name: 'effect', correlationId: 'c' } }));
    const deps = (send: () => Promise<'pending'>) => ({ store, now: () => T0, send });
    const pending = async () => Promise.resolve('pending' as const);
    const refusing = async () => Promise.reject(new Failure('wrong_state', 'your side has acknowledged already'));
    await fresh.admin.main.collection('steps').insertOne({ _id: `done|${command._id}` as never, recordId: 'done', key: command._id, rev: 2 }, { bypassDocumentValidation: true });
    expect(await deliverCommand(deps(pending), command, 1)).toEqual({ outcome: 'pending' });
    expect(await deliverCommand(deps(pending), { ...command, attempts: 1 }, 1)).toMatchObject({ answer: { status: 200, body: { rev: 2 } } });
    const { command: again } = await receiveCommand(store, commandFor('refused by a new run', { recordId: 'done', actor: command.actor }));
    expect(await deliverCommand(deps(refusing), again, 1)).toMatchObject({ answer: { status: 409 } });
    const { command: done } = await receiveCommand(store, commandFor('done by a new run', { recordId: 'done', actor: command.actor }));
    await fresh.admin.main.collection('steps').insertOne({ _id: `done|${done._id}` as never, recordId: 'done', key: done._id, rev: 3 }, { bypassDocumentValidation: true });
    expect(await deliverCommand(deps(refusing), done, 1)).toMatchObject({ answer: { status: 200, body: { rev: 3 } } });
  });

  test('E6 a turn of re-sending begins nothing more once its time is over', async () => {
    await Promise.all(Array.from({ length: 20 }, async (_, n) => receiveCommand(fresh.store, commandFor(`waits ${String(n)}`, { recordId: `waits/${String(n)}` }))));
    let sendings = 0;
    const send = async () => { sendings += 1; return Promise.resolve('pending' as const); };
    await resendUnanswered({ store: fresh.store, send, now: () => plusMs(T0, 60_000) }, { olderThanMs: 1000, budgetMs: 0 });
    expect(sendings).toBe(8);
  });

  test('P3 twenty arrivals at once store one command; another body is refused', async () => {
    const arrivals = await Promise.all(Array.from({ length: 20 }, async () => receiveCommand(fresh.store, commandFor('many'))));
    expect(arrivals.filter(({ fresh: first }) => first)).toHaveLength(1);
    expect(await fresh.store.models.commands.countDocuments({ _id: commandFor('many')._id })).toBe(1);
    const other = receiveCommand(fresh.store, commandFor('many', { body: {}, bodyHash: bodyHashOf({}) }));
    await expect(other).rejects.toMatchObject({ type: 'idempotency_key_reused' });
    await expect(other).rejects.toBeInstanceOf(Failure);
  });

  test('the first answer stands, whoever else answers', async () => {
    const { command } = await receiveCommand(fresh.store, commandFor('answered'));
    const given = [200, 409, 500].map((status) => ({ status, body: { status } }));
    const answers = await Promise.all(given.map(async (answer) => answerCommand(fresh.store, { id: command._id, answer, at: T0 })));
    expect(answers.filter(({ first }) => first)).toHaveLength(1);
    expect(new Set(answers.map(({ answer }) => answer.status)).size).toBe(1);
    expect((await findCommand(fresh.store, command._id))?.answer).toEqual(answers[0]?.answer);
    await expect(answerCommand(fresh.store, { id: 'unknown', answer: { status: 200, body: null }, at: T0 })).rejects.toThrow('not stored');
  });

  test('unanswered commands come oldest first, and only once they are old enough', async () => {
    const received = ['c', 'a', 'b'].map((key, index) => commandFor(`wait-${key}`, { recordId: 'waiting', receivedAt: plusMs(T0, -1000 * (index + 1)) }));
    for (const command of received) await receiveCommand(fresh.store, command);
    const waiting = async (olderThan = T0) => (await unansweredCommands(fresh.store, { olderThan, limit: 10 })).filter(({ recordId }) => recordId === 'waiting');
    expect((await waiting()).map(({ _id }) => _id)).toEqual(received.map(({ _id }) => _id).reverse());
    expect(await waiting(plusMs(T0, -2500))).toHaveLength(1);
    await countAttempt(fresh.store, received[0]?._id ?? '');
    await answerCommand(fresh.store, { id: received[2]?._id ?? '', answer: { status: 200, body: null }, at: T0 });
    expect((await waiting()).map(({ attempts }) => attempts)).toEqual([0, 1]);
  });

});
