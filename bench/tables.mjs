/** The timed budgets of the engine as a table: product, bare Temporal, their ratio, what is allowed. */
export function engineTables({ subjects, replay, memory }) {
  const ours = subjects['cro-oversight'];
  const bare = subjects['bare Temporal'];
  const ratio = (a, b) => Math.round((a / b) * 100) / 100;
  const rows = [
    ['issues opened per second, 32 callers', ours.startsPerSecond, bare.startsPerSecond, ratio(ours.startsPerSecond, bare.startsPerSecond), '≥ 0.7'],
    ['acknowledge at 20 a second, p50 ms', ours.steadyAcknowledgeMs.p50, bare.steadyAcknowledgeMs.p50, ratio(ours.steadyAcknowledgeMs.p50, bare.steadyAcknowledgeMs.p50), '–'],
    ['acknowledge at 20 a second, p99 ms', ours.steadyAcknowledgeMs.p99, bare.steadyAcknowledgeMs.p99, ratio(ours.steadyAcknowledgeMs.p99, bare.steadyAcknowledgeMs.p99), '≤ 1.5'],
    ['acknowledge as fast as it goes, p50 ms', ours.load.acknowledgeMs.p50, bare.load.acknowledgeMs.p50, ratio(ours.load.acknowledgeMs.p50, bare.load.acknowledgeMs.p50), '–'],
    ['level told late by, p50 ms', ours.load.latenessMs.p50, bare.load.latenessMs.p50, ratio(ours.load.latenessMs.p50, bare.load.latenessMs.p50), '–'],
    ['level told late by, p99 ms', ours.load.latenessMs.p99, bare.load.latenessMs.p99, ratio(ours.load.latenessMs.p99, bare.load.latenessMs.p99), '–'],
    [`replay of ${replay.events} events (bare: ${replay.bareEvents}), ms`, replay.productMs, replay.bareMs, replay.ratio, '≤ 1.5'],
    [`memory per open issue, ${memory.open.join(' to ')} open, KiB`, memory.perIssueKib, '–', '–', '≤ 30'],
    ['after kill -9 of the worker: first overdue told, ms', ours.recovery.firstAfterMs, bare.recovery.firstAfterMs, '–', '–'],
    ['after kill -9 of the worker: last overdue told, ms', ours.recovery.lastAfterMs, bare.recovery.lastAfterMs, '–', '–'],
    ['lost / told twice', `${ours.recovery.lost} / ${ours.recovery.repeated}`, `${bare.recovery.lost} / ${bare.recovery.repeated}`, '–', '0'],
  ];
  return table(['what', 'cro-oversight', 'bare Temporal', 'ratio', 'budget'], rows);
}

/** The same case on other engines. */
export function peerTable(results) {
  const rows = results.map((one) => [
    one.engine, one.startsPerSecond, `${one.acknowledgeMs.p50} / ${one.acknowledgeMs.p99}`, `${one.latenessMs.p50} / ${one.latenessMs.p99}`,
    `${one.recovery.firstAfterMs} / ${one.recovery.lastAfterMs}`, `${one.recovery.lost} / ${one.recovery.repeated}`, one.keeps,
  ]);
  return table(['engine', 'starts/s', 'acknowledge p50 / p99 ms', 'late p50 / p99 ms', 'recovery first / last ms', 'lost / twice', 'what it keeps'], rows);
}

function table(head, rows) {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}
