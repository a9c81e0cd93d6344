import type { AuditActor } from '../../contracts/audit';
import { requireAsCommitted, requireUndamaged } from '../../store/damage';
import type { RecordDoc } from '../../store/schemas/records';
import type { ApiDeps, Caller } from '../deps';

/** What is to be made of a record, by whom. */
export interface Making {
  readonly purpose: 'view' | 'signature' | 'report' | 'filing';
  readonly caller: Caller;
  readonly correlationId: string;
}

/** Compares a record with its trail: before a document is made with all that lies beside its chain, else by itself. Throws Failure `damaged`, which is told. */
export async function compareFirst(deps: Pick<ApiDeps, 'store' | 'gateway' | 'now'>, record: RecordDoc, { purpose, caller, correlationId }: Making): Promise<void> {
  const compare = purpose === 'report' || purpose === 'filing' ? requireUndamaged : requireAsCommitted;
  await compare({ store: deps.store, now: deps.now, send: deps.gateway.send }, record, { purpose, actor: actorOf(record, caller), correlationId });
}

function actorOf({ visibleTo }: RecordDoc, { personId, name, organisationId, memberships }: Caller): AuditActor {
  const seat = memberships.find((membership) => visibleTo.includes(membership.organisationId));
  return { kind: 'person', personId, name, role: seat?.role ?? '', organisationId: seat?.organisationId ?? organisationId };
}
