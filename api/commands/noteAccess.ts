import type { AuditActor } from '../../contracts/audit';
import type { Json } from '../../contracts/step';
import { appendToStream } from '../../store/auditLog';
import type { Session } from '../../store/connection';
import type { PersonDoc } from '../../store/schemas/people';
import { countFailedSignIn, signInStreamOf } from '../../store/signIns';
import type { ApiDeps, Caller } from '../deps';

type Noting = Pick<ApiDeps, 'store' | 'now'>;

interface Noted {
  readonly correlationId: string;
  readonly action: string;
  readonly detail: Json;
}

/** Keeps what a person did with a session or a token, in the stream beside theirs (21 CFR 11.10(d), 11.300(d)). */
export async function noteAccess(deps: Noting, { caller, ...noted }: Noted & { readonly caller: Caller }, session?: Session): Promise<void> {
  const { personId, name, organisationId, memberships } = caller;
  await append(deps, { personId, name, organisationId, role: memberships[0]?.role ?? 'none' }, noted, session);
}

/** Keeps that somebody signed in. */
export async function noteSignIn(deps: Noting, { person, ...noted }: Noted & { readonly person: PersonDoc }): Promise<void> {
  await append(deps, { personId: person._id, name: person.name, organisationId: person.organisationId, role: 'none' }, noted);
}

/** Keeps a failed attempt to sign in as somebody who is known: by whom, nobody knows. So many an hour are written, the others counted. */
export async function noteFailedSignIn(deps: Noting, { person, correlationId }: { readonly person: PersonDoc; readonly correlationId: string }): Promise<void> {
  const { isWritten, unwritten } = await countFailedSignIn(deps.store, { personId: person._id, at: deps.now() });
  if (!isWritten) return;
  const streamId = signInStreamOf(person._id);
  const actor = { kind: 'system', name: 'sign-in' } as const;
  await appendToStream(deps.store, { streamId, drafts: [{ streamId, at: deps.now(), zone: 'UTC', actor, action: 'session.refused', correlationId, detail: { unwrittenBefore: unwritten } }] });
}

type By = Omit<Extract<AuditActor, { readonly kind: 'person' }>, 'kind'>;

async function append({ store, now }: Noting, by: By, ...[{ action, detail, correlationId }, session]: [Noted, Session?]): Promise<void> {
  const streamId = signInStreamOf(by.personId);
  await appendToStream(store, { streamId, drafts: [{ streamId, at: now(), zone: 'UTC', actor: { kind: 'person', ...by }, action, correlationId, detail }] }, session);
}
