import { reasonFaults } from '../../../domain/capa/reasons';
import type { Sections } from '../../../contracts/capaSections';
import { act, bring, capaOf, closure, PEOPLE, planAt, problem, resultOf, risk, signed, why, whys, type Run } from './capas';

const { ann, bea, bob, dan, sam } = PEOPLE;
const fields = (run: Run, body: Sections & { reason?: string }) => reasonFaults(run.state, body).map(({ field }) => field);
const other = { ...problem, what: 'Two restores failed.' };

describe('what was submitted is changed with a reason', () => {
  it('P1 Q1 a draft is written as often as one likes; from its submission on each change of it needs a reason', () => {
    const run = capaOf({ draft: true });
    expect(fields(run, { problem: other, riskBefore: risk })).toEqual([]);
    act(run, sam, { act: 'submit', body: {} });
    expect(fields(run, { problem: other })).toEqual(['reason']);
    expect(fields(run, { problem: other, reason: 'one was left out' })).toEqual([]);
    // Nothing is changed, or was never written.
    expect(fields(run, { problem })).toEqual([]);
    expect(fields(run, { riskBefore: risk })).toEqual([]);
    act(run, ann, { act: 'return', body: { comments: 'count again' } });
    expect(run.state.status).toBe('draft');
    expect(fields(run, { problem: other })).toEqual(['reason']);
  });

  it('P1 Q1 a returned plan, the next iteration, a closure', () => {
    const run = capaOf();
    bring(run, 'investigation');
    act(run, bob, { act: 'save', body: { rootCause: whys() } });
    expect(fields(run, { rootCause: { ...whys(), cause: { statement: 'x', categories: [] } } })).toEqual([]);
    bring(run, 'plan_review');
    act(run, ann, { act: 'return', body: { comments: 'name the system' } });
    expect(fields(run, { plan: { ...planAt(run.now), documents: ['another'] } })).toEqual(['reason']);
    act(run, bob, { act: 'submit', body: {} });
    bring(run, 'effectiveness_check');
    act(run, dan, { act: 'save', body: { result: resultOf('ineffective') } });
    expect(fields(run, { result: resultOf('effective') })).toEqual([]);
    act(run, dan, { act: 'assess', body: signed });
    expect(fields(run, { rootCause: whys(), plan: planAt(run.now) })).toEqual([]);
    bring(run, 'closure_review');
    act(run, bob, { act: 'submit', body: { closure } });
    act(run, bea, { act: 'return', body: { comments: 'say more' } });
    expect(fields(run, { closure: { ...closure, summary: 'more' } })).toEqual(['reason']);
  });

  it('P1 Q1 the machine refuses it too where the API asks for reasons, and says the reason in the trail', () => {
    const run = capaOf({ draft: true });
    act(run, sam, { act: 'submit', body: {} });
    expect(why(run, sam, { act: 'save', body: { problem: other, asksReason: true } })).toMatch(/^reason: say why: problem/);
    act(run, sam, { act: 'save', body: { problem: other, asksReason: true, reason: 'one was left out' } });
    expect(run.steps.at(-1)?.facts).toMatchObject([{ action: 'section.written', field: 'problem', reason: 'one was left out' }]);
    // Commands of earlier releases replay as they were.
    expect(why(run, sam, { act: 'save', body: { problem } })).toBe('allowed');
  });
});
