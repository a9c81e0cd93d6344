import type { PolicyContent } from '../../contracts/policyKinds';
import { Failure } from '../../contracts/failures';
import type { Instant } from '../../contracts/instant';
import { maySteer } from '../../domain/access/ability';
import { organisationsByIds } from '../../store/organisations';
import type { PolicyDraftDoc } from '../../store/schemas/policies';
import { notPermitted, organisationIdsOf, type Seat } from '../administer';
import type { ApiDeps, Caller } from '../deps';

/** A policy named like a topic is that topic's: who steers only security drafts only `security`. */
function drafterSeat(caller: Caller, key: string, now: Instant): Seat | undefined {
  return maySteer({ memberships: caller.memberships, act: 'draft-configuration', organisationIds: organisationIdsOf(caller), topic: key, now });
}

/** The seat under which somebody drafts a policy. Throws Failure `not_permitted`. */
export function requireDrafter(caller: Caller, key: string, now: Instant): Seat {
  const seat = drafterSeat(caller, key, now);
  if (!seat) throw notPermitted();
  return seat;
}

/** Drafts are read by those who draft or approve. Throws Failure `not_permitted`. */
export function requireReader(caller: Caller, key: string, now: Instant): void {
  const approves = maySteer({ memberships: caller.memberships, act: 'approve-configuration', organisationIds: organisationIdsOf(caller), now });
  if (!approves && !drafterSeat(caller, key, now)) throw notPermitted();
}

/**
 * A version counts for every organisation of the installation, and the sponsor keeps the responsibility
 * for oversight (ICH E6(R3) 3.6): so a sponsor's approver publishes, whose seat is not bound to one study.
 */
async function requireApprover(deps: ApiDeps, caller: Caller, key: string): Promise<Seat> {
  const organisationIds = organisationIdsOf(caller);
  const sponsors = (await organisationsByIds(deps.store, organisationIds)).filter(({ kind, active }) => active && kind === 'sponsor').map(({ _id }) => _id);
  const seat = maySteer({ memberships: caller.memberships, act: 'approve-configuration', organisationIds: sponsors, studyId: null, topic: key, now: deps.now() });
  if (!seat) throw notPermitted('A version counts for every organisation: somebody of a sponsor publishes it, by a role that approves configuration on every study.');
  return seat;
}

/** Throws Failure `wrong_state` for a draft that is one no more. */
export function requireOpen<Name extends PolicyContent>(draft: PolicyDraftDoc<Name>): PolicyDraftDoc<Name> {
  if (draft.status !== 'draft') throw new Failure('wrong_state', `The draft is ${draft.status}.`, { rev: draft.rev });
  return draft;
}

/** The seat under which somebody publishes a draft: asked when it is signed, and again when it is published. Throws Failure `not_permitted`, `wrong_state`, `separation_of_duties`. */
export async function requirePublisher<Name extends PolicyContent>(deps: ApiDeps, caller: Caller, draft: PolicyDraftDoc<Name>): Promise<Seat> {
  const seat = await requireApprover(deps, caller, draft.key);
  const { authorIds, rev } = requireOpen(draft);
  if (authorIds.includes(caller.personId)) throw new Failure('separation_of_duties', 'Who wrote a draft cannot publish it.', { rev });
  return seat;
}
