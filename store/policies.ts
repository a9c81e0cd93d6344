import type { ClientSession, PipelineStage } from 'mongoose';
import type { CapaPolicy } from '../contracts/capaState';
import { Failure } from '../contracts/failures';
import type { Instant } from '../contracts/instant';
import type { Policy } from '../contracts/policy';
import type { PolicyContent, PolicyOf } from '../contracts/policyKinds';
import type { PartyApproval, PolicyScope } from '../contracts/policyScope';
import { narrowestInForce } from '../domain/policy/inForce';
import { INSTALLATION, lineOf, scopeKeyOf, scopeKeysBinding, scopeOf, type BoundParties } from '../domain/policy/scope';
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
  readonly approvals?: readonly PartyApproval[];
  readonly reason: string;
  readonly by: By;
  readonly session?: ClientSession;
}

/** Which line of versions: a key in a scope. */
export interface PolicyLine {
  readonly key: string;
  readonly scope: PolicyScope;
}

/** What is asked of the stored versions of one kind of policy. */
export interface StoredPolicies<Name extends PolicyContent> {
  /** The version of a line that counts at `at`: of those that have begun, the one signed last; undefined when there is none. */
  readonly inForce: (store: Store, line: PolicyLine, at: Instant) => Promise<PolicyVersionDoc<Name> | undefined>;
  /** Versions of these keys that have begun and bind what concerns these parties, at most one a line. */
  readonly binding: (store: Store, keys: readonly string[], where: BoundParties & { readonly at: Instant }) => Promise<readonly PolicyVersionDoc<Name>[]>;
  /** All versions of a line, newest first. */
  readonly versions: (store: Store, line: PolicyLine) => Promise<readonly PolicyVersionDoc<Name>[]>;
  /** What a seat of one of these organisations may perhaps read, and the installation's: of one key or of all, newest first. */
  readonly ofOrganisations: (store: Store, organisationIds: readonly string[], key?: string) => Promise<readonly PolicyVersionDoc<Name>[]>;
  /** One version, effective or not; undefined when there is none. */
  readonly version: (store: Store, line: PolicyLine, version: number) => Promise<PolicyVersionDoc<Name> | undefined>;
  /** Keys of the installation's policies, sorted. */
  readonly keys: (store: Store) => Promise<string[]>;
  /** Adds a version with its audit entry (stream `<kind>/<line>`). Failure `exists` when this version is there. */
  readonly add: (store: Store, input: NewPolicy<Name>) => Promise<void>;
}

export function storedPolicies<Name extends PolicyContent>(kind: PolicyKind<Name>): StoredPolicies<Name> {
  type Doc = PolicyVersionDoc<Name>;
  // Mongoose's own types of a filter do not follow a generic document.
  const find = (store: Store, filter: object) => kind.versions(store).find(filter as never);
  const ofLine = ({ key, scope }: PolicyLine) => ({ key, scopeKey: scopeKeyOf(scope) });
  return {
    inForce: async (store, line, at) => (await find(store, { ...ofLine(line), effectiveFrom: { $lte: at } }).sort({ version: -1 }).limit(1).lean<Doc[]>())[0],
    binding: (store, keys, { at, ...parties }) => kind.versions(store).aggregate<Doc>(begunByLine({ key: { $in: [...keys] }, scopeKey: { $in: [...scopeKeysBinding(parties)] }, effectiveFrom: { $lte: at } })),
    versions: (store, line) => find(store, ofLine(line)).sort({ version: -1 }).limit(MOST_VERSIONS).lean<Doc[]>(),
    ofOrganisations: (store, organisationIds, key) => find(store, { ...(key !== undefined && { key }), $or: [{ scopeKey: null }, { 'scope.organisationIds': { $in: [...organisationIds] } }] })
      .sort({ key: 1, scopeKey: 1, version: -1 }).limit(MOST_VERSIONS).lean<Doc[]>(),
    version: async (store, { key, scope }, version) => (await find(store, { _id: idOf(lineOf(key, scope), version) }).lean<Doc[]>())[0],
    keys: async (store) => (await kind.versions(store).distinct('key', { scopeKey: null } as never) as string[]).sort(),
    add: async (store, { policy, draftId = null, approvals, reason, by, session }) => {
      const { key, version, effectiveFrom, basis } = policy;
      const scope = scopeOf(policy);
      const line = lineOf(key, scope);
      const doc: Doc = { ...policy, _id: idOf(line, version), line, scopeKey: scopeKeyOf(scope), draftId, ...(approvals && { approvals }), createdAt: by.at };
      await addVersion(store, {
        model: kind.versions(store), kind: kind.stream, doc, reason, by, ...(session && { session }),
        detail: { version, effectiveFrom, basis, ...(policy.scope && { scope }), [kind.holds]: contentOf(kind, policy), ...(draftId !== null && { draftId }), ...(approvals && { approvals }) },
      });
    },
  };
}

