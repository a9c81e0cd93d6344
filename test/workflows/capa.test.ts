import type { CapaAct, CapaPersonCommand, OpenCapa } from '../../contracts/capa';
import type { CapaState } from '../../contracts/capaState';
import type { Role } from '../../contracts/people';
import { plusMs } from '../../contracts/instant';
import { calendarDays } from '../../contracts/spans';
import type { Json } from '../../contracts/step';
import { capa } from '../../domain/capa/machine';
import { isSignedAct } from '../../domain/capa/signable';
import { prepareCapa } from '../../store/capaOpening';
import { signaturesOf } from '../../store/signatures';
import { verifyStore } from '../../store/verify';
import { CRO, personOf, SPONSOR, STUDY } from '../support/cast';
import { actOn, openPrepared, recordsOf } from '../support/pathways';
import { giveGrantFor } from '../support/signing';
import { openSkippingWorld, type SkippingWorld } from '../support/timeSkipping';
import { actorFor, eventually } from '../support/world';

const cro = (role: Role) => personOf(CRO, role);
const sponsor = (role: Role) => personOf(SPONSOR, role);
const DAY_MS = 86_400_000;

const REQUEST: OpenCapa = {
  studyId: STUDY, topic: 'backup', title: 'Restore failed', description: 'See the test', severity: 'major', classification: 'corrective', raisingOrganisationId: SPONSOR, accountableOrganisationId: CRO,
  source: { type: 'audit_finding', reference: 'AUD-7' }, problem: { what: 'the restore failed', where: 'eTMF', when: 'quarterly test', extent: 'all documents' },
};

