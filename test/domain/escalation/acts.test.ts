import { escalation } from '../../../domain/escalation/machine';
import { PERSON_ACTS, type IssueStatus, type PersonAct } from '../../../contracts/escalation';
import { BODIES, Issue, SLOW, LADDER, acknowledged, amy, ann, at, bea, bob, commandOf, exhausted, outsider, policyOf, product, resolved, SPONSOR, CRO } from './issues';

const SYSTEM_ACTS = ['repeat', 'linked', 'relieve'] as const;

const IN: { readonly [S in IssueStatus]: () => Issue } = {
  open: () => new Issue(), acknowledged: () => acknowledged(), resolved: () => resolved(), closed: () => resolved().act(ann, 'confirm', {}),
  exhausted: () => exhausted(), cancelled: () => new Issue().act(ann, 'cancel', { reason: 'r' }).act(amy, 'confirm-cancel', {}),
};
const STATUSES = Object.keys(IN) as readonly IssueStatus[];
const NAMES: Readonly<Record<string, string>> = { y: 'allowed', w: 'wrong_state', n: 'not_permitted' };

/**
 * Act: by a second person of the accountable side, then of the raising side, in the order open, acknowledged, resolved,
 * closed, exhausted, cancelled. y allowed, w wrong_state, n not_permitted.
 */
const TABLE: { readonly [A in PersonAct]: readonly [accountable: string, raising: string] } = {
  acknowledge: ['ywwwyw', 'ywwwyw'],
  progress: ['wywwww', 'wywwww'],
  comment: ['yyywyw', 'yyywyw'],
  assign: ['yywwyw', 'yywwyw'],
  'hand-over': ['yywwyw', 'yywwyw'],
  accept: ['wwwwww', 'wwwwww'],
  // To a lesser severity, which is the raising side's to say.
  regrade: ['nnwwnw', 'yywwyw'],
  link: ['yyywyw', 'yyywyw'],
  share: ['nnnwnw', 'yyywyw'],
  // Nothing is shared yet.
  unshare: ['wwwwww', 'wwwwww'],
  escalate: ['yywwww', 'yywwww'],
  resolve: ['wywwww', 'nnnwnw'],
  confirm: ['nnnwnw', 'wwywww'],
  reject: ['nnnwnw', 'wwywww'],
  cancel: ['yywwyw', 'yywwyw'],
  'confirm-cancel': ['wwwwww', 'wwwwww'],
};

describe('P10 every act in every status', () => {
  test.each(PERSON_ACTS)('P10 %s', (act) => {
    const row = (actor: typeof ann) => STATUSES.map((status) => IN[status]().asked(actor, act, BODIES[act]));
    const [accountable, raising] = TABLE[act].map((letters) => Array.from(letters, (letter) => NAMES[letter]));
    expect({ accountable: row(bea), raising: row(amy) }).toEqual({ accountable, raising });
  });

  test.each(STATUSES)('P10 %s: an organisation without a seat may at most comment', (status) => {
    const over = status === 'closed' || status === 'cancelled';
    for (const act of PERSON_ACTS) {
      expect([act, IN[status]().asked(outsider, act, BODIES[act])]).toEqual([act, over ? 'wrong_state' : act === 'comment' ? 'allowed' : 'not_permitted']);
    }
  });

  test.each(STATUSES)('P10 %s: the product does its own acts only, people never do them', (status) => {
    const over = status === 'closed' || status === 'cancelled';
    for (const act of SYSTEM_ACTS) {
      expect([act, IN[status]().asked(product, act, BODIES[act])]).toEqual([act, over ? 'wrong_state' : 'allowed']);
      expect([act, IN[status]().asked(ann, act, BODIES[act])]).toEqual([act, over ? 'wrong_state' : 'not_permitted']);
    }
    for (const act of PERSON_ACTS) expect([act, IN[status]().asked(product, act, BODIES[act])]).toEqual([act, over ? 'wrong_state' : 'not_permitted']);
  });

  test('P10 a refused act leaves everything as it was', () => {
    const issue = acknowledged();
    const { state, steps, armed } = issue.run;
    const count = steps.length;
    expect(issue.run.command({ actor: ann, command: commandOf('resolve', { resolution: 'r' }) })?.type).toBe('not_permitted');
    expect(issue.run.state).toBe(state);
    expect(issue.run.armed).toBe(armed);
    expect(issue.run.steps).toHaveLength(count);
  });
});

