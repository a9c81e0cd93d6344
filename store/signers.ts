import type { ClientSession } from 'mongoose';
import type { AcceptedStatement, AccountabilityStatement, VerifiedIdentity } from '../contracts/signature';
import { DEFAULT_STATEMENT } from '../domain/signature/statement';
import { addVersion, changeRecord, createRecord, type AdministeredKind, type By, type NewFields } from './administration';
import { inTransaction, type Store } from './connection';
import type { SignerDoc, StatementDoc } from './schemas/signatures';
import { UNPROVEN } from './vouching';

const signerKind: AdministeredKind<SignerDoc> = { kind: 'signer', model: (store) => store.models.signers, secret: ['totp'], unproven: UNPROVEN.signers };
const NOTHING: NewFields<SignerDoc> = { passwordOwn: false, passwordGivenBy: null, identity: null, acceptedStatement: null, totp: null, totpStep: -1 };

/** What signing depends on of a person; undefined: nothing was done yet. */
export async function signerOf(store: Store, personId: string, session?: ClientSession): Promise<SignerDoc | undefined> {
  return (await store.models.signers.findById(personId).session(session ?? null).lean<SignerDoc>()) ?? undefined;
}

interface SignerChange {
  readonly personId: string;
  readonly changes: Partial<NewFields<SignerDoc>>;
  readonly reason: string;
  readonly by: By;
}

/** Changes what signing depends on of a person, each change with its audit entry (stream `signer/<person>`). Throws as changeRecord does. */
async function changeSigner(store: Store, { personId, changes, reason, by }: SignerChange, session?: ClientSession): Promise<SignerDoc> {
  const work = async (own: ClientSession): Promise<SignerDoc> => {
    if (!(await signerOf(store, personId, own))) await createRecord(store, { kind: signerKind, id: personId, fields: NOTHING, by, session: own });
    return changeRecord(store, { kind: signerKind, id: personId, changes, reason, by, session: own });
  };
  return session ? work(session) : inTransaction(store, work);
}

/**
 * A password was set, in the transaction of its change. Given by somebody else it ends the identity's verification: who
 * gives passwords could sign otherwise (21 CFR 11.200(a)(3)). `isReset`: in place of one before; then the account is unsettled, too.
 */
export async function notePassword(store: Store, set: { readonly personId: string; readonly givenBy: string | null; readonly isReset?: boolean; readonly by: By }, session: ClientSession): Promise<void> {
  const { personId, givenBy, isReset = false, by } = set;
  const changes = givenBy === null ? { passwordOwn: true } : { passwordOwn: false, passwordGivenBy: givenBy, identity: null, ...(isReset && { unsettledSince: by.at }) };
  await changeSigner(store, { personId, changes, reason: givenBy === null ? 'own password' : 'password given by another', by }, session);
}

/** Keeps who verified a person's identity, when and by which kind of document (21 CFR 11.100(b)), which settles the account; null: that it counts no more. */
export async function verifyIdentity(store: Store, verified: { readonly personId: string; readonly identity: VerifiedIdentity | null; readonly reason: string; readonly by: By }, session?: ClientSession): Promise<SignerDoc> {
  const { personId, identity, reason, by } = verified;
  const before = await signerOf(store, personId, session);
  const settles = identity !== null && before?.unsettledSince != null;
  return changeSigner(store, { personId, changes: { identity, ...(settles && { unsettledSince: null }) }, reason, by }, session);
}

/** Keeps that a person accepted a version of the accountability statement. */
export function acceptStatement(store: Store, { personId, accepted, by }: { readonly personId: string; readonly accepted: AcceptedStatement; readonly by: By }): Promise<SignerDoc> {
  return changeSigner(store, { personId, changes: { acceptedStatement: accepted }, reason: 'accepted', by });
}

/** Sets, confirms or ends (null) the second factor. */
export function setTotp(store: Store, { personId, totp, reason, by }: { readonly personId: string; readonly totp: SignerDoc['totp']; readonly reason: string; readonly by: By }): Promise<SignerDoc> {
  return changeSigner(store, { personId, changes: { totp }, reason, by });
}

/** An administrator ends the second factor of somebody who lost it; who they are is to be verified again. */
export function endLostTotp(store: Store, { personId, reason, by }: { readonly personId: string; readonly reason: string; readonly by: By }, session: ClientSession): Promise<SignerDoc> {
  return changeSigner(store, { personId, changes: { totp: null, identity: null }, reason, by }, session);
}

/** Takes the time step of a code; false: it, or a later one, was used before. */
export async function takeTotpStep(store: Store, { personId, step }: { readonly personId: string; readonly step: number }): Promise<boolean> {
  const { modifiedCount } = await store.models.signers.updateOne({ _id: personId, totpStep: { $lt: step } }, { $set: { totpStep: step } });
  return modifiedCount === 1;
}

/** The accountability statement in force: the latest version, or the product's own. */
export async function statementInForce(store: Store): Promise<AccountabilityStatement> {
  const latest = await store.models.statements.findOne().sort({ version: -1 }).lean<StatementDoc>();
  return latest ? { version: latest.version, text: latest.text } : DEFAULT_STATEMENT;
}

/** Adds a version of the statement, which everybody accepts before the next signature. Throws Failure `exists` when another came first. */
export async function addStatement(store: Store, { text, reason, by }: { readonly text: string; readonly reason: string; readonly by: By }): Promise<AccountabilityStatement> {
  const version = (await statementInForce(store)).version + 1;
  const doc: StatementDoc = { _id: `accountability/${String(version)}`, version, text, createdAt: by.at };
  await addVersion(store, { model: store.models.statements, kind: 'statement', doc, reason, by, detail: { text } });
  return { version, text };
}
