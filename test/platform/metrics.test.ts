import { createMetrics } from '../../platform/metrics';

describe('metrics', () => {
  test('each registry stands alone, so two may live in one process', async () => {
    const [first, second] = [createMetrics({ processMetrics: false }), createMetrics({ processMetrics: false })];
    first.commands.inc({ capability: 'escalation', act: 'acknowledge', outcome: 'applied' });
    expect(await first.registry.metrics()).toContain('cro_commands_total{capability="escalation",act="acknowledge",outcome="applied"} 1');
    expect(await second.registry.metrics()).not.toContain('act="acknowledge"');
  });

  test('lateness tells a second from a minute from a day', async () => {
    const { deadlineLatenessSeconds, registry } = createMetrics({ processMetrics: false });
    for (const seconds of [0.3, 40, 80_000]) deadlineLatenessSeconds.observe({ capability: 'escalation' }, seconds);
    const text = await registry.metrics();
    for (const [bucket, count] of [['1', 1], ['60', 2], ['14400', 2], ['86400', 3]]) {
      expect(text).toContain(`cro_deadline_lateness_seconds_bucket{le="${String(bucket)}",capability="escalation"} ${String(count)}`);
    }
  });

  test('a label that is not foreseen is refused', () => {
    const { effects } = createMetrics({ processMetrics: false });
    expect(() => { effects.inc(JSON.parse('{"recipient":"a@example.org"}') as object); }).toThrow(/label/);
  });

  test('Node\'s own metrics are there when asked for', async () => {
    expect(await createMetrics({ processMetrics: true }).registry.metrics()).toContain('nodejs_eventloop_lag_seconds');
    expect(await createMetrics({ processMetrics: false }).registry.metrics()).not.toContain('nodejs_');
  });
});
