import type { Duration } from '../../contracts/duration';
import type { Role } from '../../contracts/people';
import { laddersSchema, type GivenLadder, type GivenLadders, type Ladders, type PolicyFinding, type Severity } from '../../contracts/policy';
import { findCycles } from './cycles';
import { badSpan, checkWarnings, error, warning } from './findings';
import { isZero, msText, spanText, typicalMs } from './spans';

/** Where a policy is to work: an organisation, on one study or on all of them, and the roles that somebody holds there. */
export interface StaffedScope {
  readonly name: string;
  readonly held: readonly Role[];
}

const SEVERITIES: readonly Severity[] = ['critical', 'major', 'minor'];
/** Every further round tells the same people again: an alarm that never ends is one that is muted (EEMUA 191). */
const REPEATS_AT_MOST = 20;
const LEVELS_AT_MOST = 8;
/** A ladder that climbs for longer has no bound that anybody would live to see. */
const CLIMB_AT_MOST_MS = 366 * 24 * 3_600_000;

/**
 * What is wrong or doubtful about drafted ladders, each with the path to the fault. Errors first;
 * without errors the ladders satisfy {@link laddersSchema}.
 */
export function checkLadders(given: GivenLadders, scopes: readonly StaffedScope[] = []): readonly PolicyFinding[] {
  const found = [
    ...SEVERITIES.flatMap((severity) => checkLadder(given[severity], { severity, scopes })),
    ...slowerWhenGraver(given),
  ];
  const errors = found.filter((finding) => finding.severity === 'error');
  return errors.length > 0 ? [...errors, ...found.filter((finding) => finding.severity === 'warning')] : [...unnamed(given), ...found];
}

/** The ladders, once {@link checkLadders} found no error. Throws ZodError otherwise. */
export function soundLadders(given: GivenLadders): Ladders {
  return laddersSchema.parse(given);
}

interface Place {
  readonly severity: Severity;
  readonly scopes: readonly StaffedScope[];
}

function checkLadder(ladder: GivenLadder, place: Place): readonly PolicyFinding[] {
  const path = `ladders.${place.severity}`;
  const at = (finding: PolicyFinding): PolicyFinding => ({ ...finding, field: `${path}.${finding.field}` });
  return [
    ...checkLevels(ladder), ...vacancies(ladder, place.scopes), ...findCycles(ladder), ...checkBound(ladder), ...checkSpans(ladder), ...checkWarnings(ladder),
    ...(place.severity === 'critical' ? officeHours(ladder) : []),
  ].map(at);
}


function checkLevels({ levels }: GivenLadder): readonly PolicyFinding[] {
  if (levels.length === 0) return [error('levels', 'a ladder without a level tells nobody')];
  const many = levels.length > LEVELS_AT_MOST ? [error('levels', `at most ${String(LEVELS_AT_MOST)} levels`)] : [];
  const empty = levels.flatMap((level, index) => (level.role ? [] : [error(`levels.${String(index)}.role`, 'vacant: a level needs a role that is told')]));
  return [...many, ...empty];
}

/** A level that nobody stands on is skipped (E7), so it is a doubt, not a fault: people change faster than policies. */
function vacancies({ levels }: GivenLadder, scopes: readonly StaffedScope[]): readonly PolicyFinding[] {
  return levels.flatMap(({ role, deputyRole }, index) => {
    if (!role) return [];
    const vacant = scopes.filter(({ held }) => !held.includes(role) && !(deputyRole && held.includes(deputyRole)));
    const who = deputyRole ? `${role} nor ${deputyRole}` : role;
    return vacant.length === 0 ? [] : [warning(`levels.${String(index)}.role`, `vacant: nobody holds ${who} in ${vacant.map(({ name }) => name).join(', ')}; contacts of a matrix row would be told instead, else the level is skipped`)];
  });
}

/** Bounded repeat, then exhausted (E4): the climb ends, and what comes after it has a deadline. */
function checkBound(ladder: GivenLadder): readonly PolicyFinding[] {
  const { repeats, levels, reviewWithin } = ladder;
  const review = reviewWithin ? [] : [error('reviewWithin', 'no bound: an exhausted issue needs a deadline for its review')];
  if (repeats === undefined || repeats === null) return [error('repeats', 'no bound: say after how many further rounds the ladder is exhausted'), ...review];
  if (repeats > REPEATS_AT_MOST) return [error('repeats', `no bound that anybody would live to see: at most ${String(REPEATS_AT_MOST)} further rounds`), ...review];
  const climbMs = (repeats + 1) * roundMs(ladder);
  if (climbMs > CLIMB_AT_MOST_MS) return [error('repeats', `no bound that anybody would live to see: ${String(repeats + 1)} rounds of ${String(levels.length)} levels take ${msText(climbMs)}; at most ${msText(CLIMB_AT_MOST_MS)}`), ...review];
  return review;
}

