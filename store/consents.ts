import type { ClientSession } from 'mongoose';
import { CONSENT_LONGEST_DAYS, CONSENT_OPEN_DAYS, type ConsentTerms } from '../contracts/consent';
import { Failure, FAILURES } from '../contracts/failures';
import { plusMs, type Instant } from '../contracts/instant';
import { refuseConsentAct, type ConsentAct } from '../domain/consent/rules';
import { changeRecord, createRecord, type AdministeredKind, type By } from './administration';
import { inTransaction, type Store } from './connection';
import type { ConsentDoc } from './schemas/consents';
import type { ByPerson } from './schemas/evidence';

export const consentKind: AdministeredKind<ConsentDoc> = { kind: 'consent', model: (store) => store.models.consents };

const DAY_MS = 86_400_000;

/** A consent by id, or undefined. */
export async function consentById(store: Store, id: string): Promise<ConsentDoc | undefined> {
  return (await store.models.consents.findById(id).lean<ConsentDoc>()) ?? undefined;
}

/** Consents that were given about a record, whoever gave them. */
export function givenConsents(store: Store, { recordId, subject }: Pick<ConsentTerms, 'recordId' | 'subject'>, session?: ClientSession): Promise<ConsentDoc[]> {
  return store.models.consents.find({ recordId, subject, status: 'given' }).session(session ?? null).sort({ _id: 1 }).lean<ConsentDoc[]>();
}

/**
 * Marks a consent as used, in the transaction of what it allows: it allows no second, and one that is taken back at the same
 * moment keeps one of the two from happening. Throws Failure `consent_needed` when it is not to be used any more.
 */
export async function useConsent(store: Store, { id, by }: { readonly id: string; readonly by: By }, session: ClientSession): Promise<void> {
  const consent = await store.models.consents.findById(id).session(session).lean<ConsentDoc>();
  if (consent?.status !== 'given' || (consent.usedAt ?? null) !== null) throw new Failure('consent_needed', 'The consent was taken back, or used, meanwhile: ask again.', { consentOf: consent ? [consent.ofOrganisationId] : [] });
  await changeRecord(store, { kind: consentKind, id, rev: consent.rev, changes: { usedAt: by.at }, reason: consent.reason, by, session });
}

/** Until when a request can be answered and used. Throws Failure `rule_broken` for one that is over or too far. */
export function untilOf(asked: Instant | undefined, now: Instant): Instant {
  const until = asked ?? plusMs(now, CONSENT_OPEN_DAYS * DAY_MS);
  if (until > now && until <= plusMs(now, CONSENT_LONGEST_DAYS * DAY_MS)) return until;
  const message = `lies ahead, by ${String(CONSENT_LONGEST_DAYS)} days at most`;
  throw new Failure('rule_broken', `until ${message}.`, { errors: [{ field: 'until', message }] });
}

/**
 * Asks each of these organisations, all or none; `also` runs in the same transaction. One that has been asked the same and has
 * not answered is not asked again.
 */
export function askConsents(
  store: Store,
  { terms, of, reason, askedBy, by, also }: {
    readonly terms: Omit<ConsentTerms, 'ofOrganisationId' | 'status' | 'askingOrganisationId' | 'until'> & { readonly until: Instant }; readonly of: readonly string[]; readonly reason: string;
    readonly askedBy: ByPerson; readonly by: By; readonly also: (docs: readonly ConsentDoc[], session: ClientSession) => Promise<void>;
  },
): Promise<readonly ConsentDoc[]> {
  return inTransaction(store, async (session) => {
    const { recordId, subject, evidenceId, extent } = terms;
    const open = await store.models.consents.find({ recordId, subject, evidenceId, extent, askingOrganisationId: askedBy.organisationId, status: 'asked', until: { $gte: by.at } }).session(session).lean<ConsentDoc[]>();
    const docs: ConsentDoc[] = [];
    const fresh: ConsentDoc[] = [];
    for (const ofOrganisationId of of) {
      const known = open.find((one) => one.ofOrganisationId === ofOrganisationId && terms.toOrganisationIds.every((id) => one.toOrganisationIds.includes(id)));
      const fields = { ...terms, ofOrganisationId, askingOrganisationId: askedBy.organisationId, status: 'asked' as const, reason, askedBy, answer: null, withdrawal: null, usedAt: null };
      const doc = known ?? await createRecord(store, { kind: consentKind, fields, by, session });
      if (!known) fresh.push(doc);
      docs.push(doc);
    }
    if (fresh.length > 0) await also(fresh, session);
    return docs;
  });
}

/** Answers, or takes an answer back; `also` runs in the same transaction. Throws Failure `not_found`, `wrong_state`, `separation_of_duties` or `rev_mismatch`. */
export async function actOnConsent(
  store: Store,
  { id, rev, act, reason, person, by, also }: {
    readonly id: string; readonly rev?: number | undefined; readonly act: ConsentAct; readonly reason: string; readonly person: ByPerson; readonly by: By;
    readonly also: (doc: ConsentDoc, session: ClientSession) => Promise<void>;
  },
): Promise<ConsentDoc> {
  return inTransaction(store, async (session) => {
    const before = await store.models.consents.findById(id).session(session).lean<ConsentDoc>();
    if (!before) throw new Failure('not_found', FAILURES.not_found.meaning);
    const refusal = refuseConsentAct(before, { act, actorId: person.personId, askedById: before.askedBy.personId, now: by.at });
    if (refusal) throw new Failure(refusal.type, `${refusal.reason}.`, { rev: before.rev });
    const said = { by: person, at: by.at, reason };
    const changes = act === 'withdraw' ? { status: 'withdrawn' as const, withdrawal: said, active: false } : { status: act === 'give' ? ('given' as const) : ('refused' as const), answer: said, active: act === 'give' };
    const after = await changeRecord(store, { kind: consentKind, id, rev: rev ?? before.rev, changes, reason, by, session });
    await also(after, session);
    return after;
  });
}
