import type { Block, PlannedDocument } from '../../contracts/document';
import { decisions, elsewhere, identity, parties, problem, type Shown } from './documentCapa';
import { iterations } from './documentIterations';
import { about, evidence, links, signatures, timings, trail } from './documentTrail';
import { signedBefore, versions } from './documentVersions';
import type { CapaReport } from './report';
import { code, facts, heading, Names, sentence, utc } from './wording';

/** The JSON form of a report (`reportText`), as UTF-8 too, and its SHA-256 in hex. */
export interface JsonReport {
  readonly text: string;
  readonly bytes: Uint8Array;
  readonly sha256: string;
}

/** The report for paper, made from the JSON form and from nothing else; it carries it as attachment and prints its hash. */
export function reportDocument({ text, bytes, sha256 }: JsonReport): PlannedDocument {
  const report = JSON.parse(text) as CapaReport;
  const { number, revision, asOf } = report.basis;
  const name = `${fileNameOf(report)}.json`;
  const shown: Shown = { report, names: new Names(report) };
  const blocks: readonly Block[] = [
    heading(1, `${number}: ${report.capa.title}`),
    sentence(`Corrective and preventive action: report for inspection of revision ${String(revision)}, recorded up to ${utc(asOf)}. The same report as JSON is attached.`),
    ...identity(shown), facts(['SHA-256 of the JSON', [code(sha256)]]), ...parties(shown), ...elsewhere(shown), ...problem(shown), ...iterations(shown), ...decisions(shown), ...signatures(shown), ...signedBefore(shown), ...versions(shown), ...timings(shown), ...evidence(shown), ...links(shown), ...trail(shown),
    ...about(report, { name, sha256 }),
  ];
  return {
    // No title of somebody's choice: pdfkit writes it into XML as it is.
    title: `CAPA report ${plainText(number)} revision ${String(revision)}`, header: `${number} · ${report.capa.title}`, footer: `CAPA report · revision ${String(revision)} · recorded up to ${utc(asOf)}`,
    language: 'en', at: asOf, blocks, attachment: { name, mediaType: 'application/json', description: 'The same report as JSON (RFC 8785)', bytes },
  };
}

/** `CAPA-12-revision-37` */
export const fileNameOf = ({ basis: { number, revision } }: Pick<CapaReport, 'basis'>): string => `${plainText(number)}-revision-${String(revision)}`;

const plainText = (text: string): string => text.replaceAll(/[^A-Za-z0-9.-]/gu, '_');
