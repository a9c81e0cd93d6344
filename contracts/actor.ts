/**
 * Who acts. Travels in Temporal headers, which the payload codec leaves readable,
 * so it carries opaque ids only: never a name, an address or a token.
 */
export type Actor = PersonActor | SystemActor;

export interface PersonActor {
  readonly kind: 'person';
  readonly personId: string;
  readonly organisationId: string;
  /** The role under which this act was allowed. */
  readonly role: string;
  /** Ties the act to the request that carried it. */
  readonly correlationId: string;
}

/** The product itself: a timer, a sentinel, another record's effect (21 CFR 11.10(e): system actors are actors). */
export interface SystemActor {
  readonly kind: 'system';
  /** What acted: `timer`, `sentinel`, `effect`, `housekeeping`, `provisioning`. */
  readonly name: string;
  readonly correlationId: string;
}

export const ACTOR_HEADER = 'actor';
