/** The fields of a record that lists look under. */
export interface Listable {
  readonly visibleTo: readonly string[];
  readonly raisingOrganisationId: string;
  readonly accountableOrganisationId: string;
  readonly studyId: string | null;
  readonly systemId: string | null;
  readonly topic: string;
  readonly assigneeIds: readonly string[];
  readonly dedupeKey?: string | null | undefined;
  readonly drill: boolean;
}

/**
 * Names of the places where a list finds a record. They are a way to it and no right: whoever follows
 * one still checks the record itself, so that two places with one name would cost time, never sight.
 */
export const place = {
  /** Everything that an organisation may see. */
  of: (organisationId: string): string => `o/${organisationId}`,
  withParty: (organisationId: string, partyId: string): string => `o/${organisationId}/p/${partyId}`,
  inStudy: (organisationId: string, studyId: string): string => `o/${organisationId}/s/${studyId}`,
  onTopic: (organisationId: string, topic: string): string => `o/${organisationId}/t/${topic}`,
  onSystem: (organisationId: string, systemId: string): string => `o/${organisationId}/y/${systemId}`,
  assignedTo: (personId: string): string => `a/${personId}`,
  triggeredBy: (dedupeKey: string): string => `d/${dedupeKey}`,
  /** Drills lie apart: no list that leaves them out has to step over them. */
  ofDrills: (one: string): string => `drill/${one}`,
} as const;

/** Every place under which a record is listed; one index over these serves all lists (docs/performance.md). */
export function listedUnder(record: Listable): readonly string[] {
  const { visibleTo, raisingOrganisationId, accountableOrganisationId, studyId, systemId, topic, assigneeIds, dedupeKey, drill } = record;
  const places = visibleTo.flatMap((id) => [
    place.of(id),
    ...[raisingOrganisationId, accountableOrganisationId].filter((party) => party !== id).map((party) => place.withParty(id, party)),
    ...(studyId === null ? [] : [place.inStudy(id, studyId)]),
    ...(systemId === null ? [] : [place.onSystem(id, systemId)]),
    place.onTopic(id, topic),
  ]);
  const all = [...new Set([...places, ...assigneeIds.map(place.assignedTo), ...(dedupeKey == null ? [] : [place.triggeredBy(dedupeKey)])])];
  return drill ? all.map(place.ofDrills) : all;
}
