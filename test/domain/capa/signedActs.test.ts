import type { CapaCommand } from '../../../contracts/capa';
import type { CapaState } from '../../../contracts/capaState';
import { plusMs } from '../../../contracts/instant';
import type { Json } from '../../../contracts/step';
import { capa } from '../../../domain/capa/machine';
import { unsignedActs } from '../../../domain/capa/unsigned';
import { standingOf } from '../../../domain/signature/standing';
import { contentHashOf } from '../../../domain/signature/demand';
import { act, asked, at, bring, capaIn, capaOf, CRO, DAY_MS, dueOf, issuesOf, PEOPLE, signed, SPONSOR, told, why, type Run } from './capas';

const { amy, ann, bea, ben, bob, cal, sam } = PEOPLE;
const no = { answer: 'no', reason: 'no subject is concerned' } as const;
const yes = { answer: 'yes', reason: 'two subjects were dosed twice' } as const;
const accept: CapaCommand = { act: 'accept', body: { ownerId: 'bob', seriousBreach: no } };
const contained: CapaCommand = { act: 'submit', body: { containment: { measures: [{ text: 'backups doubled', evidenceIds: ['ev-1'] }], noneBecause: '' } } };

/** What is signed with these words, and whether the same signature stands now. */
function signing(run: Run, name: string, body: object) {
  const signable = capa.signable(run.state, name, body as Json);
  if (!signable) throw new Error(`${name} signs nothing`);
  const kept = { subject: signable.subject, version: signable.version, contentHash: contentHashOf(signable.content) };
  return { signable, stands: () => standingOf(kept, capa.signable(run.state, name, body as Json)) };
}

describe('Q16 the question of serious breach', () => {
  test.each(['critical', 'major'] as const)("Q16 of a %s CAPA the sponsor's quality hears of a \"no\" at once", (severity) => {
    const run = capaOf({ severity });
    act(run, bea, accept);
    expect(told(run, 'breach_denied')).toMatchObject([{ audience: { to: 'roles', organisationId: SPONSOR } }]);
  });

  test("Q16 the sponsor's quality sets it otherwise by signature and with a reason, at any time until closing; both answers stay, and the clock runs", () => {
    for (const status of ['triage', 'containment', 'implementation', 'effectiveness_check', 'closure_review']) {
      const run = capaIn(status);
      const before = run.state.breachAnswers ?? [];
      expect(asked(run, ann, { act: 'answer-breach', body: { ...yes, signature: undefined } })).toBe('signature_required');
      act(run, ann, { act: 'answer-breach', body: yes });
      expect(run.state.seriousBreach).toEqual(yes);
      expect(run.state.breachAnswers).toMatchObject([...before, { ...yes, by: { personId: 'ann', signed: true } }]);
      expect(told(run, 'serious_breach')).toMatchObject([{ audience: { organisationId: SPONSOR } }, { audience: { organisationId: CRO } }]);
      expect(dueOf(run, 'breach/report')).toBe(plusMs(at(run.state.breachReport?.awareAt ?? ''), 7 * DAY_MS));
    }
  });

  test('Q16 a "yes" from before there was a clock has none; said again it starts, once', () => {
    const { now, state: present } = capaIn('containment');
    const { breachReport: _none, breachAnswers: _kept, ...old } = present;
    const state: CapaState = { ...old, seriousBreach: { answer: 'yes', reason: 'r' } };
    const again = { actor: ann, command: { act: 'answer-breach', body: { ...yes, signature: 'g1' } } } as const;
    expect([capa.refuse(state, again, now), capa.refuse(state, { ...again, command: { act: 'report-breach', body: { reference: 'R' } } }, now)?.type]).toEqual([undefined, 'wrong_state']);
    const step = capa.apply(state, again, now);
    expect([step.arm.map(({ name }) => name), step.state.breachReport?.awareAt, step.state.breachAnswers?.map(({ answer }) => answer)]).toEqual([['breach/report'], now, ['yes', 'yes']]);
    expect(capa.refuse(step.state, again, now)?.reason).toContain('already');
  });

  test('Q16 only the sponsor takes a serious breach back; then its clock ends, and the record keeps all answers', () => {
    const run = capaIn('containment');
    act(run, bea, { act: 'answer-breach', body: yes });
    expect(why(run, ben, { act: 'answer-breach', body: no })).toContain("sponsor's");
    act(run, amy, { act: 'answer-breach', body: no });
    expect(dueOf(run, 'breach/report')).toBeUndefined();
    expect(run.state.breachAnswers?.map(({ answer, by }) => [answer, by?.personId])).toEqual([['no', 'bea'], ['yes', 'bea'], ['no', 'amy']]);
  });

  test('Q16 the report is owed in seven calendar days that nobody extends; unreported it opens an issue against the sponsor, and keeps the record open', () => {
    const run = capaIn('containment');
    act(run, ann, { act: 'answer-breach', body: yes });
    const due = dueOf(run, 'breach/report') ?? '';
    expect(asked(run, bob, { act: 'request-extension', body: { deadline: 'stage/breach', newDue: plusMs(at(due), DAY_MS), justification: 'j', interimControl: 'i', currentDue: at(due) } })).not.toBe('allowed');
    act(run, bob, { act: 'propose', body: { what: 'cancellation', reason: 'r' } });
    expect(why(run, ann, { act: 'cancel', body: signed })).toContain('not reported');
    run.runTo(at(due));
    expect(issuesOf(run).at(-1)).toMatchObject({ request: { accountableOrganisationId: SPONSOR } });
    expect(asked(run, bea, { act: 'report-breach', body: { reference: 'CTIS-7' } })).toBe('not_permitted');
    act(run, ann, { act: 'report-breach', body: { reference: 'CTIS-7' } });
    expect(run.state.breachReport).toMatchObject({ missedAt: due, reported: { personId: 'ann', reference: 'CTIS-7' } });
  });
});

