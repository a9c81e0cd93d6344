import type { ControlEdge } from '../domain/access/control';
import { auditCollection } from './auditLog';
import type { Store } from './connection';
import type { AdmissionDoc } from './schemas/access';
import type { AuditDoc } from './schemas/audit';
import type { MembershipDoc } from './schemas/people';

/**
 * Everything that was done to the accounts of these people, and of those who did it, from the audit trail: it may be added to
 * only, so nobody takes back having made an account. Five reads for each generation of makers.
 */
export async function controlEdges(store: Store, personIds: readonly string[]): Promise<readonly ControlEdge[]> {
  const seen = new Set<string>();
  const edges: ControlEdge[] = [];
  for (let next = [...new Set(personIds)]; next.length > 0;) {
    next.forEach((id) => seen.add(id));
    const found = await edgesOver(store, next);
    edges.push(...found);
    next = [...new Set(found.flatMap(({ by }) => (by === null || seen.has(by) ? [] : [by])))];
  }
  return edges;
}

async function edgesOver(store: Store, personIds: readonly string[]): Promise<readonly ControlEdge[]> {
  const memberships = await store.models.memberships.find({ personId: { $in: [...personIds] } }, { personId: 1 }).lean<Pick<MembershipDoc, '_id' | 'personId'>[]>();
  const ownerOf = new Map(memberships.map(({ _id, personId }) => [`membership/${_id}`, personId]));
  const admissions = await store.models.admissions.find({ personId: { $in: [...personIds] } }, { personId: 1 }).lean<Pick<AdmissionDoc, '_id' | 'personId'>[]>();
  for (const { _id, personId } of admissions) ownerOf.set(`admission/${_id}`, personId);
  for (const id of personIds) { ownerOf.set(`person/${id}`, id); ownerOf.set(`signer/${id}`, id); }
  const entries = await auditCollection(store).find({
    streamId: { $in: [...ownerOf.keys()] },
    $or: [{ action: { $in: ['person.created', 'membership.created', 'membership.changed', 'admission.created'] } }, { field: { $regex: /^(?:passwordHash|totp|identity|name)(?:\.|$)/ } }],
  }, { projection: { streamId: 1, action: 1, field: 1, new: 1, actor: 1, at: 1 } }).toArray();
  return entries.flatMap((entry) => {
    const over = ownerOf.get(entry.streamId);
    const act = over === undefined ? undefined : actOf(entry);
    if (over === undefined || act === undefined) return [];
    const by = entry.actor.kind === 'person' ? entry.actor.personId : null;
    // What one does to oneself gives nobody hold.
    return by === over ? [] : [{ act, by, over, at: entry.at }];
  });
}

/** Provisioning is a maker without a hand; what it gives is kept as such, for ever. */
function actOf({ action, field, new: value }: Pick<AuditDoc, 'action' | 'field' | 'new'>): ControlEdge['act'] | undefined {
  if (action === 'person.created') return 'created';
  if (action.startsWith('membership.')) return 'role';
  if (action === 'admission.created') return 'admitted';
  if (field === 'name') return 'named';
  if (field?.startsWith('passwordHash') === true) return 'password';
  if (field?.startsWith('totp') === true) return 'second_factor';
  return value === null || value === undefined ? undefined : 'verified';
}
