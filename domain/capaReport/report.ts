import type { AuditEntry, ChainHead } from '../../contracts/audit';
import type { Instant } from '../../contracts/instant';
import type { Signature } from '../../contracts/signature';
import type { Json } from '../../contracts/step';
import { canonicalText } from '../audit/chain';
import { checkAttestation, verifyChain } from '../audit/verify';
import { capa } from '../capa/machine';
import { capaView } from '../capa/view';
import type { ViewableRecord } from '../records/viewableRecord';
import { shownOf, wordsOf } from '../signature/shown';
import { deadlineLedger, type TimelineStep } from '../timeline/deadlines';
import { isVisible } from '../timeline/reader';
import { iterationsOf } from './iterations';
import { reportedVersions, sinceSigned } from './versions';

/** A piece of evidence that is linked to the CAPA. */
export interface ReportedFile {
  readonly id: string;
  readonly fileName: string;
  readonly mediaType: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly version: number;
  readonly replaces: string | null;
  readonly retention: string;
  readonly stored: { readonly at: Instant; readonly name: string; readonly role: string; readonly organisationId: string };
  readonly linked: { readonly at: Instant; readonly name: string; readonly role: string; readonly organisationId: string };
}

/** What ids are called, as of the instant that the report is of. */
export interface ReportNames {
  readonly people: Readonly<Record<string, string>>;
  readonly organisations: Readonly<Record<string, string>>;
  readonly studies: Readonly<Record<string, string>>;
}

/** What a report is made from: the record at one revision, and what is kept beside it up to there. */
export interface ReportSources {
  readonly record: ViewableRecord & { readonly number: string; readonly chain: Omit<ChainHead, 'streamId'> };
  readonly signatures: readonly (Signature & { readonly content: Json })[];
  /** Of the record's own chain, in order. */
  readonly entries: readonly AuditEntry[];
  readonly steps: readonly TimelineStep[];
  /** In the order in which they were linked. */
  readonly evidence: readonly ReportedFile[];
  readonly names: ReportNames;
  /** Numbers of linked and counted records between the same organisations, by id. */
  readonly numbers: Readonly<Record<string, string>>;
  /** Whose eyes: entries for others only are left out, their place and hash stay. */
  readonly organisationIds: readonly string[];
}

/** A link as the report shows it; null: to a record that its reader may not know of. */
interface ReportedLink { readonly recordId: string | null; readonly kind: string; readonly number: string | null }

/** An entry as the report shows it; without content where it is for others only. */
export type ReportedEntry = AuditEntry | { readonly seq: number; readonly prevHash: string; readonly hash: string; readonly withheld: true };

/**
 * Everything about one CAPA, as JSON (21 CFR 11.10(b)): pure, and a function of what is recorded only, so that the same
 * revision with the same evidence gives the same report whenever and wherever it is made.
 */
export function capaReport(sources: ReportSources) {
  const { record, entries, evidence, names, numbers } = sources;
  const state = capa.migrate(record.state, record.stateVersion);
  const view = capaView(record);
  const last = entries.at(-1);
  const signatures = sources.signatures.map((signature) => {
    const now = capa.signable(state, signature.act, wordsOf(signature.content));
    return { ...shownOf(signature, now), since: sinceSigned(signature, now) };
  });
  const { key, version, effectiveFrom, basis } = state.policy;
  const deadlines = deadlineLedger(sources.steps, []).map(({ name, due, armedAt, armedRev, outcome, endedAt, lateByMs, calendar }) => ({ name, due, armedAt, armedRev, outcome, endedAt, lateByMs, calendar }));
  return {
    kind: 'cro-oversight/capa-report' as const, version: 1 as const,
    basis: {
      recordId: record._id, number: record.number, revision: record.rev, asOf: asOf(record, sources),
      lastEntry: last ? { seq: last.seq, at: last.at, hash: last.hash } : null,
      evidence: { count: evidence.length, lastLinkedAt: evidence.at(-1)?.linked.at ?? null },
    },
    capa: view,
    policy: { key, version, effectiveFrom, basis, severity: state.severity, timings: state.policy.timings[state.severity] },
    iterations: iterationsOf(state, signatures),
    signatures,
    versions: reportedVersions(entries.filter((entry) => isVisible(entry, sources.organisationIds))),
    evidence: evidence.map((file, index) => ({ label: `E${String(index + 1)}`, ...file })),
    stages: view.stages.map((stage) => ({ ...stage, ...datesOf(stage, deadlines) })),
    deadlines,
    links: view.links.map(({ recordId, kind }): ReportedLink => ({ recordId, kind, number: numbers[recordId] ?? null })),
    names, numbers,
    trail: trailOf(sources),
  };
}
export type CapaReport = ReturnType<typeof capaReport>;

/** The instant of the last thing that the report holds: names are those of then. */
export function asOf(record: Pick<ReportSources['record'], 'updatedAt'>, { entries, evidence }: Pick<ReportSources, 'entries' | 'evidence'>): Instant {
  const instants = [entries.at(-1)?.at, evidence.at(-1)?.linked.at].filter((at) => at !== undefined);
  return instants.toSorted().at(-1) ?? (record.updatedAt as Instant);
}

/** The bytes of the report: RFC 8785, so that any reader of JSON can make and hash them again. */
export const reportText = (report: CapaReport): string => canonicalText(report);

type Stage = ReturnType<typeof capaView>['stages'][number];

/** Due instants of a stage that the state does not keep: those of its deadline while it ran. */
function datesOf({ name, from, endedAt, originalDue, due }: Stage, deadlines: readonly { readonly name: string; readonly due: Instant; readonly armedAt: Instant }[]): Pick<Stage, 'originalDue' | 'due'> {
  const own = deadlines.filter((deadline) => deadline.name === `stage/${name}` && deadline.armedAt >= from && (endedAt === null || deadline.armedAt <= endedAt));
  return { originalDue: originalDue ?? own.at(0)?.due ?? null, due: due ?? own.at(-1)?.due ?? null };
}

function trailOf({ record, entries, organisationIds }: ReportSources) {
  const { length, head } = record.chain;
  const end = checkAttestation({ streamId: record._id, length, head, source: 'the record itself' }, { hash: entries.find(({ seq }) => seq === length)?.hash, length: entries.length, soundUpTo: 0 });
  const findings = [...verifyChain(entries), ...(end ? [end] : [])].map(({ message }) => message);
  const shown = entries.map((entry): ReportedEntry => {
    const { seq, prevHash, hash } = entry;
    return isVisible(entry, organisationIds) ? entry : { seq, prevHash, hash, withheld: true };
  });
  return { streamId: record._id, length, head, intact: findings.length === 0, findings, withheld: shown.filter((entry) => 'withheld' in entry).map(({ seq }) => seq), entries: shown };
}
