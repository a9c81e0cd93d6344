import { parse } from 'yaml';
import { refusalStreamOf } from '../../contracts/ids';
import type { RecordDoc } from '../../store/schemas/records';
import { ALERTMANAGER_REMEDY, alertmanagerExecutable, startAlertmanager, type Alertmanager } from '../support/alertmanager';
import { CRO, personOf } from '../support/cast';
import { exampleOf } from '../support/hookSources';
import { openHookWorld, type HookWorld } from '../support/hookWorld';
import type { Requests } from '../support/issuesApi';
import { testWhen } from '../support/needs';
import { eventually } from '../support/world';

const withAlertmanager = testWhen(alertmanagerExecutable !== undefined, ALERTMANAGER_REMEDY);
interface Printed { readonly route: object; readonly receivers: readonly { readonly webhook_configs: readonly object[] }[] }
const FLAPPING = { alertname: 'BackupMissing', system: 'edc', severity: 'page' };

describe('a stock Alertmanager', () => {
  let hooks: HookWorld;
  let alertmanager: Alertmanager;
  let cro: Requests;
  let source: { id: string; path: string; secret: string };

  beforeAll(async () => {
    if (alertmanagerExecutable === undefined) return;
    hooks = await openHookWorld();
    cro = await hooks.api.as(personOf(CRO, 'study_lead'));
    source = await hooks.addSource('alertmanager', 'Prometheus of the sponsor');
    // The configuration that the documentation prints, quicker, and with somebody who guesses the token.
    const printed = parse(exampleOf('alertmanager').replace('https://oversight.example.org/api/v1/hooks/SOURCE_ID', `${hooks.url}${source.path}`)) as Printed;
    const [receiver] = printed.receivers;
    const [webhook] = receiver?.webhook_configs ?? [];
    const withToken = (name: string, credentials: string) => ({ name, webhook_configs: [{ ...webhook, http_config: { authorization: { credentials } } }] });
    alertmanager = await startAlertmanager({
      route: {
        ...printed.route, group_wait: '1s', group_interval: '1s', repeat_interval: '2s',
        routes: [{ receiver: 'forger', matchers: ['alertname="Forged"'] }],
      },
      receivers: [withToken('oversight', source.secret), withToken('forger', 'src_guessed')],
    });
  });
  afterAll(async () => {
    if (alertmanagerExecutable === undefined) return;
    await alertmanager.stop();
    await hooks.close();
  });

  const issues = () => hooks.world.fresh.store.models.records.find({ capability: 'escalation' }).lean<RecordDoc[]>();
  const facts = async (id: string): Promise<string[]> => {
    const { body } = await cro.get(`/issues/${id}/timeline`) as { body: { facts: { action: string; actor: { name: string } }[] } };
    return body.facts.filter(({ action }) => /^(issue\.opened|trigger\.)/.test(action)).map(({ action, actor }) => `${action} by ${actor.name}`);
  };
  const factsBecome = async (id: string, expected: readonly string[]): Promise<void> => {
    await eventually(`the facts ${expected.join(', ')}`, async () => (await facts(id)).length >= expected.length);
    expect(await facts(id)).toEqual(expected.map((action) => `${action} by source/${source.id}`));
  };
  const clearings = (id: string) => hooks.world.fresh.store.models.notices.find({ recordId: id, reason: 'trigger_cleared' }).lean();

  withAlertmanager('E14, P12 a flapping alert opens one issue; each all-clear reaches it and its owner, and people close it', async () => {
    await alertmanager.fire(FLAPPING, { summary: 'No backup of EDC since Sunday' });
    const issue = await eventually('an issue', async () => (await issues())[0]);
    expect(issue).toMatchObject({
      status: 'open', severity: 'critical', topic: 'monitoring', accountableOrganisationId: CRO,
      content: { title: 'No backup of EDC since Sunday', description: expect.stringContaining('alertname=BackupMissing, severity=page, system=edc') as string },
    });
    expect(issue.content.description).toMatch(/Delivered by the source "Prometheus of the sponsor", authenticated by a bearer token\.$/);
    const owner = personOf(CRO, 'contributor');
    expect((await cro.post(`/issues/${issue._id}/assign`, { personId: owner })).status).toBe(200);
    // Alertmanager says it again every two seconds: nobody needs to hear that.
    const before = hooks.delivered.length;
    await eventually('three resends', () => Promise.resolve(hooks.delivered.length >= before + 3));
    await factsBecome(issue._id, ['issue.opened']);

    await alertmanager.resolve(FLAPPING);
    await factsBecome(issue._id, ['issue.opened', 'trigger.cleared']);
    await alertmanager.fire(FLAPPING, { summary: 'No backup of EDC since Sunday' });
    await factsBecome(issue._id, ['issue.opened', 'trigger.cleared', 'trigger.repeated']);
    expect((await cro.get(`/issues/${issue._id}`)).body).toMatchObject({ clearedAt: null });
    await alertmanager.resolve(FLAPPING);
    await factsBecome(issue._id, ['issue.opened', 'trigger.cleared', 'trigger.repeated', 'trigger.cleared']);

    const told = await eventually('the owner told of both clearings', async () => {
      const notices = (await clearings(issue._id)).filter(({ status }) => status === 'told');
      return notices.length >= 2 && notices;
    });
    expect(told.map(({ personId }) => personId)).toEqual([owner, owner]);
    expect(await issues()).toHaveLength(1);
    const { body } = await cro.get(`/issues/${issue._id}`);
    expect(body).toMatchObject({ status: 'open', sourceId: source.id, clearedAt: expect.stringMatching(/Z$/) as string });
    expect(new Set(hooks.delivered)).toEqual(new Set([200, 201]));
  });

  withAlertmanager('P12 with a wrong token it is refused, and that is written down', async () => {
    const stream = refusalStreamOf(`source/${source.id}`);
    await alertmanager.fire({ alertname: 'Forged' });
    const refusal = await eventually('a refusal', async () => (await hooks.world.fresh.store.models.audit.findOne({ streamId: stream }).lean()) ?? undefined);
    expect(refusal).toMatchObject({ action: 'act.refused', reason: expect.stringMatching(/^the bearer token is wrong; from /) as string, detail: { type: 'bad_signature' } });
    expect(await issues()).toHaveLength(1);
    expect(alertmanager.log()).toContain('unexpected status code 401');
    expect((await hooks.admin.get(`/sources/${source.id}/refusals`)).body).toMatchObject({ items: expect.arrayContaining([expect.objectContaining({ seq: 1, action: 'act.refused' })]) as object[] });
  });
});
