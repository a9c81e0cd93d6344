import { escalation } from '../../domain/escalation/machine';
import { openStore, type Store } from '../../store/connection';
import { testSealer } from '../support/sealer';
import type { AuditDoc } from '../../store/schemas/audit';
import type { CommandDoc, NoticeDoc, RecordDoc, StepDoc } from '../../store/schemas/records';
import { verifyStore } from '../../store/verify';
import { cleanups } from '../faults/support/engines';
import { eventually } from '../support/world';
import { installationOf, RELEASES, restoreRelease, type Restored } from './restored';
import type { People } from './story.mjs';

const sponsor = 'study.lead@alpine.example';
const cro = 'study.lead@northstar.example';

describe.each(RELEASES)('what %s left behind', (release) => {
  let restored: Restored;
  let people: People;
  let store: Store;
  /** The records and the trail as the release left them. */
  let before: { records: Map<string, RecordDoc>; entries: { _id: unknown; hash: string }[]; at: string };
  const idOf = (as: string): string => restored.installation.records[as] ?? '';
  const old = (as: string): RecordDoc => {
    const record = before.records.get(idOf(as));
    if (!record) throw new Error(`the fixture has no record that is ${as}`);
    return record;
  };
  const present = async (as: string): Promise<RecordDoc> => {
    const record = await store.models.records.findById(idOf(as)).lean<RecordDoc>();
    if (!record) throw new Error(`${as} is gone`);
    return record;
  };
  /** `what` is the record, by what it is, and the act. */
  const act = (email: string, what: `${string}/${string}`, body: object = {}) => {
    const [as = '', name = ''] = what.split('/');
    return people.as(email)('POST', `/issues/${idOf(as)}/${name}`, body);
  };
  const steps = (recordId: string) => store.models.steps.find({ recordId }).sort({ rev: 1 }).lean<StepDoc[]>();

  beforeAll(async () => {
    restored = await restoreRelease(release);
    cleanup.add(restored.close);
    // The foundation's name for them; whoever comes later has `records`.
    const names = (await restored.main.listCollections().toArray()).map(({ name }) => name);
    const records = await restored.main.collection<RecordDoc & { _id: string }>(names.includes('issues') ? 'issues' : 'records').find().toArray();
    const entries = await restored.audit.collection('audit').find<{ _id: unknown; hash: string }>({}, { projection: { hash: 1 } }).toArray();
    before = { records: new Map(records.map((record) => [record._id, record])), entries, at: new Date().toISOString() };
  });
  const cleanup = cleanups();
  afterAll(cleanup.run);

  it('is brought to this release by its provisioning, whole', async () => {
    const provisioned = await restored.provision();
    expect(provisioned).toMatchObject({ code: 0, output: expect.stringContaining('provisioned') });
    store = await openStore({ sealer: testSealer(), uri: restored.mongodbUri });
    cleanup.add(store.close);
    const kept = await store.models.records.find({}, { _id: 1, rev: 1 }).lean<{ _id: string; rev: number }[]>();
    expect(new Map(kept.map(({ _id, rev }) => [_id, rev]))).toEqual(new Map([...before.records].map(([id, { rev }]) => [id, rev])));
    expect((await restored.main.listCollections({ name: 'issues' }).toArray())).toEqual([]);
    expect(await restored.provision()).toMatchObject({ code: 0, output: expect.stringContaining('provisioned') });
  });

  it('P14 is listed and shown to the people who could see it, by the worker and the API of this release', async () => {
    people = await restored.startServices();
    const { items } = await people.as(sponsor)('GET', '/issues?limit=200');
    const mine = [...before.records.values()].filter(({ number, visibleTo }) => number.startsWith('ISS-') && visibleTo.includes('alpine')).map(({ _id }) => _id);
    expect(mine.length).toBeGreaterThan(10);
    expect(items.map(({ id }: { id: string }) => id).toSorted()).toEqual(mine.toSorted());
    for (const [as, id] of Object.entries(restored.installation.records)) {
      if (!mine.includes(id)) continue;
      for (const view of ['', '/timeline', '/waiting', '/history']) await expect(people.as(sponsor)('GET', `/issues/${id}${view}`)).resolves.toBeDefined();
      expect([as, (await people.as(sponsor)('GET', `/issues/${id}`)).number]).toEqual([as, old(as).number]);
    }
  });

  it('E6 fires each deadline that passed in between, once, and says how late', async () => {
    const overdue = [...before.records.values()].flatMap(({ _id, armed }) => armed.filter(({ due, warning }) => due < before.at && warning === undefined).map(({ name, due }) => ({ _id, name, due })));
    expect(overdue.length).toBeGreaterThan(2);
    for (const { _id, name, due } of overdue) {
      const ended = await eventually(`${name} of ${_id}`, async () => {
        const found = (await steps(_id)).flatMap((step) => step.ended).filter((end) => end.name === name && end.due === due);
        return found.length > 0 && found;
      });
      expect(ended).toMatchObject([{ outcome: 'fired' }]);
      expect(ended[0]?.lateByMs).toBeGreaterThanOrEqual(Date.parse(before.at) - Date.parse(due));
    }
  });

  it('shows that lateness to whoever scrapes the worker: until it fired, and until somebody was told', async () => {
    const counted = (text: string, metric: string): number => Number(new RegExp(`^${metric}_count\\{capability="escalation"\\} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
    await eventually('both are counted', async () => {
      const text = await restored.metrics();
      return counted(text, 'cro_deadline_lateness_seconds') >= 3 && counted(text, 'cro_notice_lateness_seconds') >= 2 && /^cro_effects_total\{kind="notify",outcome="told"\} [1-9]/m.test(text);
    });
    expect(await restored.metrics()).not.toMatch(/alpine|northstar|ISS-/);
  });

  it('carries out the command that nobody had taken, once', async () => {
    const answered = await eventually('the old command has an answer', async () => {
      const found = await store.models.commands.findOne({ recordId: idOf('unanswered'), act: 'acknowledge' }).lean<CommandDoc>();
      return found?.status === 'answered' && found;
    }, 60_000);
    expect(answered.answer?.status).toBe(200);
    expect((await steps(idOf('unanswered'))).filter(({ key }) => key === answered._id)).toHaveLength(1);
  });

  it('tells the one who still waited to be told', async () => {
    const notice = await eventually('she is told', async () => {
      const found = await store.models.notices.findOne({ recordId: idOf('untold'), reason: 'assigned' }).lean<NoticeDoc>();
      return found?.status === 'told' && found;
    }, 60_000);
    expect(restored.mailbox.letters.filter(({ messageId }) => messageId === notice.messageId)).toHaveLength(1);
  });

  it('E9, E13 lets people go on: acknowledge, accept, confirm, cancel, take out of exhaustion', async () => {
    for (const email of [cro, sponsor]) await act(email, 'climbing/acknowledge');
    await act('quality@northstar.example', 'handedOver/accept');
    await act(sponsor, 'resolved/confirm');
    await act('quality.head@alpine.example', 'cancelling/confirm-cancel');
    for (const email of [cro, sponsor]) await act(email, 'exhausted/acknowledge');
    await act(cro, 'acknowledged/progress', { note: 'Found.' });
    await act(cro, 'acknowledged/resolve', { resolution: 'Delivered.' });
    await act(sponsor, 'regraded/regrade', { severity: 'minor', reason: 'One site after all.' });
    const statuses = await Promise.all(['climbing', 'resolved', 'cancelling', 'exhausted', 'acknowledged'].map(async (as) => (await present(as)).status));
    expect(statuses).toEqual(['acknowledged', 'closed', 'cancelled', 'acknowledged', 'resolved']);
  });

  it('lifts the state of a record to this release\'s shape when it moves', async () => {
    const { stateVersion, state } = await present('climbing');
    expect(stateVersion).toBe(escalation.version);
    expect(state).toMatchObject({ drill: false });
    expect((await present('promised')).armed).toEqual(expect.arrayContaining(old('promised').armed.filter(({ name }) => name === 'resolution')));
  });

  it('E14 P14 still knows the trigger; old records keep their numbers, new ones count within their study', async () => {
    const request = { studyId: 'alp-202', raisingOrganisationId: 'alpine', accountableOrganisationId: 'northstar', topic: 'data', severity: 'major', title: 'Again', description: 'The same feed.' };
    expect(await people.as(sponsor)('POST', '/issues', { ...request, dedupeKey: 'feed/lab-7' })).toMatchObject({ id: idOf('linked') });
    const { number } = await people.as(sponsor)('POST', '/issues', request);
    expect(number).toMatch(/^ISS-ALP-202-\d+$/);
    expect([...before.records.values()].map((record) => record.number)).not.toContain(number);
  });

  it('E1 P19 says of what was approved and published before signatures that it bears none; from now on it needs one', async () => {
    const lead = people.as(sponsor);
    const { items: rows } = await lead('GET', '/matrix');
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.flatMap(({ approvals }: { approvals: { signature: unknown }[] }) => approvals).filter(({ signature }: { signature: unknown }) => signature !== null)).toEqual([]);
    const { items: policies } = await lead('GET', '/policies');
    expect(policies.map(({ signatures }: { signatures: unknown[] }) => signatures.length)).toEqual(policies.map(() => 0));
    // Where CAPAs are new, their default was provisioned.
    expect((await lead('GET', '/capa-policies')).items).toEqual(expect.arrayContaining([expect.objectContaining({ key: 'default', version: 1 })]));
    const { createdAt: _at, rowKey: _key, version: _version, approvals: _approvals, proposalId: _proposal, effectiveFrom: _from, ...row } = rows[0];
    const { id } = await lead('POST', '/matrix/proposals', { ...row, propose: true });
    await expect(people.as('executive@alpine.example')('POST', `/matrix/proposals/${id}/approve`, {})).rejects.toThrow('signature_required');
  });

  it('tells nobody twice', async () => {
    await eventually('nothing is pending', async () => (await store.models.steps.exists({ effectsDone: false })) === null, 60_000);
    const earlier = new Set(restored.installation.told.map(({ id }) => id));
    const now = restored.mailbox.letters.map(({ messageId }) => messageId);
    expect(now.filter((id) => earlier.has(id))).toEqual([]);
    expect(new Set(now).size).toBe(now.length);
  });

  it('P2 says of what the trail held before that it bears no seal and no hash of documents; what came since bears both', async () => {
    const earlier = new Set(before.entries.map(({ hash }) => hash));
    const entries = await store.models.audit.find({}).lean<AuditDoc[]>();
    const [old, since] = [entries.filter(({ hash }) => earlier.has(hash)), entries.filter(({ hash }) => !earlier.has(hash))];
    expect(old.filter(({ seal, documents }) => seal !== undefined || documents !== undefined)).toEqual([]);
    expect(since.filter(({ seal }) => seal === undefined)).toEqual([]);
    const lastOf = (as: string) => since.filter(({ streamId }) => streamId === idOf(as)).at(-1);
    for (const as of ['climbing', 'resolved', 'acknowledged']) expect([as, lastOf(as)?.documents]).toEqual([as, expect.objectContaining({ state: expect.any(String), step: expect.any(String) })]);
    expect((await verifyStore(store)).unsealed).toBe(old.length);
  });

  it('P2 keeps the trail whole from its first entry to its last', async () => {
    const kept = new Set((await store.models.audit.find({}, { hash: 1 }).lean<{ hash: string }[]>()).map(({ hash }) => hash));
    expect(before.entries.filter(({ hash }) => !kept.has(hash))).toEqual([]);
    expect(kept.size).toBeGreaterThan(before.entries.length);
    expect(await verifyStore(store)).toMatchObject({ intact: true, findings: [] });
  });

  // Earlier releases had no CAPAs.
  if (installationOf(release).records['capaOpen'] !== undefined) {
    it('P3 Q10 a CAPA that was closed keeps its signatures, and its report is made', async () => {
      const quality = people.as('quality@alpine.example');
      const { items } = await quality('GET', `/records/${idOf('capaClosed')}/signatures`);
      expect(items).toHaveLength(12);
      expect(items.filter(({ verifies }: { verifies: boolean }) => !verifies)).toEqual([]);
      expect(await quality('GET', `/capas/${idOf('capaClosed')}`)).toMatchObject({ status: 'closed', iteration: 2 });
      expect(JSON.stringify(await quality('GET', `/capas/${idOf('capaClosed')}/report.json`))).toContain('restores are tested after every change');
    });

    it('P1 a CAPA that was being worked on goes on; versions of before say that the trail does not hold them', async () => {
      const rootCause = { method: 'five_why', chain: [{ why: 'they are missing', because: 'the reports are not due', evidenceIds: [] }], cause: { statement: '', categories: [] } };
      await people.as('project.manager@northstar.example')('POST', `/capas/${idOf('capaOpen')}/save`, { rootCause, reason: 'looked at again' });
      const { items } = await people.as('quality@alpine.example')('GET', `/capas/${idOf('capaOpen')}/versions`);
      expect(items.at(-1)).toMatchObject({ missing: null });
      expect(JSON.stringify(items.at(-1).changes)).toContain('the reports are not due');
      expect(items.slice(0, -1).map(({ missing }: { missing: string | null }) => missing).filter((missing: string | null) => missing === null)).toEqual([]);
    });
  }

  it('rebuilds no run: the ones that were there go on', async () => {
    expect(await store.models.audit.countDocuments({ action: { $in: ['run.rebuilt', 'run.rewound', 'run.terminated'] } })).toBe(0);
  });
});
