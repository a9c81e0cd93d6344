import type { PersonActor } from '../../contracts/actor';
import type { CapaCommand } from '../../contracts/capa';
import type { CapaState } from '../../contracts/capaState';
import { instantOf, plusMs } from '../../contracts/instant';
import type { ArmedDeadline, CommitRequest, Json, Step } from '../../contracts/step';
import { appendTo, canonicalText, emptyChain } from '../../domain/audit/chain';
import { contentVersions } from '../../domain/audit/versions';
import { CAPA_DEFAULT } from '../../domain/capa/defaults';
import { capa } from '../../domain/capa/machine';
import { contentOf } from '../../domain/records/content';
import { readChain } from '../../store/auditLog';
import { jsonOf } from '../../store/commands';
import { verifyStore } from '../support/verified';
import { chapters, FAILED_RESTORE, PARTS, type Player } from '../support/capaStory';
import { seedCast, SPONSOR } from '../support/cast';
import { committing } from '../support/committing';
import { freshStore, type FreshStore } from '../support/mongo';
import { testSealer } from '../support/sealer';
import { giveGrantFor } from '../support/signing';

const TIMEOUT_MS = 60_000;
const START = instantOf(Date.UTC(2026, 10, 23, 9));
const CONTENT = { title: FAILED_RESTORE.title, description: FAILED_RESTORE.description };
const actorOf = (personId: string): PersonActor => ({ kind: 'person', personId, organisationId: personId.split('/')[0] ?? '', role: personId.split('/')[1] ?? '', correlationId: 'c' });

