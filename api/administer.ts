import { z } from 'zod';
import { Failure, FAILURES } from '../contracts/failures';
import type { Instant } from '../contracts/instant';
import type { Membership, Role } from '../contracts/people';
import { maySteer } from '../domain/access/ability';
import { settledOf } from '../domain/access/window';
import type { AdministeredKind, By } from '../store/administration';
import { knownOrganisationIds } from '../store/organisations';
import { pageById } from '../store/page';
import type { AdministeredDoc } from '../store/schemas/administered';
import type { ApiDeps, Caller } from './deps';
import type { Outgoing } from './route';
import { decodeCursor, encodeCursor } from './views/cursor';

/** The seat under which an administrative act was allowed. */
export interface Seat {
  readonly role: Role;
  readonly organisationId: string;
}

export const notFound = (): Failure => new Failure('not_found', FAILURES.not_found.meaning);
export const notPermitted = (detail: string = FAILURES.not_permitted.meaning): Failure => new Failure('not_permitted', detail);
export const ruleBroken = (detail: string, extra: Readonly<Record<string, unknown>> = {}): Failure => new Failure('rule_broken', detail, extra);

/** Nobody held a role, or stood in, before it was given: it would read so. Throws Failure `rule_broken`. */
export function requireStartAhead(from: Instant, now: Instant): void {
  if (from < now) throw ruleBroken('It begins now or later.', { errors: [{ field: 'from', message: 'lies in the past: leave it out to begin now' }] });
}

/** The seats by which somebody binds their organisation without signing: as for signing, not those given a moment ago, and none of an unsettled account. */
export function bindingSeats({ memberships, unsettledSince }: Caller, now: Instant): readonly Membership[] {
  return unsettledSince === undefined ? settledOf(memberships, now) : [];
}

/** Administers the instance: organisations and studies. */
export function instanceSeat(caller: Caller, now: Instant): Seat | undefined {
  return maySteer({ memberships: caller.memberships, act: 'administer-instance', organisationIds: [], now });
}

/** Administers people, calendars and channels of one organisation: its own. */
export function organisationSeat(caller: Caller, organisationId: string, now: Instant): Seat | undefined {
  return maySteer({ memberships: caller.memberships, act: 'administer-organisation', organisationIds: [organisationId], now });
}

/** 404 when the organisation is not the caller's, 403 when the caller may not administer it. */
export function requireOrganisationSeat(caller: Caller, organisationId: string, now: Instant): Seat {
  const seat = organisationSeat(caller, organisationId, now);
  if (seat) return seat;
  throw isOf(caller, organisationId) ? notPermitted() : notFound();
}

export function requireInstanceSeat(caller: Caller, now: Instant): Seat {
  const seat = instanceSeat(caller, now);
  if (!seat) throw notPermitted();
  return seat;
}

/** Whether the caller is at home in the organisation. */
export function isOf(caller: Caller, organisationId: string): boolean {
  return organisationIdsOf(caller).includes(organisationId);
}

export function organisationIdsOf(caller: Caller): readonly string[] {
  return [...new Set([caller.organisationId, ...caller.memberships.map((membership) => membership.organisationId)])];
}

/** Ids of the organisations that the caller knows of; by a seat that is bound to a study, from that study only. */
export async function knownTo({ store }: Pick<ApiDeps, 'store'>, { organisationId, memberships }: Caller): Promise<ReadonlySet<string>> {
  const known = await Promise.all(memberships.map((seat) => knownOrganisationIds(store, seat.organisationId, seat.studyId)));
  return new Set([organisationId, ...known.flatMap((ids) => [...ids])]);
}

/** The actor of an audit entry. */
export function byOf(deps: ApiDeps, incoming: { caller: Caller; correlationId: string }, seat: Seat): By {
  const { caller, correlationId } = incoming;
  return { actor: { kind: 'person', personId: caller.personId, name: caller.name, ...seat }, at: deps.now(), correlationId };
}

/** An administered record without its chain and its secrets, under the name `id`. */
export function shownOf(doc: AdministeredDoc & object, secret: readonly string[] = []): Record<string, unknown> {
  const { _id, chain: _chain, ...rest } = doc;
  return { id: _id, ...Object.fromEntries(Object.entries(rest).filter(([field]) => !secret.includes(field))) };
}

/** One record with its revision as ETag. */
export function recordAnswer(status: 200 | 201, shown: Record<string, unknown>, location?: string): Outgoing {
  return { status, body: shown, headers: { ETag: `"${String(shown['rev'])}"`, ...(location !== undefined && { Location: `${location}/${String(shown['id'])}` }) } };
}

const placeSchema = z.tuple([z.string()]);

/** A page of administered records, in the order of their ids. */
export async function listAnswer<Doc extends AdministeredDoc>(
  deps: ApiDeps, kind: AdministeredKind<Doc>,
  { filter, query, show }: { filter: object; query: { limit: number; cursor?: string | undefined }; show?: (doc: Doc) => Record<string, unknown> },
): Promise<Outgoing> {
  const after = decodeCursor(query.cursor, placeSchema)?.[0];
  const page = await pageById(kind.model(deps.store), { filter, after, limit: query.limit });
  const items = page.items.map((doc) => (show ? show(doc) : shownOf(doc, kind.secret)));
  return { status: 200, body: { items, next: page.next === undefined ? null : encodeCursor([page.next]) } };
}

/** `schema` answers shared by most routes. */
export const created = (description: string, schema: z.ZodType) => ({ 201: { description, schema } });
export const found = (description: string, schema: z.ZodType) => ({ 200: { description, schema } });
