import type { OpenCapaEffect } from '../../../contracts/openEffect';
import { CALL, ann, bob, Contact, CRO, SPONSOR, WEEKLY } from './controls';

const capas = (contact: Contact): readonly OpenCapaEffect[] =>
  contact.run.effects.filter((effect) => effect.kind === 'open' && effect['capability'] === 'capa').map((effect) => effect as unknown as OpenCapaEffect);
/** Weekly, and a CAPA after the second missed slot; slots end on day 9, 18, 27, 36, at 09:00. */
const after = (capaAfter: number) => new Contact({ rule: { ...WEEKLY, capaAfter } });

describe('a control that opens a CAPA', () => {
  test('Q2 by default none, however long the silence', () => {
    const contact = new Contact().to('2026-06-30T09:00:00Z');
    expect(capas(contact)).toEqual([]);
    expect(contact.issues().length).toBeGreaterThan(10);
    expect(contact.state).not.toHaveProperty('missedInRow');
  });

  test('Q2 so many missed slots in a row open one CAPA by the other side against the responsible one, and the control keeps the link', () => {
    const contact = after(2).to('2026-03-19T09:00:00Z');
    expect(capas(contact)).toEqual([]);
    contact.to('2026-03-20T09:00:00Z');
    expect(capas(contact)).toMatchObject([{
      intent: 'control/c1/slot/2/capa', capability: 'capa',
      request: {
        studyId: 'study-1', topic: 'data', severity: 'minor', classification: 'corrective', raisingOrganisationId: SPONSOR, accountableOrganisationId: CRO,
        source: { type: 'control', recordId: 'c1', reference: 'CTL-1' }, title: 'Agreed contact missed 2 times in a row: data (CTL-1)', problem: { when: 'Until 2026-03-20T09:00:00.000Z', extent: '2 slots in a row' },
      },
    }]);
    expect(contact.state.links).toContainEqual({ recordId: 'opened by control/c1/slot/2/capa', kind: 'causes' });
    expect(contact.run.facts.filter(({ action }) => action === 'capa.raised')).toMatchObject([{ new: 'opened by control/c1/slot/2/capa', detail: { slot: 2, kind: 'causes' } }]);
  });

  test('Q2 one CAPA for each silence: further misses open none, a contact ends the count, the next silence counts anew', () => {
    const contact = after(2).to('2026-04-20T09:00:00Z');
    expect(capas(contact)).toHaveLength(1);
    contact.act(ann, 'log-contact', CALL).to('2026-05-01T09:00:00Z');
    expect(contact.state.missedInRow).toBe(1);
    contact.to('2026-05-20T09:00:00Z');
    const [first, second] = capas(contact).map(({ request }) => request.dedupeKey);
    expect([capas(contact).length, first === second]).toEqual([2, false]);
  });

  test('Q2 a waived slot is no miss, and does not break the row', () => {
    const contact = after(2).to('2026-03-12T09:00:00Z').act(ann, 'waive', { reason: 'holidays' }).to('2026-03-26T09:00:00Z');
    expect([contact.state.missedInRow, capas(contact).length]).toEqual([1, 0]);
    contact.to('2026-03-28T09:00:00Z');
    expect(capas(contact)).toHaveLength(1);
  });

  test('Q2 one that cannot be opened is said on the control, and the next miss asks again', () => {
    const contact = new Contact({ rule: { ...WEEKLY, capaAfter: 1 }, failing: true }).to('2026-03-21T09:00:00Z');
    expect(contact.run.facts.filter(({ action }) => action === 'capa.not_opened')).toHaveLength(2);
    expect(capas(contact).map(({ intent }) => intent)).toEqual(['control/c1/slot/1/capa', 'control/c1/slot/2/capa']);
  });

  test('Q2 asking for a CAPA changes no due instant', () => {
    const contact = new Contact({ row: null }).to('2026-03-05T09:00:00Z');
    const before = contact.waits();
    contact.act(bob, 'change-rule', { rule: { ...WEEKLY, capaAfter: 3 }, reason: 'agreed' });
    expect(contact.waits()).toEqual(before);
    expect(contact.state.rule.capaAfter).toBe(3);
  });
});
