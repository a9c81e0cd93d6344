import { epochMsOf, type Instant } from '../../contracts/instant';
import type { BacktestedIssue, CourseSummary } from '../../contracts/simulation';
import type { Side } from '../../contracts/policy';
import type { Effect, EndedDeadline } from '../../contracts/step';
import { noticeOf } from './tellings';

/** A committed step, recorded or virtual, as far as a course is judged by it. */
export interface CourseStep {
  readonly at: Instant;
  readonly act: string;
  /** On which side its actor stands; null: the product's own. */
  readonly side: Side | null;
  readonly effects: readonly Effect[];
  readonly ended: readonly EndedDeadline[];
}

/** What a course amounted to. Recorded and replayed ones are measured alike. */
export function courseOf(steps: readonly CourseStep[]): CourseSummary {
  const notices = steps.flatMap((step) => step.effects.filter((effect) => effect.kind === 'notify').map(noticeOf));
  const openedAt = steps[0]?.at;
  const levelOn = (side: Side): number => Math.max(0, ...notices.map(({ audience }) => (audience.to === 'level' && audience.side === side ? audience.level : 0)));
  const acknowledgedOn = (side: Side): number | null => {
    const at = steps.find((step) => step.act === 'acknowledge' && step.side === side)?.at;
    return at === undefined || openedAt === undefined ? null : epochMsOf(at) - epochMsOf(openedAt);
  };
  return {
    levels: { accountable: levelOn('accountable'), raising: levelOn('raising') },
    tellings: notices.length,
    missed: missedIn(steps),
    exhausted: notices.some((notice) => notice.reason === 'exhausted'),
    acknowledgedAfterMs: { accountable: acknowledgedOn('accountable'), raising: acknowledgedOn('raising') },
  };
}

function missedIn(steps: readonly CourseStep[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const { name, outcome } of steps.flatMap((step) => step.ended)) {
    if (name.includes('#') || (outcome !== 'fired' && outcome !== 'missed')) continue;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Names of what two courses differ in. */
export function differing(recorded: CourseSummary, candidate: CourseSummary): readonly string[] {
  const missed = [...new Set([...Object.keys(recorded.missed), ...Object.keys(candidate.missed)])].sort();
  const compared: readonly (readonly [string, unknown, unknown])[] = [
    ...(['accountable', 'raising'] as const).map((side) => [`levels.${side}`, recorded.levels[side], candidate.levels[side]] as const),
    ['tellings', recorded.tellings, candidate.tellings],
    ...missed.map((name) => [`missed.${name}`, recorded.missed[name] ?? 0, candidate.missed[name] ?? 0] as const),
    ['exhausted', recorded.exhausted, candidate.exhausted],
    ...(['accountable', 'raising'] as const).map((side) => [`acknowledgedAfterMs.${side}`, recorded.acknowledgedAfterMs[side], candidate.acknowledgedAfterMs[side]] as const),
  ];
  return compared.filter(([, before, after]) => before !== after).map(([name]) => name);
}

/** What a policy would have changed over many issues. */
export interface BacktestSummary {
  readonly issues: number;
  /** Issues whose course would have differed; that climbed higher on a side, or lower on one and higher on none. */
  readonly changed: number;
  readonly higher: number;
  readonly lower: number;
  readonly tellings: { readonly recorded: number; readonly candidate: number };
  readonly missed: { readonly recorded: number; readonly candidate: number };
  readonly exhausted: { readonly recorded: number; readonly candidate: number };
  readonly refusedActs: number;
}

/** The sum of many replays. */
export function summaryOf(items: readonly BacktestedIssue[]): BacktestSummary {
  const sum = (of: (issue: BacktestedIssue) => number): number => items.reduce((total, issue) => total + of(issue), 0);
  const sums = (of: (course: CourseSummary) => number) => ({ recorded: sum((issue) => of(issue.recorded)), candidate: sum((issue) => of(issue.candidate)) });
  const climbs = ({ recorded, candidate }: BacktestedIssue): readonly number[] => (['accountable', 'raising'] as const).map((side) => candidate.levels[side] - recorded.levels[side]);
  const isHigher = (issue: BacktestedIssue): boolean => climbs(issue).some((levels) => levels > 0);
  return {
    issues: items.length,
    changed: items.filter((issue) => issue.differs.length > 0).length,
    higher: items.filter(isHigher).length,
    lower: items.filter((issue) => !isHigher(issue) && climbs(issue).some((levels) => levels < 0)).length,
    tellings: sums((course) => course.tellings),
    missed: sums((course) => Object.values(course.missed).reduce((total, times) => total + times, 0)),
    exhausted: sums((course) => (course.exhausted ? 1 : 0)),
    refusedActs: sum((issue) => issue.refused.length),
  };
}
