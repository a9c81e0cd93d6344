import { SECTIONS, type Section, type Sections } from '../../../contracts/capaSections';
import type { CapaCommand } from '../../../contracts/capa';
import { capa } from '../../../domain/capa/machine';
import { OWNER_OF } from '../../../domain/capa/owners';
import { act, adverseCheck, asked, capaIn, capaOf, closure, CRO, extentCheck, PEOPLE, planAt, problem, risk, SPONSOR, START, told, whys, why, type Run } from './capas';

const { ann, bea, bob, sam } = PEOPLE;
const milder = { what: 'one form was filed late', where: 'site 4', when: 'March', extent: 'one form' };
const save = (sections: Sections): CapaCommand => ({ act: 'save', body: sections });
const rated = { likelihood: 5, impact: 5 } as const;

/** A CAPA in triage whose raising side rated the risk. */
function rated25(): Run {
  const run = capaIn('triage');
  act(run, sam, save({ riskBefore: rated }));
  return run;
}

describe('whose each part of a CAPA is', () => {
  test('Q2 P14 the accountable side changes neither the problem nor the risk that the raising side stated, and nothing is told or kept of the attempt', () => {
    const run = rated25();
    for (const who of [bob, bea, PEOPLE.ben]) {
      expect(asked(run, who, save({ problem: milder }))).toBe('not_permitted');
      expect(asked(run, who, save({ riskBefore: { likelihood: 1, impact: 1 } }))).toBe('not_permitted');
    }
    expect(why(run, bob, save({ problem: milder }))).toContain('accountableView');
    expect(run.state).toMatchObject({ problem, riskBefore: rated });
  });

  test('Q2 nor in the investigation, whose submission may say the same again', () => {
    const run = rated25();
    act(run, bea, { act: 'accept', body: { ownerId: 'bob', seriousBreach: { answer: 'no', reason: 'r' } } });
    act(run, bob, { act: 'submit', body: { containment: { measures: [], noneBecause: 'n' } } });
    const investigation = { rootCause: whys(), extentCheck, plan: planAt(run.now) };
    expect(asked(run, bob, { act: 'submit', body: { ...investigation, riskBefore: { likelihood: 1, impact: 1 } } })).toBe('not_permitted');
    expect(asked(run, bob, { act: 'submit', body: { ...investigation, riskBefore: rated } })).toBe('allowed');
    expect(asked(run, sam, save({ riskBefore: risk }))).toBe('allowed');
  });

  test('Q2 P1 after triage the raising side corrects its statement, with a reason; the other side is told, nobody else writes it, and the signed plan holds it', () => {
    const run = capaIn('investigation');
    const clearer = { ...problem, extent: '13 of 40' };
    for (const who of [bob, bea]) expect(asked(run, who, { act: 'save', body: { problem: clearer, reason: 'r' } })).toBe('not_permitted');
    expect(asked(run, sam, { act: 'save', body: { problem: clearer, asksReason: true } })).toBe('rule_broken');
    act(run, sam, { act: 'save', body: { problem: clearer, reason: 'one more was found', asksReason: true } });
    expect(run.state.problem).toEqual(clearer);
    expect(run.facts.filter(({ action, field }) => action === 'section.written' && field === 'problem').at(-1)).toMatchObject({ reason: 'one more was found' });
    expect(told(run, 'statement_changed').length).toBeGreaterThan(0);
    expect(asked(capaIn('plan_review'), sam, { act: 'save', body: { problem: clearer, reason: 'r' } })).toBe('wrong_state');
  });

  test('Q2 what nobody stated the accountable side may state, until the raising side does', () => {
    const run = capaIn('investigation');
    act(run, bob, save({ riskBefore: risk }));
    expect(run.state.statedBy).toEqual({ riskBefore: CRO });
    expect(asked(run, bob, save({ riskBefore: rated }))).toBe('allowed');
    act(run, sam, save({ riskBefore: rated }));
    expect(run.state.statedBy).toEqual({});
    expect(asked(run, bob, save({ riskBefore: risk }))).toBe('not_permitted');
  });

  test('Q2 a statement that was opened by the accountable side is its own until the raising side states it', () => {
    const opening = { id: 'k2', number: 'CAPA-2', policy: rated25().state.policy, sponsorOrganisationId: SPONSOR, raisedBy: 'bob', raisedFrom: CRO, request: {
      topic: 'backup', severity: 'major', classification: 'corrective', raisingOrganisationId: SPONSOR, accountableOrganisationId: CRO, problem, source: { type: 'other', reference: 'r' },
    } } as const;
    const { state } = capa.open(opening, START);
    expect(state.statedBy).toEqual({ problem: CRO });
    expect(capa.refuse(state, { actor: bob, command: save({ problem: milder }) }, START)).toBeUndefined();
    const stated = capa.apply(state, { actor: sam, command: save({ problem: { ...problem, what: 'w' } }) }, START).state;
    expect(capa.refuse(stated, { actor: bob, command: save({ problem: milder }) }, START)?.type).toBe('not_permitted');
  });

  test('Q2 when the raising side changes its statement after submitting it, quality of the accountable side is told', () => {
    const run = capaIn('triage');
    act(run, sam, save({ problem: { ...problem, extent: 'two studies' } }));
    expect(told(run, 'statement_changed')).toMatchObject([{ audience: { to: 'roles', organisationId: CRO } }]);
    act(run, sam, save({ problem: { ...problem, extent: 'two studies' } }));
    expect(told(run, 'statement_changed')).toHaveLength(1);
  });

  test('Q2 the accountable side has a part of its own beside the statement, which the raising side does not write and is told of', () => {
    const run = capaIn('triage');
    const view = { accountableView: { text: 'eleven of the twelve were found in the site file', evidenceIds: [] } };
    expect(asked(run, sam, save(view))).toBe('not_permitted');
    act(run, bob, save(view));
    expect(run.state).toMatchObject({ problem, ...view });
    expect(told(run, 'view_written')).toMatchObject([{ audience: { organisationId: SPONSOR } }]);
    act(run, bea, { act: 'accept', body: { ownerId: 'bob', seriousBreach: { answer: 'no', reason: 'r' } } });
    act(run, bob, { act: 'submit', body: { containment: { measures: [], noneBecause: 'n' } } });
    act(run, bob, { act: 'submit', body: { rootCause: whys(), extentCheck, riskBefore: risk, plan: planAt(run.now) } });
    expect(capa.signable(run.state, 'approve-plan')?.content).toMatchObject(view);
  });

  test('Q16 only quality assurance answers whether it is a serious breach', () => {
    const run = capaIn('triage');
    expect(asked(run, bob, save({ seriousBreach: { answer: 'no', reason: 'r' } }))).toBe('not_permitted');
    act(run, ann, save({ seriousBreach: { answer: 'yes', reason: 'r' } }));
    expect(asked(run, bea, save({ seriousBreach: { answer: 'no', reason: 'r' } }))).toBe('wrong_state');
    expect(asked(run, bea, { act: 'accept', body: { ownerId: 'bob', seriousBreach: { answer: 'no', reason: 'r' } } })).toBe('wrong_state');
  });

  test('Q2 where one organisation is both sides, its people write all parts', () => {
    const run = capaOf({ raising: CRO });
    expect(asked(run, bob, save({ problem: milder, accountableView: { text: 't', evidenceIds: [] }, riskBefore: risk }))).toBe('allowed');
    act(run, bob, save({ problem: milder }));
    expect(told(run, 'statement_changed')).toEqual([]);
  });

  test('Q2 every part has an owner, and the other side is refused where it may be written', () => {
    const content: { readonly [S in Section]: Sections[S] } = {
      problem: milder, riskBefore: { likelihood: 1, impact: 1 }, accountableView: { text: 'v', evidenceIds: [] }, seriousBreach: { answer: 'no', reason: 'r' }, containment: { measures: [], noneBecause: 'n' },
      rootCause: whys(), extentCheck, plan: planAt(START), adverseCheck, closure, result: { outcome: 'ineffective', measured: 'm', sampleSize: 1, evidenceIds: ['e'], note: '' },
    };
    const where: Readonly<Record<Section, string>> = {
      problem: 'triage', riskBefore: 'triage', accountableView: 'triage', seriousBreach: 'triage', containment: 'containment', rootCause: 'investigation', extentCheck: 'investigation', plan: 'investigation',
      adverseCheck: 'implementation', closure: 'closure_review', result: 'effectiveness_check',
    };
    const stranger = { raising: bob, accountable: sam, quality: bob, assessor: ann } as const;
    for (const section of SECTIONS) {
      const run = where[section] === 'triage' ? rated25() : capaIn(where[section]);
      expect([section, asked(run, stranger[OWNER_OF[section]], save({ [section]: content[section] }))]).toEqual([section, 'not_permitted']);
    }
  });
});
