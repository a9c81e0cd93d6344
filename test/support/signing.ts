import { randomUUID } from 'node:crypto';
import type { Instant } from '../../contracts/instant';
import { GRANT_MS, type Meaning, type Signable, type SigningGrant } from '../../contracts/signature';
import { plusMs } from '../../contracts/instant';
import { contentHashOf } from '../../domain/signature/demand';
import { DEFAULT_STATEMENT, statementHashOf } from '../../domain/signature/statement';
import type { Store } from '../../store/connection';
import { inTransaction } from '../../store/connection';
import { createGrant } from '../../store/signatures';
import { acceptStatement, notePassword, verifyIdentity } from '../../store/signers';

/** Makes somebody who may sign: own password, identity verified, statement accepted. */
export async function makeSigner(store: Store, { personId, organisationId, at }: { readonly personId: string; readonly organisationId: string; readonly at: Instant }): Promise<void> {
  const by = { actor: { kind: 'system', name: 'provisioning' }, at, correlationId: 'test' } as const;
  await inTransaction(store, (session) => notePassword(store, { personId, givenBy: null, by }, session));
  const identity = { verifiedBy: 'registrar', verifiedByName: 'The registrar', organisationId, at, documentKind: 'passport' } as const;
  await verifyIdentity(store, { personId, identity, reason: 'test', by });
  await acceptStatement(store, { personId, accepted: { version: DEFAULT_STATEMENT.version, textHash: statementHashOf(DEFAULT_STATEMENT), at }, by });
}

interface Granted {
  readonly recordId: string;
  readonly act: string;
  readonly signable: Signable;
  readonly personId: string;
  readonly organisationId: string;
  readonly at: Instant;
  readonly meaning?: Meaning;
}

/** A grant as the API gives it after the credentials were checked; answers its id. `at`: by the worker's clock (`now` of the world), which commit asks whether it has expired. */
export async function giveGrantFor(store: Store, { signable, at, meaning = 'approval', ...given }: Granted, more: Partial<SigningGrant> = {}): Promise<string> {
  const { subject, version, content } = signable;
  const grant: SigningGrant = {
    ...given, id: randomUUID(), subject, version, content, contentHash: contentHashOf(content), meaning, printedName: `Name of ${given.personId}`, role: 'quality',
    organisationName: given.organisationId, signedAt: at, zone: 'Europe/Zurich', statementVersion: 1, sessionId: 'session-1', expiresAt: plusMs(at, GRANT_MS), usedAt: null, ...more,
  };
  await createGrant(store, grant);
  return grant.id;
}
