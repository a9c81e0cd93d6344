import type { Calendar } from '../../contracts/calendar';
import type { CapaPolicy } from '../../contracts/capaState';
import type { Instant } from '../../contracts/instant';
import type { Membership } from '../../contracts/people';
import type { BoundParties } from '../policy/scope';

export interface KnownOrganisation { readonly id: string; readonly name: string; readonly kind: string }
export interface KnownStudy { readonly id: string; readonly code: string; readonly organisationIds: readonly string[] }
export interface KnownPerson {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly organisationId: string;
  /** false: left; the address is never given again. */
  readonly active: boolean;
  /** Those in force now. */
  readonly memberships: readonly Membership[];
}
export interface KnownFile { readonly id: string; readonly fileName: string; readonly sha256: string }

/** Everything that a table is checked against; nothing else is looked up. */
export interface ImportWorld {
  readonly now: Instant;
  /** When the ordinary rules apply to what is overdue already. */
  readonly catchUpAt: Instant;
  /** Organisations that the importer's knows of, studies of the importer's organisations. */
  readonly organisations: readonly KnownOrganisation[];
  readonly studies: readonly KnownStudy[];
  readonly people: readonly KnownPerson[];
  /** Uploaded by the importer. */
  readonly files: readonly KnownFile[];
  /** External numbers that the accountable organisation has brought in already, in lower case, with their CAPA's number. */
  readonly taken: ReadonlyMap<string, string>;
  readonly importer: { readonly personId: string; readonly memberships: readonly Membership[] };
  /** Whose file it is; undefined: no line names an organisation for which the importer may import. */
  readonly organisationId: string | undefined;
  /** That organisation's. */
  readonly calendar: Calendar | undefined;
  /** Release of the time zone data that counts, e.g. `2025c`. */
  readonly tzdb: string;
  /** What is wrong with a topic that this organisation raises to that of the file; undefined: the two have it. */
  readonly topicFault: (topic: string, raisingOrganisationId: string) => string | undefined;
  /** What is in force for a topic between these parties; none: the topic is a mistake. */
  readonly policyFor: (topic: string, parties: BoundParties) => CapaPolicy | undefined;
}
