import type { Instant } from '../contracts/instant';
import type { Store } from './connection';
import { scopeKeysBinding } from '../domain/policy/scope';
import { rowKeysFor, rowOfTopic } from './matrix';
import type { PinnableFacts } from '../domain/escalation/opening';
import { begunByLine } from './policies';
import { LADDER_POLICIES, policyOf } from './policyKinds';
import type { MatrixDoc } from './schemas/matrix';
import type { OrganisationDoc, StudyDoc } from './schemas/people';
import type { PolicyDoc } from './schemas/policies';
import type { CommandDoc } from './schemas/records';

export interface OpeningQuestion {
  /** The opening may have come before. */
  readonly commandId: string;
  readonly organisationIds: readonly string[];
  readonly studyId: string | null;
  readonly topic: string;
  readonly at: Instant;
}

/** Everything stored that an opening depends on. */
export interface OpeningFacts {
  readonly command: CommandDoc | undefined;
  readonly organisations: readonly OrganisationDoc[];
  readonly study: StudyDoc | undefined;
  /** The matrix row in force; undefined: routed by role. */
  readonly row: MatrixDoc | undefined;
  /** Versions in force that bind what concerns these organisations, at most one a line. */
  readonly policies: readonly PolicyDoc[];
}

interface Found {
  readonly command: CommandDoc;
  readonly organisation: OrganisationDoc;
  readonly study: StudyDoc;
  readonly row: MatrixDoc;
  readonly policy: PolicyDoc;
}
type Tagged = { readonly [K in keyof Found]: { readonly kind: K; readonly doc: Found[K] } }[keyof Found];

/** One round trip for what would be six: an opening has to fit the budget of driver commands (test/e2e/budgets). */
export async function openingFacts(store: Store, asked: OpeningQuestion): Promise<OpeningFacts> {
  const { commandId, organisationIds, studyId, topic, at } = asked;
  const inForce = { effectiveFrom: { $lte: at } };
  const newestFirst = { $sort: { version: -1 } } as const;
  const found = await store.models.commands.aggregate<Tagged>([
    { $match: { _id: commandId } }, ...tagged('command'),
    { $unionWith: { coll: 'organisations', pipeline: [{ $match: { _id: { $in: [...organisationIds] } } }, ...tagged('organisation')] } },
    { $unionWith: { coll: 'studies', pipeline: [{ $match: { _id: studyId } }, ...tagged('study')] } },
    { $unionWith: { coll: 'matrix', pipeline: [{ $match: { rowKey: { $in: rowKeysFor({ studyId, topic, organisationIds }) }, ...inForce } }, newestFirst, ...tagged('row')] } },
    { $unionWith: { coll: 'policies', pipeline: [...begunByLine({ ...inForce, scopeKey: { $in: [...scopeKeysBinding({ organisationIds, studyId })] } }), ...tagged('policy')] } },
  ]);
  const all = <K extends keyof Found>(kind: K): readonly Found[K][] => found.filter((one) => one.kind === kind).map((one) => one.doc as Found[K]);
  return {
    command: all('command')[0], organisations: all('organisation'), study: all('study')[0], row: rowOfTopic(all('row'), topic),
    policies: all('policy'),
  };
}

/** What an issue's policy is chosen from. */
export function pinnableOf({ row, policies }: OpeningFacts, where: Pick<OpeningQuestion, 'organisationIds' | 'studyId' | 'at'>): PinnableFacts {
  const { organisationIds, studyId, at } = where;
  return { organisationIds, studyId, at, row, policies: policies.map((policy) => policyOf(LADDER_POLICIES, policy)) };
}

function tagged(kind: keyof Found) {
  return [{ $replaceWith: { kind, doc: '$$ROOT' } }];
}
