import type { ArmedDeadline, Json } from '../../contracts/step';

/** The stored fields of a record that the views of its pathway are made from. */
export interface ViewableRecord {
  readonly _id: string;
  readonly rev: number;
  readonly stateVersion: number;
  readonly state: Json;
  readonly armed: readonly ArmedDeadline[];
  readonly content: { readonly title: string; readonly description: string };
  readonly nextDueAt: string | null;
  readonly updatedAt: string;
}
