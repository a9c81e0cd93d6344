import { act, amy, ann, asked, at, bea, bob, CRO, drillOf, noticesOf, outsider, product, SPONSOR } from './drills';

const confirm = { act: 'confirm', body: {} } as const;

describe('reachability drill', () => {
  test('E15 every contact and deputy is told once, however many seats they hold, and must be reached', () => {
    const run = drillOf('reachability');
    expect(noticesOf(run, 'reachability').map(({ audience, mustReach, deadline }) => [audience, mustReach, deadline])).toEqual([
      ...[['ann', SPONSOR], ['amy', SPONSOR], ['bob', CRO], ['bea', CRO]].map(([personId, organisationId]) => [{ to: 'person', organisationId, personId }, true, 'window']),
    ]);
    expect(run.state.people.find(({ personId }) => personId === 'bea')?.seats).toEqual([{ level: 1, as: 'deputy' }, { level: 2, as: 'contact' }]);
    expect(run.armed.map(({ name, due }) => [name, due])).toEqual([['window', '2026-03-03T09:00:00.000Z']]);
  });

  test('E15 only those who were told confirm, each once, each for themselves', () => {
    const run = drillOf('reachability');
    expect([asked(run, outsider, confirm), asked(run, product, confirm)]).toEqual(['not_permitted', 'not_permitted']);
    run.runTo(at('2026-03-02T09:30:00Z'));
    act(run, bob, confirm);
    expect(asked(run, bob, confirm)).toBe('wrong_state');
    expect(run.state.answers.find(({ personId }) => personId === 'bob')?.confirmedAt).toBe('2026-03-02T09:30:00.000Z');
    expect(run.waiting()[0]?.movers.filter(({ acts }) => acts.includes('confirm')).map(({ personId }) => personId)).toEqual(['ann', 'amy', 'bea']);
  });

  test('E15 it ends when the window does, tells who started it, and takes no further confirmation', () => {
    const run = drillOf('reachability');
    act(run, bob, confirm);
    run.runTo(at('2026-03-03T09:00:00Z'));
    expect(run.state).toMatchObject({ status: 'reported', endedAt: '2026-03-03T09:00:00.000Z', endReason: 'the window is over' });
    expect(noticesOf(run, 'drill_ended').map(({ audience }) => audience)).toEqual([{ to: 'person', organisationId: SPONSOR, personId: 'ann' }]);
    expect([run.done, run.armed, asked(run, ann, confirm)]).toEqual([true, [], 'wrong_state']);
  });

  test('E15 it ends early when everybody who could be told has confirmed', () => {
    const run = drillOf('reachability', (effect) => (effect.intent.endsWith('/amy') ? 'nobody' : 'done'));
    expect(run.state.answers.find(({ personId }) => personId === 'amy')).toMatchObject({ unreachable: 'simulated: nobody' });
    for (const actor of [ann, bob]) act(run, actor, confirm);
    expect(run.done).toBe(false);
    act(run, bea, confirm);
    expect(run.state).toMatchObject({ status: 'reported', endReason: 'everybody who could be told has confirmed' });
    const late = drillOf('reachability', (effect) => (effect.intent.endsWith('/amy') ? 'failed' : 'done'));
    // A channel that failed does not keep a person from confirming what they found in the inbox.
    expect(asked(late, amy, confirm)).toBe('allowed');
  });

  test('P11 somebody who leaves is waited for no more', () => {
    const run = drillOf('reachability');
    act(run, product, { act: 'relieve', body: { personId: 'bob', deputyId: null, reason: 'left' } });
    for (const actor of [ann, amy, bea]) act(run, actor, confirm);
    expect(run.state.status).toBe('reported');
  });
});

describe('escalation fire drill', () => {
  const acknowledged = { act: 'issue-acknowledged', body: { recordId: 'opened by drill/d1/issue' } } as const;

  test('E15 it opens a marked issue on the real ladder, hears which, and ends it with the window', () => {
    const run = drillOf('escalation');
    expect(run.steps[0]?.effects).toMatchObject([{ kind: 'open', intent: 'drill/d1/issue', drill: true, request: { severity: 'critical', title: 'Fire drill' } }]);
    expect(run.state).toMatchObject({ issue: { recordId: 'opened by drill/d1/issue' }, links: [{ recordId: 'opened by drill/d1/issue', kind: 'causes' }] });
    run.runTo(at('2026-03-03T09:00:00Z'));
    expect(run.effects.filter(({ kind }) => kind === 'command')).toMatchObject([{ capability: 'escalation', recordId: 'opened by drill/d1/issue', act: 'end-drill', body: { reason: 'the window is over' } }]);
    expect(run.state.status).toBe('reported');
  });

  test('E15 it ends as soon as every side has acknowledged', () => {
    const run = drillOf('escalation');
    expect([asked(run, ann, acknowledged), asked(run, ann, confirm)]).toEqual(['not_permitted', 'not_permitted']);
    act(run, product, acknowledged);
    expect(run.state).toMatchObject({ status: 'reported', endReason: 'every side has acknowledged' });
    expect(run.effects.filter(({ kind }) => kind === 'command')).toHaveLength(1);
  });

  test('E15 either side may end it early, others not', () => {
    const run = drillOf('escalation');
    const end = { act: 'end', body: { reason: 'a real incident came' } } as const;
    expect([asked(run, outsider, end), asked(run, product, end)]).toEqual(['not_permitted', 'not_permitted']);
    act(run, bob, end);
    expect(run.state).toMatchObject({ status: 'reported', endReason: 'a real incident came' });
  });

  test('E15 an issue that is refused ends the drill with the reason', () => {
    const run = drillOf('escalation', (effect) => (effect.kind === 'open' ? 'failed' : 'done'));
    expect(run.state).toMatchObject({ status: 'reported', issue: { recordId: null, failure: 'simulated: failed' } });
  });
});
