import type { VisibilityFilter } from '../access/ability';
import { place } from './listedUnder';

/** What is asked for by equality; the narrowest of these decides where a list looks. */
export interface Asked {
  readonly studyId?: string | undefined;
  /** A party: raising or accountable. */
  readonly organisationId?: string | undefined;
  readonly topic?: string | undefined;
  readonly assigneeId?: string | undefined;
  readonly dedupeKey?: string | undefined;
  /** true: among drills; otherwise among everything else. */
  readonly drill?: boolean | undefined;
}

/** One alternative of a visibility filter, as far as it names a place. */
interface Alternative {
  readonly visibleTo?: unknown;
  readonly studyId?: unknown;
  readonly topic?: unknown;
  readonly systemId?: unknown;
  readonly assigneeIds?: unknown;
}

/**
 * The places where everything that is visible and asked for is listed: a record that fits both lies
 * under one of them at least. Empty: nothing can fit. The narrowest name wins, because what lies under
 * a place and is not asked for costs a look each.
 */
export function placesOf(visibility: VisibilityFilter, asked: Asked): readonly string[] {
  const places = placesAmongAll(visibility, asked);
  return asked.drill === true ? places.map(place.ofDrills) : places;
}

function placesAmongAll(visibility: VisibilityFilter, asked: Asked): readonly string[] {
  if (asked.dedupeKey !== undefined) return [place.triggeredBy(asked.dedupeKey)];
  if (asked.assigneeId !== undefined) return [place.assignedTo(asked.assigneeId)];
  return [...new Set(alternativesOf(visibility).flatMap((alternative) => placesOfOne(alternative, asked)))];
}

/** The alternatives that add something: what another one covers is left out. */
export function alternativesOf(visibility: VisibilityFilter): readonly Alternative[] {
  const all: readonly Readonly<Record<string, unknown>>[] = Array.isArray(visibility['$or']) ? visibility['$or'] : [visibility];
  return all.filter((one, index) => !all.some((other, at) => at !== index && covers(other, one) && (at < index || !covers(one, other))));
}

/** Whether whatever fits `narrow` fits `wide` too: its conditions are among those of `narrow`. */
function covers(wide: Readonly<Record<string, unknown>>, narrow: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(wide).every(([field, condition]) => JSON.stringify(narrow[field]) === JSON.stringify(condition));
}

function placesOfOne(alternative: Alternative, asked: Asked): readonly string[] {
  const { visibleTo } = alternative;
  if (typeof visibleTo !== 'string') throw new RangeError('an alternative of visibility names its organisation');
  const studyId = bothOf(textOf(alternative.studyId), asked.studyId);
  const topic = bothOf(textOf(alternative.topic), asked.topic);
  if (studyId === NEITHER || topic === NEITHER) return [];
  const assigned = textOf(alternative.assigneeIds);
  if (assigned !== undefined) return [place.assignedTo(assigned)];
  const systems = systemsOf(alternative.systemId);
  if (systems) return systems.map((systemId) => place.onSystem(visibleTo, systemId));
  if (studyId !== undefined) return [place.inStudy(visibleTo, studyId)];
  if (asked.organisationId !== undefined && asked.organisationId !== visibleTo) return [place.withParty(visibleTo, asked.organisationId)];
  return [topic === undefined ? place.of(visibleTo) : place.onTopic(visibleTo, topic)];
}

const NEITHER = Symbol('two different values at once');

/** What both say; one that says nothing agrees. */
function bothOf(one: string | undefined, other: string | undefined): string | undefined | typeof NEITHER {
  return one === undefined || other === undefined || one === other ? one ?? other : NEITHER;
}

const textOf = (condition: unknown): string | undefined => (typeof condition === 'string' ? condition : undefined);

function systemsOf(condition: unknown): readonly string[] | undefined {
  const among = (condition as { $in?: unknown } | undefined)?.$in;
  return Array.isArray(among) ? among.filter((id) => typeof id === 'string') : undefined;
}
