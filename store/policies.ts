import type { ClientSession } from 'mongoose';
import type { CapaPolicy } from '../contracts/capaState';
import { Failure } from '../contracts/failures';
import type { Instant } from '../contracts/instant';
import type { Policy } from '../contracts/policy';
import type { PolicyContent, PolicyOf } from '../contracts/policyKinds';
import { addVersion, type By } from './administration';
import type { Store } from './connection';
import { CAPA_POLICIES, contentOf, LADDER_POLICIES, policyOf, type PolicyKind } from './policyKinds';
import type { PolicyVersionDoc } from './schemas/policies';

/** The key under which a policy answers for every topic without one of its own. */
const FOR_EVERY_TOPIC = 'default';
const MOST_VERSIONS = 1000;

/** A version on its way into the store, and the draft that it was. */
export interface NewPolicy<Name extends PolicyContent> {
  readonly policy: PolicyOf<Name>;
  readonly draftId?: string;
  readonly reason: string;
  readonly by: By;
  readonly session?: ClientSession;
}

/** What is asked of the stored versions of one kind of policy. */
export interface StoredPolicies<Name extends PolicyContent> {
  /** The version of a policy that counts at `at`: the latest whose `effectiveFrom` has passed; undefined when there is none. */
  readonly inForce: (store: Store, key: string, at: Instant) => Promise<PolicyVersionDoc<Name> | undefined>;
  /** All versions of a policy, newest first. */
  readonly versions: (store: Store, key: string) => Promise<readonly PolicyVersionDoc<Name>[]>;
  /** One version, effective or not; undefined when there is none. */
  readonly version: (store: Store, key: string, version: number) => Promise<PolicyVersionDoc<Name> | undefined>;
  /** Keys of all policies, sorted. */
  readonly keys: (store: Store) => Promise<string[]>;
  /** Adds a version with its audit entry (stream `<kind>/<key>`). Failure `exists` when this version is there. */
  readonly add: (store: Store, input: NewPolicy<Name>) => Promise<void>;
}

export function storedPolicies<Name extends PolicyContent>(kind: PolicyKind<Name>): StoredPolicies<Name> {
  type Doc = PolicyVersionDoc<Name>;
  // Mongoose's own types of a filter do not follow a generic document.
  const find = (store: Store, filter: object) => kind.versions(store).find(filter as never);
  return {
    inForce: async (store, key, at) => (await find(store, { key, effectiveFrom: { $lte: at } }).sort({ effectiveFrom: -1, version: -1 }).limit(1).lean<Doc[]>())[0],
    versions: (store, key) => find(store, { key }).sort({ version: -1 }).limit(MOST_VERSIONS).lean<Doc[]>(),
    version: async (store, key, version) => (await find(store, { _id: idOf(key, version) }).lean<Doc[]>())[0],
    keys: async (store) => (await kind.versions(store).distinct('key') as string[]).sort(),
    add: async (store, { policy, draftId = null, reason, by, session }) => {
      const { key, version, effectiveFrom, basis } = policy;
      const doc: Doc = { ...policy, _id: idOf(key, version), draftId, createdAt: by.at };
      await addVersion(store, {
        model: kind.versions(store), streamId: `${kind.stream}/${key}`, doc, reason, by, ...(session && { session }),
        detail: { version, effectiveFrom, basis, [kind.holds]: contentOf(kind, policy), ...(draftId !== null && { draftId }) },
      });
    },
  };
}

const idOf = (key: string, version: number): string => `${key}/${String(version)}`;

export const ladderPolicies = storedPolicies(LADDER_POLICIES);
export const { add: addPolicy, versions: policyVersions, version: policyVersion } = ladderPolicies;
export const capaPolicies = storedPolicies(CAPA_POLICIES);

/** The ladders of a key that count at `at`, as issues pin them. */
export async function policyInForce(store: Store, key: string, at: Instant): Promise<Policy | undefined> {
  const doc = await ladderPolicies.inForce(store, key, at);
  return doc && policyOf(LADDER_POLICIES, doc);
}

/**
 * The timings of CAPAs that count for a topic at `at`, as a CAPA pins them: of the policy named like the topic, else
 * of the one for every topic. Throws Failure `rule_broken` naming the topic when there is neither.
 */
export async function capaPolicyInForce(store: Store, { topic, at }: { readonly topic: string; readonly at: Instant }): Promise<CapaPolicy> {
  const doc = (await capaPolicies.inForce(store, topic, at)) ?? (await capaPolicies.inForce(store, FOR_EVERY_TOPIC, at));
  if (!doc) throw new Failure('rule_broken', 'No CAPA policy is in force.', { errors: [{ field: 'topic', message: `no CAPA policy is in force for ${topic}, nor for every topic` }] });
  return policyOf(CAPA_POLICIES, doc);
}
