import type { CauseCategory } from './capaWords';

/** A CAPA's plan was approved with its root cause: closed CAPAs whose cause it is are to hear of it, once each (Q7). */
export interface RecurrencesEffect {
  readonly kind: 'recurrences';
  readonly intent: string;
  readonly cause: StatedCause;
}

/** Where a cause was found, and which. */
export interface StatedCause {
  readonly capaId: string;
  readonly number: string;
  /** A later iteration may state another cause. */
  readonly iteration: number;
  readonly systemId: string;
  readonly accountableOrganisationId: string;
  /** Of the system level. */
  readonly categories: readonly CauseCategory[];
}
