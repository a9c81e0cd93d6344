import type { CapaState } from '../../contracts/capaState';
import { instantOf } from '../../contracts/instant';
import type { PersonActor } from '../../contracts/actor';
import type { ArmedDeadline, CommitRequest, Json, Step } from '../../contracts/step';
import { CAPA_DEFAULT } from '../../domain/capa/defaults';
import { capa } from '../../domain/capa/machine';
import { jsonOf } from '../../store/commands';
import { FAILED_RESTORE, PARTS } from '../support/capaStory';
import { seedCast, SPONSOR } from '../support/cast';
import { committing } from '../support/committing';
import { freshStore, type FreshStore } from '../support/mongo';

const NOW = instantOf(Date.UTC(2026, 10, 23, 9));
const actorOf = (personId: string): PersonActor => ({ kind: 'person', personId, organisationId: personId.split('/')[0] ?? '', role: personId.split('/')[1] ?? '', correlationId: 'c' });

describe('a step that is the other side\'s to make', () => {
  let fresh: FreshStore;
  beforeAll(async () => {
    fresh = await freshStore();
    await seedCast(fresh.store);
  }, 120_000);
  afterAll(() => fresh.drop());

  test('Q2 Q9 commit asks for it too: what waited while the record moved on is refused, and nothing is stored', async () => {
    let armed: readonly ArmedDeadline[] = [];
    const commit = committing(fresh.store, () => NOW);
    const send = async (step: Step<CapaState>, { rev, by, act }: { rev: number; by: string; act: string }) => {
      const { title, description } = FAILED_RESTORE;
      const request: CommitRequest = {
        capability: 'capa', recordId: 'k-deed', rev, at: NOW, step: step as unknown as Step<Json>, armed, source: { key: `${by}-${String(rev)}`, act, actor: actorOf(by) },
        run: { workflowId: 'capa/k-deed', runId: 'run', definition: 'capa@1' }, ...(rev === 1 && { content: jsonOf({ title, description }) }),
      };
      const result = await commit(request);
      if (result.outcome === 'applied') armed = result.armed;
      return result;
    };
    const { title: _title, description: _description, ...request } = FAILED_RESTORE;
    const opened = capa.open({ id: 'k-deed', number: 'CAPA-1', policy: CAPA_DEFAULT, sponsorOrganisationId: SPONSOR, raisedBy: PARTS.verifier, raisedFrom: SPONSOR, openedBy: SPONSOR, request: { ...request, draft: true } }, NOW);
    expect(await send(opened, { rev: 1, by: PARTS.verifier, act: 'open' })).toMatchObject({ outcome: 'applied' });
    const submitted = (by: string) => capa.apply(opened.state, { command: { act: 'submit', body: {} }, actor: actorOf(by) }, NOW);
    expect(await send(submitted(PARTS.owner), { rev: 2, by: PARTS.owner, act: 'submit' })).toMatchObject({ outcome: 'refused', type: 'not_permitted', reason: 'the raising side submits its draft' });
    expect(await fresh.store.models.records.findById('k-deed').lean()).toMatchObject({ rev: 1, status: 'draft' });
    expect(await send(submitted(PARTS.verifier), { rev: 2, by: PARTS.verifier, act: 'submit' })).toMatchObject({ outcome: 'applied' });
  });
});