describe('E14 the same trigger again', () => {
  test('E14 is a fact on the one issue and moves nothing', () => {
    const issue = new Issue({ request: { dedupeKey: 'kri/uptime' } });
    const before = { state: issue.state, armed: issue.run.armed, notices: issue.notices().length };
    issue.act(product, 'repeat', { dedupeKey: 'kri/uptime', title: 'uptime 99.4' }).act(product, 'repeat', { dedupeKey: 'kri/uptime', title: 'uptime 99.3' });
    expect(issue.facts('trigger.repeated').map(({ detail }) => detail)).toEqual([
      { dedupeKey: 'kri/uptime', title: 'uptime 99.4' }, { dedupeKey: 'kri/uptime', title: 'uptime 99.3' },
    ]);
    expect({ state: issue.state, armed: issue.run.armed, notices: issue.notices().length }).toEqual(before);
    expect(issue.state.dedupeKey).toBe('kri/uptime');
  });
});

describe('P19 the policy is pinned', () => {
  test('P19 the issue keeps the version that it was opened under, and says so', () => {
    const issue = new Issue();
    expect(issue.state.policy).toEqual(policyOf());
    expect(issue.state.plans).toEqual([{ severity: 'critical', policyKey: 'test', policyVersion: 7, from: '2026-03-02T09:00:00.000Z', reason: 'opened' }]);
    expect(issue.facts('issue.opened')[0]?.detail).toMatchObject({ policy: 'test/7', matrixVersion: 3 });
  });

  test('P19 regrading re-plans from now, keeps both plans and says why', () => {
    const issue = new Issue().to('09:45').act(bob, 'acknowledge', {}).to('09:59').act(ann, 'regrade', { severity: 'major', reason: 'no patient affected' });
    expect(issue.state).toMatchObject({ severity: 'major', policy: { version: 7 } });
    expect(issue.state.plans.map(({ severity, from }) => [severity, from])).toEqual([['critical', '2026-03-02T09:00:00.000Z'], ['major', '2026-03-02T09:59:00.000Z']]);
    expect(issue.facts('plan.changed')).toMatchObject([{ old: { severity: 'critical' }, new: { severity: 'major' }, reason: 'no patient affected' }]);
    // Now plus 8 h to progress, 4 d to resolve; level 3 of the short ladder does not exist, its last is level 2 with 3 h.
    expect(issue.armed('progress/accountable')?.due).toBe(at('2026-03-02T17:59:00Z'));
    expect(issue.armed('resolution')?.due).toBe(at('2026-03-06T09:59:00Z'));
    expect(issue.track('raising')).toMatchObject({ status: 'climbing', level: 2 });
    expect(issue.armed('ack/raising')?.due).toBe(at('2026-03-02T12:59:00Z'));
    expect(issue.to('12:59').track('raising').status).toBe('exhausted');
  });

  test('P19 regrading to a longer ladder goes on upwards from the level it had', () => {
    const issue = new Issue({ request: { severity: 'minor' } }).to('11:00').act(ann, 'regrade', { severity: 'critical', reason: 'worse' });
    expect(issue.track('accountable')).toMatchObject({ level: 2, round: 1 });
    expect(issue.to('11:20').track('accountable').level).toBe(3);
  });

  test('P19 regrading to a shorter ladder leaves no track on a level that is not there', () => {
    const issue = new Issue().to('09:45').act(bob, 'acknowledge', {}).act(ann, 'acknowledge', {}).act(ann, 'regrade', { severity: 'minor', reason: 'r' });
    expect(issue.state.tracks.map(({ level, status }) => [level, status])).toEqual([[2, 'acknowledged'], [2, 'acknowledged']]);
    issue.act(bob, 'resolve', { resolution: 'r' }).act(ann, 'reject', { reason: 'r' });
    expect(issue.notices('rejected').map(({ audience }) => audience)).toMatchObject([{ level: 2 }]);
  });

  test('P19 the deadlines that the old plan had end as replaced', () => {
    const issue = new Issue().act(ann, 'regrade', { severity: 'major', reason: 'r' });
    expect(issue.run.ended.map(({ name, outcome }) => `${name} ${outcome}`).sort()).toEqual(['ack/accountable replaced', 'ack/raising replaced', 'resolution replaced']);
  });

  test('P19 regrading an issue under review moves the review, and takes no exhaustion back', () => {
    const issue = exhausted({ policy: policyOf({ critical: LADDER, major: { ...SLOW, reviewWithin: LADDER.acceptWithin } }) }).act(ann, 'regrade', { severity: 'major', reason: 'r' });
    expect(issue.armed('review')?.due).toBe(at('2026-03-02T12:00:00Z'));
    expect(issue.state.status).toBe('exhausted');
  });

  test('P19 an exhausted track that the new plan has further levels for climbs on, and the review ends', () => {
    const issue = new Issue({ request: { severity: 'minor' } }).act(ann, 'acknowledge', {}).to('14:00').act(ann, 'regrade', { severity: 'critical', reason: 'a subject is affected' });
    expect(issue.ladderOf('accountable')).toEqual(['0m L1', '120m L2', '300m L3']);
    expect(issue.state).toMatchObject({ status: 'open', underReview: false });
    expect(issue.waits()).toEqual(['ack/accountable', 'resolution']);
    expect(issue.armed('ack/accountable')?.due).toBe(at('2026-03-02T14:30:00Z'));
    expect(issue.notices('level').at(-1)).toMatchObject({ mustReach: true, audience: { side: 'accountable', level: 3 } });
    expect(issue.to('15:29').ladderOf('accountable').slice(3)).toEqual(['330m L1', '340m L2', '360m L3']);
    expect(issue.to('15:30').state).toMatchObject({ status: 'exhausted', underReview: true });
  });

  test('P19 business time is counted on the calendar of the side that owes', () => {
    const issue = new Issue({ at: at('2026-03-02T13:00:00Z'), ladder: { levels: [{ role: 'study_lead', acknowledgeWithin: { kind: 'business', unit: 'hours', amount: 4 } }] } });
    // New York opens at 14:00Z; Berlin works from 08:00Z to 16:30Z, 3.5 h are left that day.
    expect(issue.armed('ack/accountable')?.due).toBe(at('2026-03-02T18:00:00Z'));
    expect(issue.armed('ack/raising')?.due).toBe(at('2026-03-03T08:30:00Z'));
    expect(issue.armed('ack/raising')?.calendar).toEqual({ organisationId: SPONSOR, version: 3, tzdb: '2025c' });
  });
});

