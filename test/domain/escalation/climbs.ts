import type { EscalationState, Track } from '../../../contracts/escalation';
import type { Ladder, Side } from '../../../contracts/policy';
import type { VirtualStep } from '../../../domain/simulation/virtualRun';
import type { Run } from './issues';

type Rung = Pick<Track, 'level' | 'round'>;
type Taken = VirtualStep<EscalationState>;

function holds(condition: boolean, what: string, { rev, source }: Taken): void {
  if (!condition) throw new Error(`${what}; step ${String(rev)}, ${source.key}`);
}

/**
 * Throws when a side's ladder was not climbed as it stands: a rung left out, a round too many, exhausted while a rung was
 * left and not every level had just been found empty. Worked out from the steps alone, by none of the machine's rules.
 */
export function checkClimbs(run: Run): void {
  for (const { side } of run.steps[0]?.state.tracks ?? []) new Climb(side).check(run.steps);
}

class Climb {
  readonly #side: Side;
  /** Levels that were told in a row and where nobody was; ends with a level that somebody heard. */
  #empty = new Set<number>();
  #told: Rung = { level: 0, round: 1 };
  /** The rung told last has not been found empty. */
  #heard = false;
  #mostRounds = 0;
  /** A late confirmation has begun at level 1 already. */
  #begun = false;

  constructor(side: Side) {
    this.#side = side;
  }

  check(steps: readonly Taken[]): void {
    for (const step of steps) {
      const ladder = step.state.policy.ladders[step.state.severity];
      if (step.source.act === 'resolve') this.#begun = false;
      this.#mostRounds = Math.max(this.#mostRounds, ladder.repeats + 1);
      for (const fact of step.facts) {
        if (fact.action === 'level.skipped' && fact.field === `tracks.${this.#side}.level`) this.#skipped(step);
        if (fact.action === 'level.started' && fact.detail?.['side'] === this.#side) this.#started(step, ladder, { level: Number(fact.new), round: Number(fact.detail['round']) });
        if (fact.action.endsWith('.exhausted') && fact.detail?.['side'] === this.#side) this.#exhausted(step, ladder);
      }
    }
  }

  #skipped(step: Taken): void {
    holds(this.#heard, `${this.#side}: a telling reached nobody once`, step);
    this.#heard = false;
    this.#empty.add(this.#told.level);
  }

  #started(step: Taken, ladder: Ladder, rung: Rung): void {
    if (this.#heard) this.#empty = new Set();
    const again = rung.level === Math.min(this.#told.level, ladder.levels.length) && rung.round === this.#told.round;
    const afresh = !this.#begun && step.source.key.startsWith('lapse/confirmation') && rung.level === 1 && rung.round === 1;
    this.#begun ||= afresh;
    holds(again || afresh || isNext(ladder, this.#told, rung), `${this.#side}: from level ${String(this.#told.level)} to ${String(rung.level)}, round ${String(rung.round)}`, step);
    holds(rung.round <= this.#mostRounds, `${this.#side}: round ${String(rung.round)} of ${String(this.#mostRounds)}`, step);
    this.#told = rung;
    this.#heard = true;
  }

  #exhausted(step: Taken, ladder: Ladder): void {
    if (this.#heard) this.#empty = new Set();
    const { level, round } = this.#told;
    const atTheEnd = level >= ladder.levels.length && round > ladder.repeats;
    const nobody = ladder.levels.every((_level, index) => this.#empty.has(index + 1));
    holds(atTheEnd || nobody, `${this.#side}: exhausted at level ${String(level)}, round ${String(round)}, with somebody left to be told`, step);
  }
}

function isNext({ levels }: Ladder, from: Rung, to: Rung): boolean {
  if (from.level < levels.length) return to.level === from.level + 1 && to.round === from.round;
  return to.level === 1 && to.round === from.round + 1;
}