/** A CAPA over months, on a server that skips time. The stories follow one another. */
describe('a CAPA on the real path', () => {
  let world: SkippingWorld;
  let id = '';
  beforeAll(async () => {
    world = await openSkippingWorld();
    await world.startWorker();
    await world.until('2040-02-06T09:00:00.000Z');
  });
  afterAll(() => world.close());

  const record = async () => {
    const found = (await recordsOf(world, 'capa')).find(({ _id }) => _id === id);
    if (!found) throw new Error('no CAPA');
    return { ...found, state: found.state as unknown as CapaState };
  };
  const act = async (by: string, act_: CapaAct, body: CapaPersonCommand['body']): Promise<void> => {
    let said = body as unknown as { readonly [key: string]: Json };
    const signable = isSignedAct(act_) ? capa.signable((await record()).state, act_) : undefined;
    if (signable) {
      const signature = await giveGrantFor(world.fresh.store, { recordId: id, act: act_, signable, personId: by, organisationId: actorFor(by).organisationId, at: await world.now() });
      said = { ...said, signature };
    }
    await actOn(world, { capability: 'capa', id, by }, { act: act_, body: said });
  };

  it('Q1 Q10 Q16 P5 from its opening to a plan that both organisations have signed', async () => {
    const at = await world.now();
    const answer = await openPrepared(world, await prepareCapa(world.fresh.store, { request: REQUEST, actor: actorFor(sponsor('study_lead')), commandId: 'capa-1', at }), at);
    expect(answer.status).toBe(201);
    id = (answer.body as { id: string }).id;
    await act(cro('quality'), 'accept', { ownerId: cro('project_manager'), seriousBreach: { answer: 'no', reason: 'no datum is concerned' } });
    const owner = cro('project_manager');
    await act(owner, 'submit', { containment: { measures: [{ text: 'a second copy', evidenceIds: [] }], noneBecause: '' } });
    const now = await world.now();
    await act(owner, 'submit', {
      rootCause: { method: 'five_why', chain: ['a', 'b', 'c'].map((why) => ({ why, because: why, evidenceIds: ['ev-1'] })), cause: { statement: 's', categories: ['procedure'] } },
      extentCheck: { lookedAt: 'all systems', finding: 'isolated', detail: '', evidenceIds: [] }, riskBefore: { likelihood: 3, impact: 4 },
      plan: {
        actions: [{ id: 'c1', kind: 'corrective', description: 'test restores', ownerId: cro('contributor'), organisationId: CRO, due: plusMs(now, 10 * DAY_MS) }], documents: [],
        effectiveness: { metric: 'm', baseline: '0', target: '3', window: calendarDays(90), sampleSize: 3, source: 's', measuredBy: 'manual', assessorId: cro('quality_head'), assessorOrganisationId: CRO },
      },
    });
    await act(cro('quality'), 'approve-plan', {});
    expect((await record()).status).toBe('plan_review');
    await expect(act(owner, 'approve-plan', {})).rejects.toMatchObject({ type: 'not_permitted' });
    await act(sponsor('quality'), 'approve-plan', {});
    expect((await record()).status).toBe('plan_approved');
    expect((await signaturesOf(world.fresh.store, id)).map(({ act: signed, organisationId }) => [signed, organisationId])).toEqual([['approve-plan', CRO], ['approve-plan', SPONSOR]]);
  });

  it('Q8 Q12 the late action opens an issue, linked on both; an extension moves the durable timer', async () => {
    await act(cro('project_manager'), 'start', {});
    const due = (await record()).state.actions[0]?.due ?? '';
    await world.until(due);
    await eventually('the issue is linked', async () => (await record()).state.links.some(({ kind }) => kind === 'causes'));
    const issueId = (await record()).state.links.find(({ kind }) => kind === 'causes')?.recordId ?? '';
    await eventually('on both', async () => ((await world.issue(issueId)).state as { links: { recordId: string }[] }).links.some(({ recordId }) => recordId === id));
    // People look after it; left alone it would climb for months.
    await world.act(issueId, { act: 'acknowledge', body: {} }, cro('project_manager'));
    await world.act(issueId, { act: 'resolve', body: { resolution: 'more time is asked for' } }, cro('project_manager'));
    await world.act(issueId, { act: 'confirm', body: {} }, sponsor('study_lead'));
    await act(cro('contributor'), 'request-extension', { deadline: 'action/c1', newDue: plusMs(await world.now(), 5 * DAY_MS), justification: 'j', interimControl: 'i', currentDue: null });
    await act(cro('quality'), 'grant-extension', { no: 1 });
    const { armed, state } = await record();
    expect(armed.find(({ name }) => name === 'action/c1')?.due).toBe(state.extensions[0]?.to);
    expect(state.actions[0]).toMatchObject({ originalDue: due, due: state.extensions[0]?.to });
  });

  it('Q6 the effectiveness check is due on the exact day, 90 days after the implementation was verified', async () => {
    await act(cro('contributor'), 'report-action', { actionId: 'c1', evidenceIds: ['ev-2'] });
    await act(sponsor('study_lead'), 'verify-action', { actionId: 'c1', accepted: true });
    await act(cro('project_manager'), 'submit', { adverseCheck: { finding: 'none', detail: 'looked at', evidenceIds: [] } });
    await act(cro('quality'), 'verify-implementation', {});
    await act(sponsor('quality'), 'verify-implementation', {});
    const { verifiedAt } = (await record()).state;
    await act(cro('project_manager'), 'start-monitoring', {});
    const due = plusMs(verifiedAt ?? await world.now(), 90 * DAY_MS);
    expect((await record()).armed.find(({ name }) => name === 'monitoring')?.due).toBe(due);
    await world.until(plusMs(due, -60_000));
    expect((await record()).status).toBe('monitoring');
    await world.until(plusMs(due, 60_000));
    await eventually('the check is due', async () => (await record()).status === 'effectiveness_check');
  });

  it('Q7 P2 effective, closed by both, watched for twelve months, then over; every chain is intact', async () => {
    await act(cro('quality_head'), 'save', { result: { outcome: 'effective', measured: '3', sampleSize: 3, evidenceIds: ['ev-3'], note: '' } });
    await act(cro('quality_head'), 'assess', {});
    await act(cro('project_manager'), 'submit', { closure: { summary: 's', riskAfter: { likelihood: 1, impact: 4 } } });
    await act(cro('quality'), 'approve-closure', {});
    await act(sponsor('quality'), 'approve-closure', {});
    const closed = await record();
    expect([closed.status, closed.done]).toEqual(['closed', false]);
    await world.until(closed.armed.find(({ name }) => name === 'recurrence-watch')?.due ?? '');
    await eventually('the watch is over', async () => (await record()).done);
    expect(await signaturesOf(world.fresh.store, id)).toHaveLength(7);
    expect((await verifyStore(world.fresh.store, { recordId: id })).intact).toBe(true);
  });
});