describe('Q11 the severity after triage', () => {
  test('Q11 quality of the raising side signs another one, up or down; what runs is counted anew, and both plans stay', () => {
    const run = capaIn('investigation', { severity: 'major' });
    const before = dueOf(run, 'stage/plan') ?? '';
    const regrade = (severity: 'critical' | 'minor'): CapaCommand => ({ act: 'regrade', body: { severity, reason: 'r', running: [{ name: 'stage/plan', due: at(before) }] } });
    expect(asked(run, bea, regrade('critical'))).toBe('not_permitted');
    expect(asked(run, sam, regrade('minor'))).toBe('not_permitted');
    expect(capa.refuse(run.state, { actor: ann, command: regrade('critical') }, run.now)?.type).toBe('signature_required');
    act(run, ann, regrade('critical'));
    expect(dueOf(run, 'stage/plan')).not.toBe(before);
    expect(run.state.regradings).toMatchObject([{ from: 'major', to: 'critical', by: { personId: 'ann', signed: true }, before: [{ name: 'stage/plan', due: before }] }]);
    expect(told(run, 'regraded')).not.toEqual([]);
    act(run, amy, { act: 'regrade', body: { severity: 'minor', reason: 'smaller after all' } });
    expect(run.state.regradings).toHaveLength(2);
  });

  test('Q11 Q14 another severity voids the signatures of a plan in review, and a waiver that only a minor CAPA may have', () => {
    const run = capaIn('plan_review');
    act(run, bea, { act: 'approve-plan', body: signed });
    act(run, ann, { act: 'regrade', body: { severity: 'critical', reason: 'r' } });
    act(run, ben, { act: 'approve-plan', body: signed });
    expect(run.state.status).toBe('plan_review');
    const minor = capaIn('implementation_verified', { severity: 'minor' });
    act(minor, bob, { act: 'propose', body: { what: 'waiver', reason: 'r' } });
    act(minor, ann, { act: 'regrade', body: { severity: 'major', reason: 'r' } });
    expect(minor.state.proposals.waiver?.status).toBe('overtaken');
  });
});

