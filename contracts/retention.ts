import type { Instant } from './instant';

/** How long evidence is kept at least; chosen when it is stored. */
export const RETENTION_CLASSES = ['trial_master_file', 'quality_record', 'operational'] as const;
export type RetentionClass = (typeof RETENTION_CLASSES)[number];

/** A span in whole calendar years (UTC), what it is counted from, and why it is that long. */
export interface RetentionRule {
  readonly years: number;
  /** `study_end`: nobody knows the date while the study runs. */
  readonly from: 'study_end' | 'stored';
  readonly basis: string;
}
export type RetentionRules = Readonly<Record<RetentionClass, RetentionRule>>;

/** The rule that evidence was stored under, pinned; `until` is exclusive, null: not known yet. */
export interface Retention extends RetentionRule {
  readonly class: RetentionClass;
  readonly until: Instant | null;
}

/** Seed values: an installation sets others (`CRO_RETENTION_YEARS`); what is stored keeps the rule of its day. */
export const DEFAULT_RETENTION: RetentionRules = {
  trial_master_file: { years: 25, from: 'study_end', basis: 'Regulation (EU) 536/2014 Art. 58: at least 25 years after the end of the clinical trial' },
  quality_record: { years: 15, from: 'stored', basis: 'default of the product, no regulation named; to be confirmed by contract or SOP' },
  operational: { years: 5, from: 'stored', basis: 'default of the product, no regulation named; to be confirmed by contract or SOP' },
};

/** The defaults with other spans; the basis then says who set them. */
export function retentionRules(years: Readonly<Partial<Record<RetentionClass, number>>> = {}): RetentionRules {
  const ruleOf = (name: RetentionClass): RetentionRule => {
    const rule = DEFAULT_RETENTION[name];
    const set = years[name];
    return set === undefined || set === rule.years ? rule : { ...rule, years: set, basis: `set by this installation (default ${String(rule.years)}: ${rule.basis})` };
  };
  return { trial_master_file: ruleOf('trial_master_file'), quality_record: ruleOf('quality_record'), operational: ruleOf('operational') };
}
