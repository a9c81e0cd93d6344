import type { ClientSession } from 'mongoose';
import { changeRecord, createRecord, type AdministeredKind, type By, type NewFields } from './administration';
import { inTransaction, type Store } from './connection';
import { endCredentials } from './credentials';
import { membershipKind } from './memberships';
import type { MembershipDoc, PersonDoc } from './schemas/people';
import { notePassword, signerOf, verifyIdentity } from './signers';

export const personKind: AdministeredKind<PersonDoc> = { kind: 'person', model: (store) => store.models.people, secret: ['passwordHash'] };

/** Addresses are compared in lower case; the unique index covers deactivated people too. */
export function canonicalEmail(email: string): string {
  return email.trim().toLowerCase();
}

/** People by id, in no order; unknown ids are left out. */
export function peopleByIds(store: Store, ids: readonly string[], session?: ClientSession): Promise<PersonDoc[]> {
  return store.models.people.find({ _id: { $in: [...new Set(ids)] } }).session(session ?? null).lean<PersonDoc[]>();
}

/** A person by address, active or not, or undefined. */
export async function personByEmail(store: Store, email: string): Promise<PersonDoc | undefined> {
  return (await store.models.people.findOne({ email: canonicalEmail(email) }).lean<PersonDoc>()) ?? undefined;
}

/**
 * Ends a person's time here, in one transaction: the person stops counting, sessions and tokens end
 * at once, memberships end now. The record stays. Throws as changeRecord does.
 */
export function deactivatePerson(store: Store, input: { id: string; rev?: number | undefined; reason: string; by: By; also?: (session: ClientSession) => Promise<void> }): Promise<PersonDoc> {
  const { also, ...change } = input;
  const { id, reason, by } = change;
  return inTransaction(store, async (session) => {
    const person = await changeRecord(store, { ...change, kind: personKind, changes: { active: false }, session, also: async () => { await also?.(session); } });
    await endCredentials(store, { personId: id, at: by.at, session });
    const open = await store.models.memberships
      .find({ personId: id, active: true, $or: [{ until: null }, { until: { $gt: by.at } }] })
      .session(session).lean<MembershipDoc[]>();
    for (const membership of open) {
      await changeRecord(store, { kind: membershipKind, id: membership._id, changes: { active: false, until: by.at }, reason, by, session });
    }
    return person;
  });
}

/** Adds a person with a password that somebody gives them, in one transaction. Throws as createRecord does. */
export function addPerson(store: Store, input: { readonly fields: NewFields<PersonDoc>; readonly id?: string; readonly givenBy: string; readonly by: By; readonly also?: (session: ClientSession, person: PersonDoc) => Promise<void> }): Promise<PersonDoc> {
  const { givenBy, also, ...created } = input;
  return inTransaction(store, async (session) => {
    const person = await createRecord(store, { kind: personKind, ...created, session });
    await notePassword(store, { personId: person._id, givenBy, by: input.by }, session);
    await also?.(session, person);
    return person;
  });
}

/** Gives a person another printed name, in one transaction with the end of their verification: it was of the one before (21 CFR 11.50(a)(1)). Throws as changeRecord does. */
export function renamePerson(store: Store, input: { readonly id: string; readonly rev?: number | undefined; readonly name: string; readonly reason: string; readonly by: By; readonly also: (session: ClientSession) => Promise<void> }): Promise<PersonDoc> {
  const { name, also, ...change } = input;
  return changeRecord(store, {
    ...change, kind: personKind, changes: { name },
    also: async (session) => {
      if ((await signerOf(store, change.id, session))?.identity) await verifyIdentity(store, { personId: change.id, identity: null, reason: 'another printed name', by: change.by }, session);
      await also(session);
    },
  });
}

/** Sets a new password hash and ends what was signed in with the old one. `givenBy`: who gave it; null: the person set it. */
export function changePassword(store: Store, input: { id: string; passwordHash: string; givenBy: string | null; reason: string; by: By; also?: (session: ClientSession) => Promise<void> }): Promise<PersonDoc> {
  const { id, passwordHash, givenBy, reason, by } = input;
  return changeRecord(store, {
    kind: personKind, id, changes: { passwordHash }, reason, by,
    also: async (session) => {
      await endCredentials(store, { personId: id, at: by.at, session });
      await notePassword(store, { personId: id, givenBy, isReset: givenBy !== null, by }, session);
      await input.also?.(session);
    },
  });
}
