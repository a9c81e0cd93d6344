import type { ChannelEntry } from '../../contracts/channels';

/** An entry of the channel map, as far as choosing goes. */
export type Choosable = Pick<ChannelEntry, 'organisationId' | 'studyId' | 'country' | 'role' | 'severities' | 'channel' | 'target'> & { readonly _id: string };

/** What is told about: everything that an entry may ask for. */
export interface Told {
  readonly organisationId: string;
  readonly studyId: string | null;
  readonly country: string | null;
  /** The function: roles that the level, or the notice, names. */
  readonly roles: readonly string[];
  readonly severity: string;
}

/** Entries that fit, the most specific first, each target once (S1.9). */
export function entriesFor<Entry extends Choosable>(entries: readonly Entry[], told: Told): readonly Entry[] {
  const fitting = entries.filter((entry) => fits(entry, told)).toSorted((a, b) => specificity(b) - specificity(a) || (a._id < b._id ? -1 : 1));
  return fitting.filter((entry, index) => fitting.findIndex((other) => other.channel === entry.channel && other.target === entry.target) === index);
}

function fits(entry: Choosable, told: Told): boolean {
  return entry.organisationId === told.organisationId
    && (entry.studyId === null || entry.studyId === told.studyId)
    && (entry.country === null || entry.country === told.country)
    && (entry.role === null || told.roles.includes(entry.role))
    && (entry.severities === null || entry.severities.some((severity) => severity === told.severity));
}

/** How much an entry asks for. */
function specificity({ studyId, country, role, severities }: Choosable): number {
  return [studyId, country, role, severities].filter((asked) => asked !== null).length;
}