describe('links and shares', () => {
  test('a link is kept on this record and sent to the other, once', () => {
    const issue = new Issue().act(ann, 'link', { recordId: 'i2', kind: 'relates_to', note: 'same site' });
    expect(issue.state.links).toEqual([{ recordId: 'i2', kind: 'relates_to' }]);
    expect(issue.run.effects.filter(({ kind }) => kind === 'command')).toEqual([
      { kind: 'command', intent: 'escalation/i1/link/i2/relates_to', recordId: 'i2', act: 'linked', body: { recordId: 'i1', kind: 'relates_to' } },
    ]);
    expect(issue.asked(ann, 'link', { recordId: 'i2', kind: 'relates_to' })).toBe('wrong_state');
    expect(issue.asked(ann, 'link', { recordId: 'i1', kind: 'relates_to' })).toBe('rule_broken');
  });

  test('a link from the other side is not doubled', () => {
    const issue = new Issue().act(product, 'linked', { recordId: 'i2', kind: 'relates_to' }).act(product, 'linked', { recordId: 'i2', kind: 'relates_to' });
    expect(issue.state.links).toHaveLength(1);
  });

  test('P14 a share can be widened; its entry is seen by the parties and the one it names', () => {
    const issue = new Issue().act(ann, 'share', { organisationId: 'cro-2', extent: 'summary', reason: 'r' }).act(ann, 'share', { organisationId: 'cro-2', extent: 'whole', reason: 'r' });
    expect(issue.state.shares).toEqual([{ organisationId: 'cro-2', extent: 'whole' }]);
    expect(issue.facts('issue.shared')[0]?.visibleTo).toEqual([SPONSOR, CRO, 'cro-2']);
    expect(issue.asked(ann, 'share', { organisationId: 'cro-2', extent: 'whole', reason: 'r' })).toBe('wrong_state');
    expect(issue.asked(ann, 'share', { organisationId: CRO, extent: 'whole', reason: 'r' })).toBe('wrong_state');
  });

  test('P14 a share names the consents that it rests on, to the parties only, and the other party is told', () => {
    const issue = new Issue().act(ann, 'share', { organisationId: 'cro-2', extent: 'whole', reason: 'r', consents: [{ id: 'c1', organisationId: CRO }] });
    expect(issue.state.shares).toEqual([{ organisationId: 'cro-2', extent: 'whole', consentIds: ['c1'] }]);
    expect(issue.facts('share.consented')).toMatchObject([{ detail: { consentId: 'c1', by: CRO }, visibleTo: [SPONSOR, CRO] }]);
    expect(JSON.stringify(issue.facts('issue.shared'))).not.toContain('c1');
    expect(issue.notices('share_changed').map(({ audience }) => audience.organisationId)).toEqual([CRO]);
  });

  test('P14 a share is taken back by its owner, or by the party that had to agree; both acts stay', () => {
    const shared = (request = {}, consents: { id: string; organisationId: string }[] = []) => new Issue({ request }).act(ann, 'share', { organisationId: 'cro-2', extent: 'whole', reason: 'r', consents });
    const body = { organisationId: 'cro-2', reason: 'the contract ended' };
    const issue = shared().act(ann, 'unshare', body);
    expect(issue.state.shares).toEqual([]);
    expect(issue.facts('issue.shared')).toHaveLength(1);
    expect(issue.facts('issue.unshared')).toMatchObject([{ old: 'cro-2', new: null, reason: 'the contract ended', visibleTo: [SPONSOR, CRO, 'cro-2'] }]);
    expect(shared().asked(bea, 'unshare', body)).toBe('not_permitted');
    expect(shared().asked(bea, 'unshare', { ...body, holdsFiles: true })).toBe('allowed');
    expect(shared({ studyId: 's' }).asked(bea, 'unshare', body)).toBe('allowed');
    expect(shared({}, [{ id: 'c1', organisationId: CRO }]).asked(bea, 'unshare', body)).toBe('allowed');
    expect(shared({ studyId: 's' }).asked(outsider, 'unshare', body)).toBe('not_permitted');
  });
});