/** Of versions that match: of each line the one signed last. On those from before scopes the scope is missing: that is the installation's, too. */
export function begunByLine(match: object): PipelineStage.FacetPipelineStage[] {
  return [
    { $match: match }, { $sort: { version: -1 } }, { $group: { _id: { key: '$key', scopeKey: { $ifNull: ['$scopeKey', null] } }, newest: { $first: '$$ROOT' } } },
    { $replaceWith: '$newest' },
  ] as PipelineStage.FacetPipelineStage[];
}

const idOf = (line: string, version: number): string => `${line}/${String(version)}`;

export const ladderPolicies = storedPolicies(LADDER_POLICIES);
export const { add: addPolicy } = ladderPolicies;
export const capaPolicies = storedPolicies(CAPA_POLICIES);

/** The installation's ladders of a key that count at `at`. */
export async function policyInForce(store: Store, key: string, at: Instant): Promise<Policy | undefined> {
  const doc = await ladderPolicies.inForce(store, { key, scope: INSTALLATION }, at);
  return doc && policyOf(LADDER_POLICIES, doc);
}

/** The ladders of a key that count for these parties at `at`: of the narrowest scope that has any in force. */
export async function policyForParties(store: Store, key: string, where: BoundParties & { readonly at: Instant }): Promise<Policy | undefined> {
  const doc = narrowestInForce(await ladderPolicies.binding(store, [key], where), key, where);
  return doc && policyOf(LADDER_POLICIES, doc);
}

/** Whose CAPA it is, and of which topic. */
export interface CapaSubject extends BoundParties {
  readonly topic: string;
  readonly at: Instant;
}

/**
 * The timings of CAPAs that count for a topic between these parties at `at`, as a CAPA pins them: of the policy named like
 * the topic, else of the one for every topic. Throws Failure `rule_broken` naming the topic when there is neither.
 */
export async function capaPolicyInForce(store: Store, subject: CapaSubject): Promise<CapaPolicy> {
  const { topic } = subject;
  const policy = capaPolicyAmong(await capaPolicies.binding(store, [topic, FOR_EVERY_TOPIC], subject), subject);
  if (!policy) throw new Failure('rule_broken', 'No CAPA policy is in force.', { errors: [{ field: 'topic', message: `no CAPA policy is in force for ${topic}, nor for every topic` }] });
  return policy;
}

/** The same, of versions at hand. */
export function capaPolicyAmong(versions: readonly PolicyVersionDoc<'timings'>[], { topic, ...where }: CapaSubject): CapaPolicy | undefined {
  const named = narrowestInForce(versions, topic, where);
  if (named) return policyOf(CAPA_POLICIES, named, topic === FOR_EVERY_TOPIC ? 'default' : 'topic');
  const usual = narrowestInForce(versions, FOR_EVERY_TOPIC, where);
  return usual && policyOf(CAPA_POLICIES, usual, 'default');
}