describe('Q7 a closed CAPA', () => {
  test('Q7 is opened again by a signature of the raising side with its reason, without a recurrence: as another iteration', () => {
    const run = capaIn('closed');
    const again: CapaCommand = { act: 'reopen', body: { ...signed, reason: 'the restore of May failed the same way' } };
    expect(asked(run, bea, again)).toBe('not_permitted');
    expect(asked(run, ann, { act: 'reopen', body: signed })).toBe('rule_broken');
    expect(asked(run, ann, { act: 'reopen', body: { reason: 'r', signature: undefined } })).toBe('signature_required');
    act(run, ann, again);
    expect(run.state).toMatchObject({ status: 'investigation', iteration: 2, past: [{ outcome: 'reopened' }] });
  });
});

describe('which further acts are signed', () => {
  test.each<{ named: string; subject: string; from: () => Run; who: typeof bea; command: CapaCommand; meanings: readonly string[] }>([
    { named: 'Q16 triage', subject: 'triage', from: () => capaIn('triage'), who: bea, command: accept, meanings: ['approval'] },
    { named: 'Q1 containment', subject: 'containment', from: () => capaIn('containment'), who: bob, command: contained, meanings: ['author'] },
    { named: 'Q9 verification of an action', subject: 'action/c1', from: reportedC1, who: sam, command: { act: 'verify-action', body: { actionId: 'c1', accepted: true } }, meanings: ['verification'] },
    { named: 'Q8 an extension granted', subject: 'extension/1', from: askedForTime, who: bea, command: { act: 'grant-extension', body: { no: 1 } }, meanings: ['approval'] },
    { named: 'Q8 an extension declined', subject: 'extension/1', from: askedForTime, who: bea, command: { act: 'decline-extension', body: { no: 1, reason: 'r' } }, meanings: ['rejection'] },
  ])('P6 $named: unsigned it is refused, signed it covers the words, and it stands as long as its part', ({ subject, from, who, command, meanings }) => {
    const run = from();
    expect(capa.refuse(run.state, { actor: who, command }, run.now)?.type).toBe('signature_required');
    const { signable, stands } = signing(run, command.act, command.body);
    expect(signable).toMatchObject({ subject, meanings, content: { said: { ...command.body } } });
    expect(contentHashOf(capa.signable(run.state, command.act, { ...command.body, note: 'other words' } as unknown as Json)?.content ?? null)).not.toBe(contentHashOf(signable.content));
    act(run, who, command);
    expect(stands()).toBe('this_version');
  });

  test('P7 another severity leaves the acceptance of triage a signature of an earlier version', () => {
    const run = capaIn('triage');
    const { stands } = signing(run, 'accept', accept.body);
    act(run, bea, accept);
    act(run, ann, { act: 'regrade', body: { severity: 'critical', reason: 'r' } });
    expect(stands()).toBe('not_for_this_version');
  });

  test('P6 the step asks for the signature of exactly these words', () => {
    const run = capaIn('triage');
    const command: CapaCommand = { act: 'accept', body: { ...accept.body, ...signed } };
    expect(capa.apply(run.state, { actor: bea, command }, run.now).sign).toMatchObject({ grantId: 'grant', act: 'accept', subject: 'triage', contentHash: contentHashOf(capa.signable(run.state, 'accept', accept.body as unknown as Json)?.content ?? null) });
  });

  test('P6 what was done before these acts were signed goes on unsigned, and says so', () => {
    const run = capaOf();
    const earlier = capa.apply(run.state, { actor: bea, command: accept, earlier: true }, run.now);
    expect(capa.refuse(run.state, { actor: bea, command: accept, earlier: true }, run.now)).toBeUndefined();
    expect(earlier.sign).toBeUndefined();
    expect(unsignedActs(earlier.state)).toEqual(['accept']);
    act(run, bea, accept);
    expect(unsignedActs(run.state)).toEqual([]);
    bring(run, 'closed');
    expect(unsignedActs(run.state)).toEqual([]);
  });
});

function reportedC1(): Run {
  const run = capaIn('implementation');
  act(run, cal, { act: 'report-action', body: { actionId: 'c1', evidenceIds: ['ev-7'] } });
  return run;
}

function askedForTime(): Run {
  const run = capaIn('implementation');
  act(run, cal, { act: 'request-extension', body: { deadline: 'action/c1', newDue: plusMs(run.now, 60 * DAY_MS), justification: 'j', interimControl: 'i' } });
  return run;
}