describe('content in the trail of a stored record', () => {
  let fresh: FreshStore;
  beforeAll(async () => {
    fresh = await freshStore();
    await seedCast(fresh.store);
  }, TIMEOUT_MS);
  afterAll(() => fresh.drop(), TIMEOUT_MS);

  /** A CAPA whose every step goes through commit, without an engine; `texts` are its contents by revision, as the store had them. */
  async function played(id: string) {
    let now = START;
    let rev = 0;
    let armed: readonly ArmedDeadline[] = [];
    const texts = new Map<number, string>();
    const commit = committing(fresh.store, () => now);
    const stored = async () => (await fresh.store.models.records.findById(id).lean())?.state as unknown as CapaState;
    const committed = async (step: Step<CapaState>, by: string, act: string): Promise<void> => {
      rev += 1;
      const request: CommitRequest = {
        capability: 'capa', recordId: id, rev, at: now, step: step as unknown as Step<Json>, armed, source: { key: `k-${String(rev)}`, act, actor: actorOf(by) },
        run: { workflowId: `capa/${id}`, runId: 'run', definition: 'capa@1' }, ...(rev === 1 && { content: jsonOf(CONTENT) }),
      };
      const result = await commit(request);
      if (result.outcome !== 'applied') throw new Error(`${act}: ${JSON.stringify(result)}`);
      armed = result.armed;
      texts.set(rev, canonicalText({ ...CONTENT, ...contentOf('capa', jsonOf(await stored())) }));
      now = plusMs(now, 1000);
    };
    const player: Player = {
      now: () => Promise.resolve(now), state: stored, evidence: () => Promise.resolve('evidence-1'),
      async act(by, act, body) {
        const signable = capa.signable(await stored(), act, jsonOf(body));
        const signature = signable && await giveGrantFor(fresh.store, { recordId: id, act, signable, personId: by, organisationId: actorOf(by).organisationId, at: now });
        const command = { act, body: signature === undefined ? body : { ...body, signature } } as CapaCommand;
        const refusal = capa.refuse(await stored(), { command, actor: actorOf(by) }, now);
        if (refusal) throw new Error(`${act}: ${refusal.reason}`);
        await committed(capa.apply(await stored(), { command, actor: actorOf(by) }, now), by, act);
      },
    };
    const { title: _title, description: _description, ...request } = FAILED_RESTORE;
    await committed(capa.open({ id, number: `CAPA-${id}`, policy: CAPA_DEFAULT, sponsorOrganisationId: SPONSOR, raisedBy: PARTS.verifier, request }, now), PARTS.verifier, 'open');
    return { player, texts };
  }

  const chain = (id: string) => readChain(fresh.store, id, { limit: 1000 });
  const times = { actionAfterMs: 20 * 86_400_000, window: { kind: 'calendar', ms: 86_400_000 } } as const;
  const cause = (statement: string) => ({ rootCause: { method: 'five_why', chain: [], cause: { statement, categories: [] } } });

  it('P1 Q1 saved three times, returned once, revised once: without the record, the trail alone gives every version to the letter', async () => {
    const { player, texts } = await played('k-trail');
    await chapters.taken(player);
    await player.act(PARTS.owner, 'save', cause('the tape was full'));
    await player.act(PARTS.owner, 'save', cause('nobody looked at the tape 🗝'));
    await player.act(PARTS.owner, 'save', cause('no procedure asks for it'));
    await chapters.investigated(player, times);
    await player.act(PARTS.sponsorQuality, 'return', { comments: 'Name the second system.' });
    const { plan, rootCause } = await player.state();
    await player.act(PARTS.owner, 'submit', { rootCause: { ...rootCause, cause: { statement: 'neither system has a procedure', categories: ['procedure'] } }, reason: 'the second system is named' });
    await chapters.planSigned(player);
    await player.act(PARTS.owner, 'revise-plan', { plan: { ...plan, documents: ['SOP-7', 'SOP-8'] }, reason: 'SOP-8 came' });

    await fresh.admin.models.records.deleteOne({ _id: 'k-trail' });
    const versions = contentVersions(await chain('k-trail'));
    const byRevision = new Map(versions.map(({ version, content }) => [version, canonicalText(content)]));
    for (const [rev, text] of texts) expect(byRevision.get(rev) ?? byRevision.get(Math.max(...[...byRevision.keys()].filter((known) => known < rev)))).toBe(text);
    expect(versions.every(({ missing }) => missing === null)).toBe(true);

    const statements = (await chain('k-trail')).filter(({ field }) => field === 'rootCause/cause/statement');
    expect(statements.map(({ old, new: value, reason }) => [old, value, reason])).toEqual([
      ['the tape was full', 'nobody looked at the tape 🗝', undefined], ['nobody looked at the tape 🗝', 'no procedure asks for it', undefined],
      ['no procedure asks for it', 'no procedure asks for a restore test after a change', undefined],
      ['no procedure asks for a restore test after a change', 'neither system has a procedure', 'the second system is named'],
    ]);
    expect((await chain('k-trail')).filter(({ field }) => field?.startsWith('plan/documents') === true).map(({ field, new: value, reason }) => [field, value, reason])).toContainEqual(['plan/documents/1', 'SOP-8', 'SOP-8 came']);
  }, TIMEOUT_MS);

  it('P1 a record of a release that kept no content says so, and is held from its next step on', async () => {
    const { player, texts } = await played('k-old');
    // As an earlier release left it.
    const drafts = (await chain('k-old')).map(({ seq: _seq, prevHash: _prev, hash: _hash, documents: _documents, ...draft }) => draft);
    const { entries, head: { length, head } } = appendTo(emptyChain('k-old'), drafts);
    for (const entry of entries) {
      await fresh.admin.audit.collection<{ _id: string }>('audit').replaceOne({ _id: `k-old/${String(entry.seq)}` }, { ...entry, seal: testSealer().codeOf(entry.hash) });
    }
    await fresh.store.models.records.updateOne({ _id: 'k-old' }, { $unset: { contentRev: '' }, $set: { chain: { length, head } } });
    await chapters.taken(player);
    const versions = contentVersions(await chain('k-old'));
    expect((await chain('k-old')).filter(({ action }) => action === 'content.restated')).toMatchObject([{ detail: { rev: 1 }, actor: { kind: 'system', name: 'release' } }]);
    expect(canonicalText(versions.at(-1)?.content)).toBe(texts.get(versions.at(-1)?.version ?? 0));
    expect((await verifyStore(fresh.store, { recordId: 'k-old' })).intact).toBe(true);
  }, TIMEOUT_MS);
});
