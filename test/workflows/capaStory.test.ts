import type { Response } from 'supertest';
import type { CapaState } from '../../contracts/capaState';
import { plusMs } from '../../contracts/instant';
import { calendarDays } from '../../contracts/spans';
import type { Store } from '../../store/connection';
import { verifyStore } from '../support/verified';
import { openCapaSite, type CapaSite, type Visitor } from '../support/capaSite';
import { chapters, FAILED_RESTORE, PARTS, planOf, type Player } from '../support/capaStory';
import { CRO, SPONSOR } from '../support/cast';
import { openSkippingWorld, type SkippingWorld } from '../support/timeSkipping';
import { eventually } from '../support/world';

const DAY_MS = 86_400_000;
const TIMES = { actionAfterMs: 10 * DAY_MS, window: calendarDays(90) };
const { owner, croQuality, sponsorQuality, worker, verifier, assessor } = PARTS;

/** Through the API, as people do it: sessions, credentials entered again, months that pass. The stories follow one another. */
describe('the story of a failed restore', () => {
  let world: SkippingWorld;
  let site: CapaSite;
  let player: Player;
  let id = '';
  beforeAll(async () => {
    world = await openSkippingWorld();
    await world.startWorker();
    await world.until('2040-02-06T09:00:00.000Z');
    site = await openCapaSite(world, [croQuality, sponsorQuality, assessor, PARTS.owner, PARTS.verifier]);
  });
  afterAll(() => world.close());

  const refusals: string[] = [];
  /** 409 with its reason, and in the trail of the record. */
  const refused = async (attempt: Promise<Response>, reason: RegExp): Promise<void> => {
    const { status, body } = await attempt;
    expect([status, (body as { detail: string }).detail]).toEqual([409, expect.stringMatching(reason)]);
    refusals.push((body as { detail: string }).detail);
  };
  const as = async (personId: string) => site.as(personId);
  const state = () => player.state();
  const dueOf = async (name: string) => (await world.issue(id)).armed.find((deadline) => deadline.name === name)?.due;

  test('P8 Q1 Q2 Q16 the finding is opened, taken in spite of a new role of who signs, and investigated; no state is skipped', async () => {
    const { source: _source, problem, classification, ...said } = FAILED_RESTORE;
    const recorded = await (await as(verifier)).post('/findings', { ...said, problem, classification, auditReference: 'AUD-2040-7', auditDate: '2040-02-01', findingNo: '3', category: 'backup_and_recovery' });
    expect(recorded.status).toBe(201);
    const finding = async () => (await (await as(verifier)).get(`/findings/${(recorded.body as { id: string }).id}`)).body as { capa: { id: string; status: string | null } };
    id = await eventually('its CAPA is in triage', async () => { const { capa } = await finding(); return capa.status === 'triage' && capa.id; });
    player = site.player(id);
    expect((await state()).source).toEqual({ type: 'audit_finding', recordId: (recorded.body as { id: string }).id, reference: 'AUD-2040-7, finding 3' });
    await refused((await as(owner)).post(`/capas/${id}/start`, {}), /triage/);
    await refused((await as(croQuality)).post(`/capas/${id}/approve-closure`, {}), /triage/);
    await addNewRole(site.deps.store);
    await chapters.taken(player);
    await world.fresh.admin.main.collection<{ _id: string }>('memberships').deleteOne({ _id: NEW_ROLE });
    await chapters.investigated(player, TIMES);
    expect((await state()).status).toBe('plan_review');
  });

  test('P7 a session without credentials, a grant of another session, another record, used or expired: refused and kept', async () => {
    const other = await site.open(FAILED_RESTORE, verifier);
    await chapters.taken(site.player(other));
    await chapters.investigated(site.player(other), TIMES);
    const use = (by: Visitor, recordId: string, signature: string) => by.post(`/capas/${recordId}/approve-plan`, { signature });
    const grantOf = async (by: Visitor) => ((await by.grant(other, 'approve-plan', 'approval')).body as { id: string }).id;
    const quality = await as(croQuality);
    const why = ({ status, body }: Response) => [status, (body as { why?: string }).why ?? (body as { type: string }).type];
    expect(why(await quality.post('/signing-grants', { recordId: other, act: 'approve-plan', meaning: 'approval', zone: 'Europe/Zurich' }))).toEqual([401, '/problems/credentials_needed']);
    const grant = await grantOf(quality);
    expect(why(await use(quality, id, grant))).toEqual([403, 'other_record']);
    expect(why(await use(await site.elsewhere(croQuality), other, grant))).toEqual([403, 'other_session']);
    expect(why(await use(quality, other, 'made-up'))).toEqual([403, 'unknown']);
    const tooLate = await grantOf(quality);
    expect(why(await use(quality, other, grant))).toEqual([200, undefined]);
    expect(why(await use(quality, id, grant))).toEqual([403, 'used']);
    await site.until(plusMs(await player.now(), 61_000));
    expect(why(await use(quality, id, tooLate))).toEqual([403, 'expired']);
    const kept = ((await quality.get(`/audit?record=${id}&stream=refusals`)).body as { items: { detail: { type: string } }[] }).items;
    expect(kept.filter(({ detail }) => detail.type === 'grant_invalid')).toHaveLength(3);
    expect((await state()).approvals).toEqual([]);
    // Left alone it would be overdue in every month that follows.
    const second = site.player(other);
    await second.act(croQuality, 'propose', { what: 'cancellation', reason: 'opened twice' });
    await second.act(sponsorQuality, 'cancel', {});
  });

  test('Q9 Q10 P5 the plan is signed by quality of both; the same signer twice, and an unsigned approval, are refused', async () => {
    const unsigned = await (await as(croQuality)).post(`/capas/${id}/approve-plan`, {});
    expect([unsigned.status, (unsigned.body as { type: string }).type]).toEqual([403, '/problems/signature_required']);
    await player.act(croQuality, 'approve-plan', {});
    await refused((await as(croQuality)).post(`/capas/${id}/approve-plan`, {}), /another person/);
    await player.act(sponsorQuality, 'approve-plan', {});
    await refused((await as(owner)).post(`/capas/${id}/save`, { plan: planOf(await player.now(), TIMES) }), /plan approved/);
    await player.act(owner, 'start', {});
    expect((await state()).approvals.map(({ gate, organisationId }) => [gate, organisationId])).toEqual([['plan', CRO], ['plan', SPONSOR]]);
  });

  test('Q8 a due date is not patched, nor moved by revising the plan', async () => {
    const before = await dueOf('action/c1');
    await refused((await as(owner)).patch(`/capas/${id}`, { actions: [{ id: 'c1', due: '2041-01-01T00:00:00Z' }] }), /request-extension/);
    await refused((await as(owner)).post(`/capas/${id}/revise-plan`, { plan: planOf(await player.now(), { ...TIMES, actionAfterMs: 99 * DAY_MS }), reason: 'more time' }), /ask for an extension/);
    expect(await dueOf('action/c1')).toBe(before);
  });

  test('Q12 Q8 Q15 the late action opens an issue on the ordinary ladder; an extension moves the timer and keeps both dates', async () => {
    const [{ due, originalDue } = { due: '', originalDue: '' }] = (await state()).actions;
    await site.until(due);
    const issueId = await eventually('the issue is linked', async () => (await state()).links.find(({ kind }) => kind === 'causes')?.recordId);
    const issue = async () => (await (await as(verifier)).get(`/issues/${issueId}`)).body as { status: string; links: { recordId: string; kind: string }[] };
    await eventually('on both', async () => (await issue()).links.some(({ recordId, kind }) => recordId === id && kind === 'caused_by'));
    for (const [by, act, body] of [[owner, 'acknowledge', {}], [owner, 'resolve', { resolution: 'more time is asked for' }], [verifier, 'confirm', {}]] as const) {
      expect((await (await as(by)).post(`/issues/${issueId}/${act}`, body)).status).toBe(200);
    }
    const newDue = plusMs(await player.now(), 5 * DAY_MS);
    await player.act(worker, 'request-extension', { deadline: 'action/c1', newDue, justification: 'the new volume comes next week', interimControl: 'a second copy each night' });
    await player.act(croQuality, 'grant-extension', { no: 1 });
    expect((await state()).actions).toMatchObject([{ originalDue, due: newDue }]);
    expect(await dueOf('action/c1')).toBe(newDue);
  });

  test('Q6 Q7 ineffective after 90 days to the day: the second iteration of the same CAPA', async () => {
    await chapters.implemented(player);
    const due = plusMs((await state()).verifiedAt ?? await player.now(), 90 * DAY_MS);
    expect(await dueOf('monitoring')).toBe(due);
    await refused((await as(croQuality)).post(`/capas/${id}/approve-closure`, {}), /monitoring/);
    await site.until(plusMs(due, -60_000));
    expect((await state()).status).toBe('monitoring');
    await site.until(plusMs(due, 60_000));
    await eventually('the check is due', async () => (await state()).status === 'effectiveness_check');
    await chapters.assessed(player, 'ineffective');
    expect(await state()).toMatchObject({ id, iteration: 2, status: 'investigation', past: [{ no: 1, outcome: 'ineffective' }] });
  });

  test('Q7 effective at the second attempt: closed by both, watched for a year, over', async () => {
    await chapters.investigated(player, TIMES);
    await chapters.planSigned(player);
    await chapters.implemented(player);
    await site.until(plusMs((await state()).verifiedAt ?? await player.now(), 90 * DAY_MS + 60_000));
    await eventually('the check is due', async () => (await state()).status === 'effectiveness_check');
    await refused((await as(croQuality)).post(`/capas/${id}/approve-closure`, {}), /effectiveness check/);
    await chapters.assessed(player, 'effective');
    await chapters.closed(player);
    const shown = (await (await as(sponsorQuality)).get(`/capas/${id}`)).body as { status: string };
    expect(shown.status).toBe('closed');
    await site.until(await dueOf('recurrence-watch') ?? '');
    await eventually('the watch is over', async () => (await world.issue(id)).done);
  });

  test('P2 P5 every refusal is in the trail, seventeen signatures stand with name and meaning, every chain is intact', async () => {
    const quality = await as(sponsorQuality);
    const trail = (await quality.get(`/audit?record=${id}&stream=refusals`)).body as { items: { action: string; reason: string; detail: { type: string } }[] };
    const kept = trail.items.filter(({ action }) => action === 'act.refused').map(({ reason }) => reason);
    expect(refusals).toHaveLength(8);
    for (const reason of refusals) expect(kept.some((said) => said.includes(reason) || reason.includes(said))).toBe(true);
    const signed = (await quality.get(`/records/${id}/signatures`)).body as { items: { printedName: string; meaning: string; organisationName: string; verifies: boolean; standing: string; version: number; subject: string }[] };
    expect(signed.items).toHaveLength(17);
    expect(signed.items.every(({ verifies, printedName, organisationName }) => verifies && printedName !== '' && organisationName !== '')).toBe(true);
    expect(signed.items.filter(({ subject }) => subject === 'plan').map(({ standing }) => standing)).toEqual(['not_for_this_version', 'not_for_this_version', 'this_version', 'this_version']);
    expect(await verifyStore(world.fresh.store)).toMatchObject({ intact: true, findings: [] });
    expect((await state() satisfies CapaState).past).toHaveLength(1);
  });
});

const NEW_ROLE = 'm-new';

/** A role by which nobody signs yet: it keeps its person from nothing that an older one allows. */
async function addNewRole({ models }: Store): Promise<void> {
  const given = { _id: NEW_ROLE, personId: croQuality, organisationId: CRO, role: 'contributor', studyId: null, systemIds: [], from: '2020-01-01T00:00:00.000Z', until: null, signsFrom: '2999-01-01T00:00:00.000Z' };
  await models.memberships.create([{ ...given, rev: 1, active: true, chain: {}, createdAt: 'x', updatedAt: 'x' } as never]);
}
