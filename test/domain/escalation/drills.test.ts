import { ann, bob, Issue, product } from './issues';

const told = (issue: Issue) => issue.run.effects.filter((effect) => effect.kind === 'command').map(({ intent, recordId, act, body }) => ({ intent, recordId, act, body }));
const byDrill = { recordId: 'd1', kind: 'caused_by' } as const;

describe('a fire drill and its issue', () => {
  test('E15 the drill hears when every side has acknowledged, not before', () => {
    const issue = new Issue({ drill: true }).act(product, 'linked', byDrill).act(bob, 'acknowledge', {});
    expect(told(issue)).toEqual([]);
    issue.act(ann, 'acknowledge', {});
    expect(told(issue)).toEqual([{ intent: 'escalation/i1/drill/d1/2', recordId: 'd1', act: 'issue-acknowledged', body: { recordId: 'i1' } }]);
  });

  test('E15 a link that comes after the acknowledgements is answered at once, a repeated one not again', () => {
    const issue = new Issue({ drill: true }).act(bob, 'acknowledge', {}).act(ann, 'acknowledge', {});
    expect(told(issue)).toEqual([]);
    issue.act(product, 'linked', byDrill).act(product, 'linked', byDrill);
    expect(told(issue)).toHaveLength(1);
    expect(issue.state.links).toEqual([byDrill]);
  });

  test('E15 an issue that was acknowledged, slept and is acknowledged again says so under another intent', () => {
    const issue = new Issue({ drill: true }).act(product, 'linked', byDrill).act(bob, 'acknowledge', {}).act(ann, 'acknowledge', {}).to('13:30');
    expect(issue.state.status).toBe('open');
    issue.act(bob, 'acknowledge', {});
    expect(new Set(told(issue).map(({ intent }) => intent)).size).toBe(2);
  });

  test('a real issue tells no drill', () => {
    const issue = new Issue().act(product, 'linked', byDrill).act(bob, 'acknowledge', {}).act(ann, 'acknowledge', {});
    expect(told(issue)).toEqual([]);
  });
});
