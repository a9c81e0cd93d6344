import type { Instant } from '../../contracts/instant';
import type { ArmedDeadline, EndedDeadline } from '../../contracts/step';

/** A deadline whose instant passed, as the ledger keeps it. */
export interface PassedDeadline {
  readonly name: string;
  /** The kind of deadline, without sides and shares: `ack`, `progress`, `resolution`. */
  readonly kind: string;
  /** Of a warning: the share of the span that had passed. */
  readonly warning: number | null;
  /** Whose deadline it is: the organisation whose calendar counted it. */
  readonly organisationId: string;
  readonly due: Instant;
  /** When its passing was acted upon. */
  readonly firedAt: Instant;
  readonly lateByMs: number;
  /** `missed`: an act was processed after the due instant and won; nobody was told. */
  readonly outcome: 'fired' | 'missed';
}

/** The deadlines that a step found passed. Those that were met, lifted or replaced in time never were late. */
export function passedDeadlines(of: { readonly armed: readonly ArmedDeadline[]; readonly ended: readonly EndedDeadline[] }): readonly PassedDeadline[] {
  return of.ended.flatMap(({ name, due, outcome, at, lateByMs }) => {
    const armed = of.armed.find((one) => one.name === name && one.due === due);
    if (!armed || (outcome !== 'fired' && outcome !== 'missed')) return [];
    return [{ name, kind: kindOf(name), warning: armed.warning ?? null, organisationId: armed.rule.organisationId, due, firedAt: at, lateByMs, outcome }];
  });
}

/** `ack/accountable#80` is an `ack`. */
export function kindOf(name: string): string {
  return /^[^/#]*/u.exec(name)?.[0] ?? name;
}
