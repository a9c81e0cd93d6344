import type { CapaCommand } from '../../../contracts/capa';
import type { PersonActor } from '../../../contracts/actor';
import type { CapaState } from '../../../contracts/capaState';
import { refuseAsked, refuseStep } from '../../../domain/capa/deeds';
import { capa } from '../../../domain/capa/machine';
import { contentHashOf } from '../../../domain/signature/demand';
import { act, capaIn, CRO, PEOPLE, signed, SPONSOR, told, type Run } from './capas';

const { ann, bea, ben, bob, cal, sam } = PEOPLE;

const having = ({ state, now }: Run, more: Partial<CapaState>) => ({ state: { ...state, ...more }, now });

/** What the API says of an act, and what `commit` says of the step that the machine makes of it: they agree. */
function refused({ state, now }: Pick<Run, 'state' | 'now'>, actor: PersonActor, command: CapaCommand): string {
  const step = capa.apply(state, { actor, command }, now);
  const [asked, done] = [refuseAsked(state, command as never, actor), refuseStep(step.state, { act: command.act, facts: step.facts, signed: step.sign !== undefined }, actor)];
  expect(done).toEqual(asked);
  return asked?.type ?? 'allowed';
}

describe('what one side does not do for the other', () => {
  const accept: CapaCommand = { act: 'accept', body: { ownerId: 'bob', seriousBreach: { answer: 'no', reason: 'r' }, ...signed } };

  test('Q2 Q11 the raising side submits its draft; whoever opened one submits their own', () => {
    const run = capaIn('draft', { draft: true });
    const submit: CapaCommand = { act: 'submit', body: {} };
    expect([refused(run, bob, submit), refused(run, sam, submit), refused(having(run, { openedBy: CRO }), bob, submit), refused(having(run, { openedBy: SPONSOR }), bob, submit)]).toEqual(['not_permitted', 'allowed', 'allowed', 'not_permitted']);
  });

  test('Q11 Q16 what the accountable side stated is accepted by quality of the raising side, until that side states it', () => {
    const run = capaIn('triage');
    const stated = { statedBy: { problem: CRO } };
    expect([refused(having(run, stated), bea, accept), refused(having(run, stated), ann, accept), refused(run, bea, accept)]).toEqual(['not_permitted', 'allowed', 'allowed']);
    expect(refused(having(run, { ...stated, raisingOrganisationId: CRO }), bea, accept)).toBe('allowed');
  });

  test('Q9 undoing a verification is signed; sending back what nobody verified is not', () => {
    const run = capaIn('implementation');
    act(run, cal, { act: 'report-action', body: { actionId: 'c1', evidenceIds: ['ev-7'] } });
    const undo = { act: 'verify-action', body: { actionId: 'c1', accepted: false, note: 'n' } } as const;
    expect(refused(run, bea, undo)).toBe('allowed');
    act(run, sam, { act: 'verify-action', body: { actionId: 'c1', accepted: true } });
    expect(refused(run, bea, undo)).toBe('signature_required');
    const signable = capa.signable(run.state, undo.act, undo.body);
    expect(signable).toMatchObject({ subject: 'reopening/c1', version: 1, meanings: ['rejection'], content: { action: { id: 'c1', evidenceIds: ['ev-7'] }, said: undo.body } });
    act(run, bea, { ...undo, body: { ...undo.body, ...signed } });
    expect(run.state.actions.find(({ id }) => id === 'c1')?.status).toBe('open');
    const after = capa.signable(run.state, undo.act, undo.body);
    expect([after?.subject, after?.version, contentHashOf(after?.content ?? null)]).toEqual(['reopening/c1', 1, contentHashOf(signable?.content ?? null)]);
  });

  test('Q5 Q9 the assessor whom the signed plan names is another one by a signature of the raising side only; after one left, quality of either signs', () => {
    const run = capaIn('implementation');
    const swap = (more: object): CapaCommand => ({ act: 'assign', body: { duty: 'assessor', personId: 'eve', reason: 'r', ...more } });
    expect([refused(run, bea, swap(signed)), refused(run, bob, swap(signed)), refused(run, ann, swap({})), refused(run, ann, swap(signed))]).toEqual(['not_permitted', 'not_permitted', 'signature_required', 'allowed']);
    expect(refused(having(run, { sponsorImpact: 'not_affected' }), bea, swap(signed))).toBe('allowed');
    const vacant = { assessor: { personId: null, organisationId: CRO } };
    expect([refused(having(run, vacant), bea, swap({})), refused(having(run, vacant), bea, swap(signed)), refused(having(run, vacant), bob, swap(signed))]).toEqual(['signature_required', 'allowed', 'not_permitted']);
    expect(refused(run, bob, { act: 'assign', body: { duty: 'action', actionId: 'c1', personId: 'cyd', reason: 'r' } })).toBe('allowed');
  });

  test('P6 Q16 the answer to the question of serious breach is under the signature of triage, also where it was saved before', () => {
    const run = capaIn('triage');
    act(run, bea, { act: 'save', body: { seriousBreach: { answer: 'no', reason: 'nobody was harmed' } } });
    const body = { ownerId: 'bob', coversBreach: true, ...signed } as const;
    const before = capa.signable(run.state, 'accept', body);
    expect(before?.content).toMatchObject({ seriousBreach: { answer: 'no', reason: 'nobody was harmed' } });
    expect(before?.content).not.toMatchObject({ said: { coversBreach: true } });
    act(run, bea, { act: 'accept', body });
    const standing = () => contentHashOf(capa.signable(run.state, 'accept', { ownerId: 'bob' })?.content ?? null);
    expect(standing()).toBe(contentHashOf(before?.content ?? null));
    act(run, ann, { act: 'answer-breach', body: { answer: 'yes', reason: 'one was' } });
    expect(standing()).not.toBe(contentHashOf(before?.content ?? null));
  });

  test('Q16 that it is none is told to the sponsor of a minor one, too, when it is accepted, and again at each other severity', () => {
    const run = capaIn('triage', { severity: 'minor' });
    act(run, ben, accept);
    expect(told(run, 'breach_denied')).toMatchObject([{ audience: { organisationId: SPONSOR } }]);
    act(run, ann, { act: 'regrade', body: { severity: 'critical', reason: 'r' } });
    expect(told(run, 'breach_denied')).toHaveLength(2);
    const grave = capaIn('containment', { severity: 'major' });
    expect(told(grave, 'breach_denied')).toHaveLength(1);
  });
});
