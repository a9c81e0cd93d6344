import type { PersonActor } from '../../../contracts/actor';
import { control } from '../../../domain/control/machine';
import { controlView } from '../../../domain/control/view';
import type { ViewableRecord } from '../../../domain/records/viewableRecord';
import { ann, at, bob, CALL, Contact, CRO, outsider, product, SPONSOR } from './controls';

const carl: PersonActor = { ...bob, personId: 'carl' };
const word = { slot: 1 };
const no = { slot: 1, reason: 'nobody called us' };
const witnesses = (contact: Contact) => contact.run.facts.filter(({ action }) => action === 'slot.closed').map(({ detail }) => (detail?.['contact'] as { witness?: { standing: string; personId: string | null } } | undefined)?.witness);

describe('a contact on the word of whoever owes it', () => {
  const stated = (): Contact => new Contact().to('2026-03-06T09:00:00Z').act(bob, 'log-contact', CALL);

  test('E16 it holds no slot by itself: the other side is asked, and the machine says whose word it waits for', () => {
    const contact = stated();
    expect([contact.slots(), contact.waits(), contact.state.counts.held]).toEqual([[], ['objection 2026-03-08T09:00:00.000Z'], 0]);
    expect(contact.notices('contact_stated').map(({ audience, deadline }) => [audience, deadline])).toEqual([[{ to: 'level', side: 'raising', organisationId: SPONSOR, level: 1 }, 'objection']]);
    expect(contact.run.waiting()).toMatchObject([{ for: 'objection', movers: [{ organisationId: SPONSOR, acts: ['confirm-contact', 'object-to-contact'] }] }]);
    const { state, armed } = contact.run;
    const record = { _id: 'c1', rev: 2, state, stateVersion: control.version, armed, content: { title: 't', description: '' }, nextDueAt: null, openedAt: '', updatedAt: '' } as unknown as ViewableRecord;
    expect(controlView(record).slot).toMatchObject({ no: 1, late: false, stated: { by: { personId: 'bob', organisationId: CRO }, waitsFor: [SPONSOR], until: '2026-03-08T09:00:00.000Z' } });
  });

  test('E16 whoever stated it, or a colleague, confirms nothing; an outsider has no word', () => {
    const contact = stated();
    for (const who of [bob, carl]) for (const act of ['confirm-contact', 'object-to-contact'] as const) expect(contact.asked(who, act, no)).toBe('separation_of_duties');
    expect([contact.asked(outsider, 'confirm-contact', word), contact.asked(product, 'confirm-contact', word)]).toEqual(['not_permitted', 'not_permitted']);
    expect([contact.asked(ann, 'confirm-contact', { slot: 2 }), contact.asked(ann, 'confirm-contact', word)]).toEqual(['wrong_state', 'allowed']);
    expect([contact.asked(ann, 'waive', { reason: 'r' }), new Contact().asked(ann, 'confirm-contact', word)]).toEqual(['wrong_state', 'wrong_state']);
  });

  test('E16 confirmed it holds its slot, and the next one is counted from the contact', () => {
    const contact = stated().to('2026-03-07T09:00:00Z').act(ann, 'confirm-contact', word);
    expect([contact.slots(), contact.waits()]).toEqual([['1 held 0 to 4'], ['slot 2026-03-13T09:00:00.000Z']]);
    expect(witnesses(contact)).toEqual([{ standing: 'confirmed', personId: 'ann', organisationId: SPONSOR }]);
  });

  test('E16 without an objection within the grace it counts; the other side\'s own log is its word', () => {
    expect(witnesses(stated().to('2026-03-08T09:00:00Z'))).toEqual([{ standing: 'unopposed', personId: null, organisationId: null }]);
    const logged = stated().to('2026-03-07T09:00:00Z').act(ann, 'log-contact', { ...CALL, at: '2026-03-06T08:00:00Z' });
    expect([logged.slots().length, logged.state.slot?.from, logged.state.slot?.stated, witnesses(logged)[0]?.standing]).toEqual([1, '2026-03-06T08:00:00.000Z', undefined, 'witnessed']);
  });

  test('E16 an objection opens the slot again, with its reason: missed, and raised, when no other contact comes', () => {
    const contact = stated().to('2026-03-07T09:00:00Z').act(ann, 'object-to-contact', no);
    expect([contact.slots(), contact.waits(), contact.state.counts.held]).toEqual([[], ['slot 2026-03-09T09:00:00.000Z'], 0]);
    expect(contact.run.facts.find(({ action }) => action === 'contact.objected')).toMatchObject({ reason: 'nobody called us', detail: { slot: 1, by: { personId: 'bob' } } });
    expect(contact.notices('contact_objected').map(({ audience }) => audience)).toEqual([{ to: 'level', side: 'accountable', organisationId: CRO, level: 1 }]);
    contact.to('2026-03-11T09:00:00Z');
    expect([contact.slots(), contact.issues().length]).toEqual([['1 missed 0 to 9'], 1]);
    const another = stated().act(ann, 'object-to-contact', no).to('2026-03-08T09:00:00Z').act(ann, 'log-contact', CALL);
    expect(another.slots()).toEqual(['1 held 0 to 6']);
  });

  test('E16 an objection past the due instant leaves the grace, once; stating again stretches no slot', () => {
    const late = new Contact().to('2026-03-09T08:00:00Z').act(bob, 'log-contact', { ...CALL, seen: { slot: 1, due: '2026-03-09T09:00:00.000Z' } }).to('2026-03-10T09:00:00Z').act(ann, 'object-to-contact', no).to('2026-03-10T09:00:00Z');
    expect([late.state.status, late.waits()]).toEqual(['late', ['grace 2026-03-12T09:00:00.000Z']]);
    late.act(bob, 'log-contact', CALL);
    expect(late.waits()).toEqual(['objection 2026-03-12T09:00:00.000Z']);
    late.to('2026-03-12T08:00:00Z').act(ann, 'object-to-contact', no);
    expect(late.waits()).toEqual(['grace 2026-03-12T09:00:00.000Z']);
    expect(late.to('2026-03-12T09:00:00Z').slots()).toEqual(['1 missed 0 to 10']);
  });

  test('E16 what is stated does not end a silence before it counts, and a late one is late', () => {
    const contact = new Contact().to('2026-03-12T09:00:00Z');
    expect(contact.state.silentSlot).toBe(1);
    contact.act(bob, 'log-contact', CALL);
    expect(contact.state.silentSlot).toBe(1);
    contact.act(ann, 'confirm-contact', { slot: 2 });
    expect(contact.state.silentSlot).toBeNull();
    const late = new Contact().to('2026-03-10T09:00:00Z').act(bob, 'log-contact', CALL).act(ann, 'confirm-contact', word);
    expect(late.slots()).toEqual(['1 late 0 to 8']);
  });

  test('E16 contacts that follow before the word has come are not lost: each fills the slot after', () => {
    const contact = stated().to('2026-03-07T09:00:00Z');
    expect([contact.asked(bob, 'log-contact', { ...CALL, at: '2026-03-06T09:00:00Z' }), contact.asked(bob, 'log-contact', CALL)]).toEqual(['rule_broken', 'allowed']);
    contact.act(bob, 'log-contact', { ...CALL, seen: { slot: 2, due: '2026-03-13T09:00:00.000Z' } });
    expect(contact.state.queued).toMatchObject([{ at: '2026-03-07T09:00:00.000Z', due: '2026-03-13T09:00:00.000Z' }]);
    contact.act(ann, 'confirm-contact', word);
    expect([contact.slots(), contact.waits(), contact.state.queued]).toEqual([['1 held 0 to 4'], ['objection 2026-03-09T09:00:00.000Z'], []]);
    expect(contact.to('2026-03-09T09:00:00Z').slots()).toEqual(['1 held 0 to 4', '2 held 4 to 5']);
    // Objected to, the first one's slot is that of the second.
    const objected = stated().to('2026-03-07T09:00:00Z').act(bob, 'log-contact', CALL).act(ann, 'object-to-contact', no);
    expect([objected.state.slot?.stated?.at, objected.state.queued, objected.to('2026-03-09T09:00:00Z').slots()]).toEqual(['2026-03-07T09:00:00.000Z', [], ['1 held 0 to 5']]);
  });

  test('E16 waiting for the word takes nothing from the next slot\'s grace', () => {
    const contact = new Contact().to('2026-03-06T09:00:00Z');
    contact.run.sleepTo(at('2026-03-08T10:00:00Z'));
    contact.act(bob, 'log-contact', { ...CALL, at: '2026-03-02T10:00:00Z' }).to('2026-03-10T10:00:00Z');
    expect([contact.slots(), contact.state.status, contact.waits()]).toEqual([[`1 held 0 to ${String(1 / 24)}`], 'late', ['grace 2026-03-12T10:00:00.000Z']]);
  });

  test('E16 inside one organisation another person says it; nobody\'s silence is a word there', () => {
    const own = () => new Contact({ organisationIds: [CRO] }).to('2026-03-06T09:00:00Z').act(bob, 'log-contact', CALL);
    expect([own().asked(bob, 'confirm-contact', word), own().asked(carl, 'confirm-contact', word)]).toEqual(['separation_of_duties', 'allowed']);
    expect(own().act(carl, 'confirm-contact', word).slots()).toEqual(['1 held 0 to 4']);
    const alone = own().to('2026-03-08T09:00:00Z');
    expect([alone.slots(), alone.run.facts.find(({ action }) => action === 'contact.objected')?.reason]).toEqual([[], 'nobody else confirmed it in time']);
  });

  test('E16 stopping: not by whoever stated a contact that waits; by others what nobody objected to counts', () => {
    const byHand = new Contact({ row: null }).to('2026-03-06T09:00:00Z').act(bob, 'log-contact', CALL);
    expect(byHand.asked(bob, 'stop', { reason: 'r' })).toBe('wrong_state');
    expect(byHand.act(ann, 'stop', { reason: 'study closed' }).slots()).toEqual(['1 held 0 to 4', '2 waived 4 to 4']);
    expect(byHand.run.done).toBe(true);
  });

  test('P1 what was accepted before contacts needed a witness is replayed as it was; a state from then goes on', () => {
    const before = new Contact().state;
    const commanded = { command: { act: 'log-contact', body: CALL }, actor: bob, earlier: true } as const;
    const step = control.apply(before, commanded, at('2026-03-06T09:00:00Z'));
    expect([step.facts.map(({ action }) => action), step.state.slot?.no, step.effects]).toEqual([['slot.closed'], 2, []]);
    expect(control.migrate(before as never, 1)).toEqual(before);
  });
});
