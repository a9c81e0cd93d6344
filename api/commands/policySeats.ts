import { Failure } from '../../contracts/failures';
import type { PolicyScope } from '../../contracts/policyScope';
import { maySteer } from '../../domain/access/ability';
import { checkParties, broken } from '../../domain/escalation/opening';
import { decidePublishing, isOpenDraft, seatToChange, seatToDecline, seatToDraft, type AgreedDraft } from '../../domain/policy/draft';
import { mayReadDraft, mayReadPolicy, type ReadableDraft, type ReadingSeat } from '../../domain/policy/readers';
import { scopeOf, type Scoped } from '../../domain/policy/scope';
import { knownOrganisationIds, organisationsByIds } from '../../store/organisations';
import { readingSeats } from '../../store/readingSeats';
import { studyById } from '../../store/studies';
import { instanceSeat, notFound, notPermitted, organisationIdsOf, type Seat } from '../administer';
import type { ApiDeps, Caller } from '../deps';

type Deps = Pick<ApiDeps, 'store' | 'now'>;

/** The seats under which somebody reads what organisations agreed on. */
export const readingSeatsOf = ({ store, now }: Deps, { memberships }: Caller): Promise<readonly ReadingSeat[]> => readingSeats(store, memberships, now());

const situationOf = ({ now }: Pick<ApiDeps, 'now'>, caller: Caller) => ({ actor: caller, now: now() });

/** The seat under which somebody drafts a policy for a scope. Throws Failure `not_permitted`. */
export function requireDrafter(deps: Pick<ApiDeps, 'now'>, caller: Caller, line: { readonly key: string; readonly scope: PolicyScope }): Seat {
  const seat = seatToDraft(line.key, line.scope, { ...situationOf(deps, caller), organisationIds: organisationIdsOf(caller) });
  if (!seat) throw notPermitted('A policy is drafted by whoever drafts configuration for an organisation that it binds.');
  return seat;
}

/** Who drafts or approves anywhere, or administers the instance. */
function steers({ now }: Pick<ApiDeps, 'now'>, caller: Caller, key: string): boolean {
  const asked = { memberships: caller.memberships, organisationIds: organisationIdsOf(caller), now: now() };
  return (['draft-configuration', 'approve-configuration'] as const).some((act) => maySteer({ ...asked, act, topic: key })) || instanceSeat(caller, now()) !== undefined;
}

/** Drafts are read by those who draft or approve. Throws Failure `not_permitted`. */
export function requireSteering(deps: Pick<ApiDeps, 'now'>, caller: Caller, key: string): void {
  if (!steers(deps, caller, key)) throw notPermitted();
}

/** A draft that the caller may read; the installation's is read by the instance's administrator, too. Throws Failure `not_found` for everybody else's. */
export async function requireReadable<Draft extends ReadableDraft>(deps: Deps, caller: Caller, draft: Draft): Promise<Draft> {
  if (!await readsDraft(deps, caller, draft)) throw notFound();
  return draft;
}

/** Whether the caller reads a draft. */
export async function readsDraft(deps: Deps, caller: Caller, draft: ReadableDraft): Promise<boolean> {
  const publishes = scopeOf(draft).kind === 'installation' && instanceSeat(caller, deps.now()) !== undefined;
  return publishes || mayReadDraft(draft, await readingSeatsOf(deps, caller));
}

/** Whether the caller reads a version. */
export async function readsPolicy(deps: Deps, caller: Caller, version: Scoped): Promise<boolean> {
  return scopeOf(version).kind === 'installation' || mayReadPolicy(version, await readingSeatsOf(deps, caller));
}

/** Throws Failure `wrong_state` for a draft that is one no more. */
export function requireOpen<Draft extends AgreedDraft & { readonly rev: number }>(draft: Draft): Draft {
  if (!isOpenDraft(draft)) throw new Failure('wrong_state', `The draft is ${draft.status}.`, { rev: draft.rev });
  return draft;
}

/** The seat under which somebody changes a draft, or gives it up. Throws Failure `not_permitted`. */
export function requireChanger(deps: Pick<ApiDeps, 'now'>, caller: Caller, draft: AgreedDraft): Seat {
  const seat = seatToChange(draft, situationOf(deps, caller));
  if (!seat) throw notPermitted('A draft is changed by whoever drafts for the organisation that made it.');
  return seat;
}

/** The seat under which somebody declines a draft. Throws Failure `not_permitted`. */
export function requireDecliner(deps: Pick<ApiDeps, 'now'>, caller: Caller, draft: AgreedDraft): Seat {
  const seat = seatToDecline(draft, situationOf(deps, caller));
  if (!seat) throw notPermitted('A draft is declined by whoever approves for an organisation that it would bind.');
  return seat;
}

/** The seat under which somebody signs a draft: asked when it is signed, and again when it is published. Throws Failure `not_permitted`, `wrong_state`, `separation_of_duties`. */
export function requirePublisher(deps: Pick<ApiDeps, 'now'>, caller: Caller, draft: AgreedDraft & { readonly rev: number }): Seat {
  const decision = decidePublishing(draft, situationOf(deps, caller));
  if (!decision.allowed) throw new Failure(decision.type, decision.reason, { rev: draft.rev });
  return decision.seat;
}

/** The organisations of a scope are the caller's own or work with it, on its study where it has one. Throws Failure `rule_broken` naming the field, in the same words for what there is not and what is not theirs. */
export async function requireScope({ store }: Pick<ApiDeps, 'store'>, caller: Caller, { kind, organisationIds, studyId }: PolicyScope): Promise<void> {
  if (kind === 'installation') return;
  const own = organisationIds.find((id) => organisationIdsOf(caller).includes(id));
  if (own === undefined) throw broken('scope', 'binds none of your organisations');
  if (kind === 'pair' && organisationIds.length !== 2) throw broken('scope', 'a pair is two organisations');
  const other = organisationIds.find((id) => id !== own) ?? own;
  const [organisations, study, known] = await Promise.all([organisationsByIds(store, organisationIds), studyId === null ? undefined : studyById(store, studyId), knownOrganisationIds(store, own)]);
  try {
    checkParties({ ...(studyId !== null && { studyId }), raisingOrganisationId: own, accountableOrganisationId: other }, { activeIds: organisations.filter(({ active }) => active).map(({ _id }) => _id), study, partnerIds: [...known] });
  } catch (error) {
    throw error instanceof Failure && error.type === 'rule_broken' ? broken('scope', studyId === null ? 'not active organisations that work together' : 'not a study that these organisations work on together') : error;
  }
}