test('a state of another version is not taken for this one', () => {
  expect(escalation.migrate(JSON.parse(JSON.stringify(new Issue().state)), 1)).toEqual(new Issue().state);
  expect(() => escalation.migrate({}, 0)).toThrow(RangeError);
});

describe('nobody buys time or does away with an issue', () => {
  test('E13 two people of the side it was raised against cannot cancel it', () => {
    const issue = new Issue().act(bob, 'cancel', { reason: 'not ours' });
    expect(issue.asked(bea, 'confirm-cancel', {})).toBe('separation_of_duties');
    expect(issue.asked(ann, 'confirm-cancel', {})).toBe('allowed');
  });

  test('the accountable side raises a severity, and never lowers it', () => {
    const issue = new Issue({ request: { severity: 'major' } });
    expect(issue.asked(bob, 'regrade', { severity: 'minor', reason: 'r' })).toBe('not_permitted');
    expect(issue.asked(bob, 'regrade', { severity: 'critical', reason: 'r' })).toBe('allowed');
    expect(issue.asked(ann, 'regrade', { severity: 'minor', reason: 'r' })).toBe('allowed');
  });

  test('E3 a promise reaches as far as the severity allows, and the refusal says how far', () => {
    const issue = new Issue({ ladder: { promiseAtMostMs: 24 * 3_600_000 } }).act(bob, 'acknowledge', {});
    expect(issue.asked(bob, 'progress', { note: 'n', nextUpdateAt: '2026-03-03T09:00:00Z' })).toBe('allowed');
    expect(issue.run.command({ actor: bob, command: commandOf('progress', { note: 'n', nextUpdateAt: '2026-03-03T09:00:01Z' }) })).toMatchObject({ type: 'rule_broken', reason: expect.stringContaining('at most 24 h') });
  });

  test('what nothing waits for any more was lifted, not met', () => {
    const issue = new Issue().act(bob, 'acknowledge', {}).act(bob, 'resolve', { resolution: 'r' });
    const outcomes = Object.fromEntries(issue.run.ended.map(({ name, outcome }) => [name, outcome]));
    expect(outcomes).toEqual({ 'ack/accountable': 'met', 'progress/accountable': 'met', resolution: 'met', 'ack/raising': 'lifted' });
  });

  test('E14 triggered again while it waits for confirmation: the confirming side is told', () => {
    expect(resolved().act(product, 'repeat', { dedupeKey: 'k', title: 't' }).notices('trigger_repeated')).toMatchObject([{ audience: { side: 'raising' } }]);
  });

  test('a link says on the other record what it means from there', () => {
    const issue = new Issue().act(ann, 'link', { recordId: 'i2', kind: 'blocks' });
    expect(issue.run.effects.at(-1)).toMatchObject({ recordId: 'i2', act: 'linked', body: { recordId: 'i1', kind: 'blocked_by' } });
  });
});
