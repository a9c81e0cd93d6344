import type { Duration } from '../../../contracts/duration';
import { policySchema, type Ladder, type Severity } from '../../../contracts/policy';
import { DEFAULT_POLICIES } from '../../../domain/escalation/defaults';

/** `30 min`, `4 bh`, `2 bd`: as the defaults are written down. */
function written(duration: Duration): string {
  if (duration.kind === 'business') return `${String(duration.amount)} ${duration.unit === 'hours' ? 'bh' : 'bd'}`;
  const units = [['d', 86_400_000], ['h', 3_600_000], ['min', 60_000], ['s', 1000]] as const;
  const [unit, ms] = units.find(([, size]) => duration.ms % size === 0) ?? ['ms', 1];
  return `${String(duration.ms / ms)} ${unit}`;
}

const summary = (ladder: Ladder) => ({
  acknowledge: ladder.levels.map((level) => written(level.acknowledgeWithin)), progress: written(ladder.progressWithin), repeats: ladder.repeats,
  review: written(ladder.reviewWithin), resolution: written(ladder.resolveWithin), confirmation: written(ladder.confirmWithin),
  secondPerson: written(ladder.secondPersonWithin), acceptance: written(ladder.acceptWithin), warnAt: ladder.warnAt,
});

const BY_HAND: { readonly [S in Severity]: ReturnType<typeof summary> } = {
  critical: {
    acknowledge: ['30 min', '30 min', '1 h', '2 h'], progress: '4 h', repeats: 2, review: '1 d',
    resolution: '2 d', confirmation: '1 d', secondPerson: '1 d', acceptance: '1 h', warnAt: [0.5, 0.8],
  },
  major: {
    acknowledge: ['4 bh', '4 bh', '1 bd', '2 bd'], progress: '2 bd', repeats: 1, review: '2 bd',
    resolution: '10 bd', confirmation: '3 bd', secondPerson: '3 bd', acceptance: '4 bh', warnAt: [0.5, 0.8],
  },
  minor: {
    acknowledge: ['2 bd', '2 bd', '3 bd'], progress: '5 bd', repeats: 0, review: '10 bd',
    resolution: '30 bd', confirmation: '5 bd', secondPerson: '5 bd', acceptance: '1 bd', warnAt: [0.5, 0.8],
  },
};
const SEVERITIES = Object.keys(BY_HAND) as readonly Severity[];

function policy(key: string) {
  const found = DEFAULT_POLICIES.find((candidate) => candidate.key === key);
  if (!found) throw new Error(`no policy ${key}`);
  return found;
}

test.each(SEVERITIES)('E2 E3 E4 default timings of a %s issue', (severity) => {
  expect(summary(policy('default').ladders[severity])).toEqual(BY_HAND[severity]);
  expect(summary(policy('security').ladders[severity])).toEqual(BY_HAND[severity]);
});

test('E2 the levels are project manager with the study lead as deputy, study lead, quality head, executive', () => {
  const levels = policy('default').ladders.critical.levels.map(({ role, deputyRole }) => [role, deputyRole]);
  expect(levels).toEqual([['project_manager', 'study_lead'], ['study_lead', undefined], ['quality_head', undefined], ['executive', undefined]]);
  expect(policy('default').ladders.minor.levels.map(({ role }) => role)).toEqual(['project_manager', 'study_lead', 'quality_head']);
});

test('E2 topic security starts at the security officer', () => {
  for (const severity of SEVERITIES) expect(policy('security').ladders[severity].levels[0]?.role).toBe('security_officer');
});

test('E4 an exhausted critical issue goes to the executives', () => {
  expect(policy('default').ladders.critical.exhaustedTells).toEqual(['executive']);
});

test.each(SEVERITIES)('the demo climbs a level every 10 s, asks for progress after 30 s and does not repeat: %s', (severity) => {
  const { acknowledge, progress, repeats } = summary(policy('demo').ladders[severity]);
  expect(new Set(acknowledge)).toEqual(new Set(['10 s']));
  expect({ progress, repeats }).toEqual({ progress: '30 s', repeats: 0 });
});

test('P19 each default policy is valid, a first version, and says what it rests on', () => {
  for (const found of DEFAULT_POLICIES) {
    expect(policySchema.parse(found)).toEqual(found);
    expect(found.version).toBe(1);
  }
  expect(new Set(DEFAULT_POLICIES.map(({ key }) => key)).size).toBe(DEFAULT_POLICIES.length);
});
