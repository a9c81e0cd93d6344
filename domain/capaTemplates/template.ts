import type { ActionKind, ACTION_LEVELS, MEASURED_BY, SYSTEM_CAUSES } from '../../contracts/capaWords';
import type { Duration } from '../../contracts/duration';
import type { Severity } from '../../contracts/policy';

/** Where the figure of an effectiveness plan is to come from; those beside `MEASURED_BY` have no name there yet. */
export type IntendedSource = (typeof MEASURED_BY)[number] | 'disaster_recovery_tests' | 'encryption_attestations' | 'training_records';

export interface TemplateAction {
  readonly id: string;
  readonly kind: ActionKind;
  readonly level: (typeof ACTION_LEVELS)[number];
  readonly description: string;
  /** From the instant at which the plan is asked for; calendar time, within the default timing of its stage. */
  readonly dueAfter: Duration;
}

/** A CAPA that comes up again and again, as far as it can be known beforehand. What only people know is asked, never filled in. */
export interface CapaTemplate {
  readonly key: string;
  readonly version: number;
  /** The row of the requirements that it answers. */
  readonly requirement: string;
  readonly kind: 'finding' | 'standard_action';
  readonly title: string;
  readonly description: string;
  /** Suggested; who opens the CAPA may say otherwise. */
  readonly topic: string;
  readonly severity: Severity;
  readonly classification: ActionKind;
  /** Why it is asked for at all. */
  readonly basis: string;
  /** What to say in the problem statement, the containment and the baseline. */
  readonly prompts: Readonly<Record<'what' | 'where' | 'when' | 'extent' | 'containment' | 'baseline', string>>;
  readonly whys: readonly string[];
  readonly categories: readonly (typeof SYSTEM_CAUSES)[number][];
  /** Where else to look (Q4). */
  readonly extentCheck: string;
  readonly actions: readonly TemplateAction[];
  /** Procedures, training and other documents that change with it. */
  readonly documents: readonly string[];
  readonly effectiveness: {
    readonly metric: string;
    readonly target: string;
    readonly window: Duration;
    readonly sampleSize: number;
    /** Share of the sample that must be met: what the target says, as a figure. */
    readonly goal: number;
    readonly source: string;
    /** `manual` where the product does not make the figure yet. */
    readonly measuredBy: (typeof MEASURED_BY)[number];
    readonly intendedSource: IntendedSource;
  };
}
