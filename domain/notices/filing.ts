import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import canonicalize from 'canonicalize';
import type { ChainHead } from '../../contracts/audit';
import type { Instant } from '../../contracts/instant';
import type { FilingRule, MatrixApproval } from '../../contracts/matrix';
import type { Signature } from '../../contracts/signature';
import type { TimelineFact } from '../timeline/timeline';

/** One attempt to tell somebody, with what proves it. */
export interface FiledNotice {
  readonly intent: string;
  readonly rev: number;
  readonly reason: string;
  readonly side: string | null;
  readonly level: number | null;
  readonly organisationId: string;
  readonly personId: string;
  readonly as: string;
  readonly channel: string;
  readonly address: string;
  readonly messageId: string;
  readonly contentHash: string;
  readonly status: string;
  readonly createdAt: Instant;
  readonly holdUntil: Instant | null;
  readonly toldAt: Instant | null;
  readonly failedAt: Instant | null;
  readonly failure: string | null;
  readonly reachedAt: Instant | null;
  readonly possiblyRepeated: boolean;
  readonly fallbackOf: string | null;
  readonly digestId: string | null;
  readonly drill: boolean;
}

/** One organisation's approval of the row that routed the record, with its electronic signature; no id: it was given without one. */
export interface FiledApproval extends Omit<MatrixApproval, 'signatureId'> {
  readonly signatureId: string | null;
  readonly signature: Omit<Signature, 'recordId' | 'personId' | 'organisationId' | 'role'> | null;
}

export interface FilingSources {
  readonly record: {
    readonly id: string; readonly number: string; readonly rev: number; readonly status: string; readonly topic: string; readonly severity: string;
    readonly studyId: string | null; readonly raisingOrganisationId: string; readonly accountableOrganisationId: string; readonly openedAt: Instant; readonly drill: boolean;
  };
  /** The version of the matrix row that routed the record; undefined: it was routed by role. */
  readonly row: { readonly rowKey: string; readonly version: number; readonly filing: FilingRule | undefined; readonly approvals: readonly FiledApproval[] } | undefined;
  readonly notices: readonly FiledNotice[];
  readonly facts: readonly TimelineFact[];
  /** Ends of the record's own audit chain and of the one of its notices. */
  readonly chains: readonly ChainHead[];
  /** Whose copy it is: addresses of everybody else are masked. */
  readonly organisationIds: readonly string[];
}

/**
 * The filing-ready record of what was told, delivered, reached and acknowledged (E11): the same input
 * gives the same bytes. `sha256` covers the RFC 8785 form of everything but itself.
 */
export function filingRecord(sources: FilingSources) {
  const { record, row, chains, organisationIds } = sources;
  const acknowledgements = acknowledgementsOf(sources.facts);
  const body = {
    kind: 'cro-oversight/filing-record', version: 1, preparedFor: [...organisationIds].toSorted(), record,
    matrix: row ? { rowKey: row.rowKey, version: row.version, approvals: row.approvals } : null,
    filing: row?.filing ? { ...row.filing } : null,
    notices: sources.notices.toSorted((a, b) => a.rev - b.rev || compare(a.createdAt, b.createdAt) || compare(a.intent, b.intent)).map((notice) => filed(notice, { acknowledgements, organisationIds })),
    acknowledgements,
    audit: chains.map(({ streamId, length, head }) => ({ streamId, length, head })),
  };
  return inOrder({ ...body, sha256: hashOf(body) });
}
export type FilingRecord = ReturnType<typeof filingRecord>;

/** Hash of a document's canonical form. */
export function hashOf(document: object): string {
  return bytesToHex(sha256(utf8ToBytes(canonicalize(plain(document)) ?? '')));
}

interface Acknowledgement {
  readonly personId: string;
  readonly organisationId: string;
  readonly role: string;
  readonly at: Instant;
  readonly seq: number;
}

function acknowledgementsOf(facts: readonly TimelineFact[]): readonly Acknowledgement[] {
  return facts.flatMap(({ action, actor, at, seq }) => {
    if (action !== 'issue.acknowledged' || actor.kind !== 'person') return [];
    return [{ personId: actor.personId, organisationId: actor.organisationId, role: actor.role, at, seq }];
  }).toSorted((a, b) => a.seq - b.seq);
}

/** Sent, delivered, reached, acknowledged: four instants that nobody may take for one another. */
function filed(notice: FiledNotice, { acknowledgements, organisationIds }: { acknowledgements: readonly Acknowledgement[]; organisationIds: readonly string[] }) {
  const { intent, createdAt, toldAt, organisationId, address, ...kept } = notice;
  const own = toldAt === null ? undefined : acknowledgements.find(({ personId, at }) => personId === notice.personId && at >= toldAt);
  const byOther = toldAt === null ? undefined : acknowledgements.find((one) => one.organisationId === organisationId && one.at >= toldAt);
  const acknowledgement = own ?? byOther;
  return {
    ...kept, id: intent, organisationId, address: organisationIds.includes(organisationId) ? address : masked(address),
    sentAt: createdAt, deliveredAt: toldAt, reachedAt: kept.reachedAt ?? own?.at ?? null,
    acknowledgedAt: acknowledgement?.at ?? null, acknowledgedBy: acknowledgement?.personId ?? null,
  };
}

/** The other organisation's people keep their addresses to themselves: only where it went, not to whom. */
export function masked(address: string): string {
  if (address === '') return '';
  const host = /^https?:\/\/([^/?#]+)/.exec(address)?.[1];
  return host === undefined ? `***@${address.slice(address.lastIndexOf('@') + 1)}` : `https://${host}/***`;
}

/** The document with its members in canonical order, so that any writer of JSON gives the same bytes. */
function inOrder<Document extends object>(document: Document): Document {
  return JSON.parse(canonicalize(plain(document)) ?? '{}') as Document;
}

const plain = (document: object): object => JSON.parse(JSON.stringify(document)) as object;
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
