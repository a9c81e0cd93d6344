import { businessDays } from '../../../contracts/spans';
import { closedSlots } from '../../../domain/control/projection';
import { ann, at, bob, CALL, calendarDays, Contact, CRO, outsider, product, SPONSOR, START, WEEKLY } from './controls';

describe('agreed contact', () => {
  test('E16 a logged contact fills its slot, and the next one is counted from the contact', () => {
    const contact = new Contact().to('2026-03-06T09:00:00Z').act(ann, 'log-contact', CALL);
    expect(contact.slots()).toEqual(['1 held 0 to 4']);
    expect(contact.waits()).toEqual(['slot 2026-03-13T09:00:00.000Z']);
    expect(contact.state).toMatchObject({ status: 'running', slot: { no: 2, from: '2026-03-06T09:00:00.000Z', due: null }, counts: { held: 1, late: 0, missed: 0, waived: 0 } });
  });

  test('E16 silence is warned of, then chased on both sides, then becomes an issue by the other side against the responsible one', () => {
    const contact = new Contact().to('2026-03-09T09:00:00Z');
    expect(contact.notices('contact_due').map(({ audience, deadline }) => [audience, deadline])).toEqual([
      [{ to: 'level', side: 'accountable', organisationId: CRO, level: 1 }, 'slot'], [{ to: 'level', side: 'accountable', organisationId: CRO, level: 1 }, 'slot'],
    ]);
    expect(contact.state).toMatchObject({ status: 'late', slot: { no: 1, due: '2026-03-09T09:00:00.000Z' } });
    expect(contact.notices('contact_missed').map(({ audience }) => audience)).toEqual([
      { to: 'level', side: 'accountable', organisationId: CRO, level: 1 }, { to: 'level', side: 'raising', organisationId: SPONSOR, level: 1 },
    ]);
    expect(contact.waits()).toEqual(['grace 2026-03-11T09:00:00.000Z']);
    expect(contact.issues()).toEqual([]);

    contact.to('2026-03-11T09:00:00Z');
    expect(contact.slots()).toEqual(['1 missed 0 to 9']);
    expect(contact.issues()).toMatchObject([{
      intent: 'control/c1/slot/1/issue',
      request: { topic: 'communication', severity: 'minor', studyId: 'study-1', raisingOrganisationId: SPONSOR, accountableOrganisationId: CRO, dedupeKey: 'contact/study-1/data/cro-1+sponsor-1/1' },
    }]);
    expect(contact.state.links).toEqual([{ recordId: 'opened by control/c1/slot/1/issue', kind: 'causes' }]);
    expect(contact.waits()).toEqual(['slot 2026-03-18T09:00:00.000Z']);
  });

  test('E16 a contact within the grace is late; one that took place before the due instant and was logged after it is held', () => {
    const late = new Contact().to('2026-03-10T09:00:00Z').act(ann, 'log-contact', CALL);
    expect(late.slots()).toEqual(['1 late 0 to 8']);
    const written = new Contact().to('2026-03-10T09:00:00Z').act(ann, 'log-contact', { ...CALL, at: '2026-03-08T10:00:00+01:00' });
    expect(written.slots()).toEqual(['1 held 0 to 6']);
    expect(written.waits()).toEqual(['slot 2026-03-15T09:00:00.000Z']);
  });

  test('E16 a contact that overtakes a passed due instant is late, because the API saw when it was due', () => {
    const contact = new Contact();
    contact.run.sleepTo(at('2026-03-10T09:00:00Z'));
    contact.act(ann, 'log-contact', { ...CALL, seen: { slot: 1, due: '2026-03-09T09:00:00.000Z' } });
    expect(contact.slots()).toEqual(['1 late 0 to 8']);
    expect(contact.run.facts.map((fact) => fact.action)).toContain('deadline.missed');
  });

  test('E16 a contact lies in the open slot: neither ahead nor before it', () => {
    const contact = new Contact().to('2026-03-06T09:00:00Z').act(ann, 'log-contact', CALL);
    expect(contact.asked(ann, 'log-contact', { ...CALL, at: '2026-03-06T08:59:59Z' })).toBe('rule_broken');
    expect(contact.asked(ann, 'log-contact', { ...CALL, at: '2026-03-06T09:00:01Z' })).toBe('rule_broken');
    expect(contact.asked(ann, 'log-contact', { ...CALL, at: '2026-03-06T09:00:00Z' })).toBe('allowed');
  });

  test('E16 whoever owes the contact, in whichever role, does not waive its slot; the other organisation does', () => {
    expect([new Contact().asked(bob, 'waive', { reason: 'busy' }), new Contact().to('2026-03-10T09:00:00Z').asked(bob, 'waive', { reason: 'busy' })]).toEqual(['not_permitted', 'not_permitted']);
    expect(new Contact().asked(ann, 'waive', { reason: 'site closed' })).toBe('allowed');
  });

  test('E16 a slot waived ahead runs out without being chased; one waived while late ends at once; cadence stays', () => {
    const ahead = new Contact().to('2026-03-03T09:00:00Z').act(ann, 'waive', { reason: 'site closed' });
    expect(ahead.asked(ann, 'waive', { reason: 'again' })).toBe('wrong_state');
    ahead.to('2026-03-09T09:00:00Z');
    expect([ahead.slots(), ahead.notices(), ahead.waits()]).toEqual([['1 waived 0 to 7'], [], ['slot 2026-03-16T09:00:00.000Z']]);
    const late = new Contact().to('2026-03-10T09:00:00Z').act(ann, 'waive', { reason: 'holiday' });
    expect([late.slots(), late.waits(), late.issues()]).toEqual([['1 waived 0 to 7'], ['slot 2026-03-16T09:00:00.000Z'], []]);
    const held = new Contact().act(ann, 'waive', { reason: 'holiday' }).to('2026-03-05T09:00:00Z').act(ann, 'log-contact', CALL);
    expect(held.slots()).toEqual(['1 held 0 to 3']);
  });

  test('E16 after an outage every slot gets its fate, silence is chased once, and all of it is one issue', () => {
    const contact = new Contact();
    contact.run.sleepTo(at('2026-04-08T12:00:00Z')); // 37 days: four slots of nine days, and one day
    contact.run.runTo(at('2026-04-08T12:00:00Z'));
    expect(contact.slots()).toEqual(['1 missed 0 to 9', '2 missed 9 to 18', '3 missed 18 to 27', '4 missed 27 to 36']);
    expect(contact.issues().map(({ request }) => request.dedupeKey)).toEqual(['contact/study-1/data/cro-1+sponsor-1/1']);
    expect(contact.notices('contact_missed')).toHaveLength(2);
    // Those of the first slot alone: the others had their time.
    expect(contact.notices('contact_due')).toHaveLength(2);
    // A later silence is another matter.
    contact.act(ann, 'log-contact', CALL).to('2026-05-01T12:00:00Z');
    expect(contact.issues().map(({ request }) => request.dedupeKey).at(-1)).toBe('contact/study-1/data/cro-1+sponsor-1/6');
  });

  test('E16 while silence goes on, each further slot says so on the issue that is open', () => {
    const contact = new Contact().to('2026-03-29T09:00:00Z');
    expect(contact.slots()).toHaveLength(3);
    expect(contact.issues().map(({ intent, request }) => [intent, request.dedupeKey?.split('/').at(-1)])).toEqual([
      ['control/c1/slot/1/issue', '1'], ['control/c1/slot/2/issue', '1'], ['control/c1/slot/3/issue', '1'],
    ]);
    expect(contact.notices('contact_missed')).toHaveLength(6);
  });

  test('E16 an issue that cannot be opened is said on the control, which goes on', () => {
    const contact = new Contact({ failing: true }).to('2026-03-11T09:00:00Z');
    expect(contact.run.facts.filter((fact) => fact.action === 'issue.not_opened')).toMatchObject([{ detail: { slot: 1 } }]);
    expect([contact.state.links, contact.waits()]).toEqual([[], ['slot 2026-03-18T09:00:00.000Z']]);
  });

  test('E16 business time is counted on the responsible organisation\'s calendar', () => {
    const contact = new Contact({ rule: { every: businessDays(5), grace: businessDays(1), organisationId: CRO } });
    expect(contact.waits()).toEqual(['slot 2026-03-09T09:00:00.000Z']);
    expect(contact.run.armed[0]?.calendar?.organisationId).toBe(CRO);
  });

  test('P19 another rule counts from the change, and turns the sides with the responsible organisation', () => {
    const contact = new Contact().to('2026-03-07T09:00:00Z');
    contact.act(product, 'change-rule', { rule: { every: calendarDays(1), grace: calendarDays(1), organisationId: SPONSOR }, rowVersion: 2, reason: 'version 2' });
    expect(contact.waits()).toEqual(['slot 2026-03-08T09:00:00.000Z']);
    expect(contact.state.row?.version).toBe(2);
    contact.to('2026-03-09T09:00:00Z');
    expect(contact.issues()).toMatchObject([{ request: { raisingOrganisationId: CRO, accountableOrganisationId: SPONSOR } }]);
    // The same rule under a later version leaves the slot alone.
    const waits = contact.waits();
    contact.act(product, 'change-rule', { rule: { every: calendarDays(1), grace: calendarDays(1), organisationId: SPONSOR }, rowVersion: 3, reason: 'version 3' });
    expect([contact.waits(), contact.state.row?.version]).toEqual([waits, 3]);
  });

  test('E16 stopping ends the open slot: waived when it was not due, missed when silence was being chased', () => {
    const byHand = new Contact({ row: null }).to('2026-03-05T09:00:00Z').act(ann, 'stop', { reason: 'study closed' });
    expect([byHand.slots(), byHand.run.done, byHand.waits()]).toEqual([['1 waived 0 to 3'], true, []]);
    const silent = new Contact({ row: null }).to('2026-03-10T09:00:00Z').act(ann, 'stop', { reason: 'study closed' });
    expect([silent.slots(), silent.issues(), silent.asked(ann, 'log-contact', CALL)]).toEqual([['1 missed 0 to 8'], [], 'wrong_state']);
  });

  test('P10 a control that follows a matrix row is changed by the row alone; each act by whom it belongs to', () => {
    const contact = new Contact();
    expect(contact.asked(ann, 'change-rule', { rule: WEEKLY, reason: 'r' })).toBe('wrong_state');
    expect(contact.asked(ann, 'stop', { reason: 'r' })).toBe('wrong_state');
    expect(contact.asked(product, 'stop', { reason: 'r' })).toBe('allowed');
    expect(contact.asked(product, 'log-contact', CALL)).toBe('not_permitted');
    expect(contact.asked(product, 'waive', { reason: 'r' })).toBe('not_permitted');
    expect(contact.asked(ann, 'linked', { recordId: 'x', kind: 'caused_by' })).toBe('not_permitted');
    expect(contact.asked(outsider, 'log-contact', CALL)).toBe('not_permitted');
    expect(contact.asked(product, 'acknowledge' as 'stop', { reason: 'r' })).toBe('not_permitted');
  });

  test('links from the other side are kept once', () => {
    const contact = new Contact().act(product, 'linked', { recordId: 'i9', kind: 'relates_to' }).act(product, 'linked', { recordId: 'i9', kind: 'relates_to' });
    expect(contact.state.links).toEqual([{ recordId: 'i9', kind: 'relates_to' }]);
  });

  test('E16 a control inside one organisation raises against itself', () => {
    const contact = new Contact({ organisationIds: [CRO] }).to('2026-03-11T09:00:00Z');
    expect(contact.issues()).toMatchObject([{ request: { raisingOrganisationId: CRO, accountableOrganisationId: CRO } }]);
    expect(contact.notices('contact_missed')).toHaveLength(1);
  });

  test('the slot list says when a held slot was due, which its machine never heard', () => {
    const contact = new Contact().to('2026-03-06T09:00:00Z');
    const armed = contact.run.armed;
    contact.act(ann, 'log-contact', { ...CALL, evidence: '01.05.03' });
    const step = contact.run.steps.at(-1);
    expect(closedSlots({ facts: step?.facts ?? [], armed, at: contact.run.now })).toEqual([{
      no: 1, fate: 'held', from: START, due: '2026-03-09T09:00:00.000Z', until: contact.run.now, closedAt: contact.run.now,
      contact: { at: contact.run.now, how: 'call', evidence: '01.05.03', witness: { standing: 'witnessed', personId: 'ann', organisationId: SPONSOR } }, reason: null,
    }]);
  });

  test('what it waits for names both organisations as movers', () => {
    expect(new Contact().run.waiting()).toMatchObject([{ for: 'slot', movers: [{ organisationId: CRO, acts: ['log-contact'] }, { organisationId: SPONSOR, acts: ['log-contact', 'waive'] }] }]);
  });
});
