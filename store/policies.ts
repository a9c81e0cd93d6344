import type { ClientSession } from 'mongoose';
import type { Instant } from '../contracts/instant';
import type { Policy } from '../contracts/policy';
import { addVersion, type By } from './administration';
import type { Store } from './connection';
import type { PolicyDoc } from './schemas/people';

/** A stored version as records pin it. */
export function policyOf({ key, version, effectiveFrom, basis, ladders }: PolicyDoc): Policy {
  return { key, version, effectiveFrom, basis, ladders };
}

/** The version of a policy that counts at `at`: the highest whose `effectiveFrom` has passed; undefined when there is none. */
export async function policyInForce(store: Store, key: string, at: Instant): Promise<Policy | undefined> {
  const doc = await store.models.policies.findOne({ key, effectiveFrom: { $lte: at } }).sort({ effectiveFrom: -1, version: -1 }).lean<PolicyDoc>();
  return doc ? policyOf(doc) : undefined;
}

/** All versions of a policy, newest first. */
export async function policyVersions(store: Store, key: string): Promise<Policy[]> {
  const docs = await store.models.policies.find({ key }).sort({ version: -1 }).limit(1000).lean<PolicyDoc[]>();
  return docs.map(policyOf);
}

/** Keys of all policies, sorted. */
export async function policyKeys(store: Store): Promise<string[]> {
  const keys = await store.models.policies.distinct('key');
  return keys.sort();
}

/** Adds a version with its audit entry (stream `policy/<key>`). Failure `exists` when this version is there. */
export async function addPolicy(store: Store, input: { policy: Policy; reason: string; by: By; session?: ClientSession }): Promise<void> {
  const { policy, reason, by, session } = input;
  const doc: PolicyDoc = { ...policy, _id: `${policy.key}/${String(policy.version)}`, createdAt: by.at };
  await addVersion(store, {
    model: store.models.policies, streamId: `policy/${policy.key}`, doc, reason, by, ...(session && { session }),
    detail: { version: policy.version, effectiveFrom: policy.effectiveFrom, basis: policy.basis, ladders: policy.ladders },
  });
}

/** One version, effective or not; undefined when there is none. */
export async function policyVersion(store: Store, key: string, version: number): Promise<Policy | undefined> {
  const doc = await store.models.policies.findById(`${key}/${String(version)}`).lean<PolicyDoc>();
  return doc ? policyOf(doc) : undefined;
}