function roundMs({ levels }: GivenLadder): number {
  return levels.reduce((sum, level) => sum + typicalMs(level.acknowledgeWithin), 0);
}

const SPANS = ['progressWithin', 'resolveWithin', 'confirmWithin', 'secondPersonWithin', 'acceptWithin', 'reviewWithin'] as const;

function checkSpans(ladder: GivenLadder): readonly PolicyFinding[] {
  const { levels, resolveWithin, progressWithin, acceptWithin, promiseAtMostMs } = ladder;
  const named: readonly (readonly [string, Duration])[] = [
    ...levels.map((level, index) => [`levels.${String(index)}.acknowledgeWithin`, level.acknowledgeWithin] as const),
    ...SPANS.flatMap((name) => { const span = ladder[name]; return span ? [[name, span] as const] : []; }),
  ];
  const bad = named.flatMap(([field, span]) => badSpan(field, span));
  const resolveMs = typicalMs(resolveWithin);
  const late = levels.flatMap((level, index) => (typicalMs(level.acknowledgeWithin) >= resolveMs && !isZero(resolveWithin)
    ? [error(`levels.${String(index)}.acknowledgeWithin`, `${spanText(level.acknowledgeWithin)} to acknowledge are not shorter than the ${spanText(resolveWithin)} to resolve`)] : []));
  const promise = promiseAtMostMs < 1000 ? [error('promiseAtMostMs', 'is zero: no next update could be promised')]
    : promiseAtMostMs > resolveMs ? [warning('promiseAtMostMs', `a promised update of up to ${msText(promiseAtMostMs)} ahead silences the ladder beyond the ${spanText(resolveWithin)} to resolve`)] : [];
  return [
    ...bad, ...late, ...promise,
    ...(late.length === 0 && toTopMs(ladder) > resolveMs ? [warning('resolveWithin', `is over before the last level is told for the first time, after ${msText(toTopMs(ladder))}`)] : []),
    ...(typicalMs(progressWithin) >= resolveMs ? [warning('progressWithin', `never falls due before the ${spanText(resolveWithin)} to resolve`)] : []),
    ...(typicalMs(acceptWithin) >= resolveMs ? [warning('acceptWithin', `never falls due before the ${spanText(resolveWithin)} to resolve`)] : []),
  ];
}

/** Until the last level is told for the first time. */
function toTopMs(ladder: GivenLadder): number {
  return roundMs({ ...ladder, levels: ladder.levels.slice(0, -1) });
}

/** A critical issue does not wait for Monday: docs/defaults.md counts it around the clock. */
function officeHours(ladder: GivenLadder): readonly PolicyFinding[] {
  const fields = ladder.levels.flatMap((level, index) => (level.acknowledgeWithin.kind === 'business' ? [`levels.${String(index)}.acknowledgeWithin`] : []));
  const spans = SPANS.filter((name) => ladder[name]?.kind === 'business');
  return [...fields, ...spans].map((field) => warning(field, 'business time on a critical ladder: it stands still at night, on weekends and holidays'));
}

/** Contradictory: the graver issue would climb more slowly. */
function slowerWhenGraver(given: GivenLadders): readonly PolicyFinding[] {
  return ([['critical', 'major'], ['major', 'minor']] as const).flatMap(([graver, lighter]) => {
    const [a, b] = [given[graver], given[lighter]];
    const first = (ladder: GivenLadder): number => (ladder.levels[0] ? typicalMs(ladder.levels[0].acknowledgeWithin) : 0);
    return [
      ...(first(a) > first(b) ? [warning(`ladders.${graver}.levels.0.acknowledgeWithin`, `contradictory: ${graver} has longer than ${lighter}`)] : []),
      ...(typicalMs(a.resolveWithin) > typicalMs(b.resolveWithin) ? [warning(`ladders.${graver}.resolveWithin`, `contradictory: ${graver} has longer than ${lighter}`)] : []),
    ];
  });
}

/** What only the schema sees, so that no draft passes that records could not pin. */
function unnamed(given: GivenLadders): readonly PolicyFinding[] {
  const parsed = laddersSchema.safeParse(given);
  return parsed.success ? [] : parsed.error.issues.map((issue) => error(['ladders', ...issue.path.map(String)].join('.'), issue.message));
}
