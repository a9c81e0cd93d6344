import { Failure } from '../../../contracts/failures';
import { simulationSchema, type SimulationRequest } from '../../../contracts/simulation';
import { DEFAULT_POLICIES } from '../../../domain/escalation/defaults';
import { checkInstants } from '../../../domain/simulation/bounds';
import { simulate } from '../../../domain/simulation/simulate';
import { instantOf } from '../../../contracts/instant';
import { laddersSchema } from '../../../contracts/policy';
import { CRO, defaultPolicy, settingOf, SPONSOR } from './village';

const asked = (more: object): SimulationRequest => simulationSchema.parse({
  policy: { key: 'default' }, severity: 'critical', at: '2026-11-23T08:00:00Z', raisingOrganisationId: SPONSOR, accountableOrganisationId: CRO, ...more,
});
const fieldOf = (request: SimulationRequest): unknown => {
  try {
    checkInstants(request);
    return undefined;
  } catch (error) {
    if (!(error instanceof Failure) || error.type !== 'rule_broken') throw error;
    return (error.extra['errors'] as { field: string }[])[0]?.field;
  }
};
const act = (at: string) => ({ at, side: 'raising', act: 'acknowledge' });

test.each([
  ['raised in the last year that text can say', { at: '9999-12-31T00:00:00Z' }, 'at'], ['raised before any calendar', { at: '0001-01-01T00:00:00Z' }, 'at'],
  ['an act before the issue is raised', { acts: [act('2026-11-24T08:00:00Z'), act('2026-11-22T08:00:00Z')] }, 'acts.1.at'],
  ['an act long after its end', { acts: [act('9999-12-31T23:59:59Z')] }, 'acts.0.at'],
  ['the last instant that counts', { at: '2199-12-31T23:59:59.999Z' }, undefined], ['the first', { at: '1970-01-02T00:00:00Z' }, undefined],
])('P19 %s is refused by its field', (_, more, field) => {
  expect(fieldOf(asked(more))).toBe(field);
});

test.each(['1970-01-02T00:00:00Z', '2199-12-31T23:59:59.999Z'])('P19 what is not refused runs to its end: %s', (at) => {
  for (const severity of ['critical', 'major', 'minor'] as const) {
    const { end } = simulate({ policy: defaultPolicy(), severity, at: instantOf(Date.parse(at)), studyId: null, topic: 'data', raisingOrganisationId: SPONSOR, accountableOrganisationId: CRO, raisedBy: null, acts: [] }, settingOf());
    expect(['exhausted', 'bounded']).toContain(end.as);
  }
});

test('P19 a promise has a bound like every other span', () => {
  const ladders = DEFAULT_POLICIES[0]?.ladders;
  const parsed = laddersSchema.safeParse({ ...ladders, critical: { ...ladders?.critical, promiseAtMostMs: Number.MAX_SAFE_INTEGER } });
  expect(parsed.error?.issues.map(({ path }) => path.join('.'))).toEqual(['critical.promiseAtMostMs']);
});
