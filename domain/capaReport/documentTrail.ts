import type { AuditActor, AuditEntry } from '../../contracts/audit';
import { STAGES } from '../../contracts/capaWords';
import type { Block, Cell, Line } from '../../contracts/document';
import { durationText } from '../matrix/durationText';
import type { Shown } from './documentCapa';
import { evidenceUses } from './iterations';
import type { CapaReport, ReportedEntry } from './report';
import { code, detailText, facts, heading, lateText, plain, quiet, sentence, strong, table, utc, words, type Names } from './wording';

/** Every signature with what 21 CFR 11.50 asks for, and what it stands for now. */
export function signatures({ report: { signatures: all } }: Shown): readonly Block[] {
  const rows = all.map(({ printedName, role, organisationName, signedAt, zone, localTime, meaning, act, subject, version, contentHash, standing, verifies, rev }): readonly Cell[] => [
    [strong(printedName), plain(words(role)), plain(organisationName)],
    [plain(utc(signedAt)), quiet(localTime.replace(/\[.*\]$/u, '')), quiet(zone)],
    [strong(meaning), quiet(words(act))],
    [
      plain(`${words(subject)}, version ${String(version)}`),
      standing === 'this_version' ? strong('for this version') : strong('not for this version'),
      quiet(standing === 'this_version' ? 'what was signed is as it was' : 'what was signed has changed since'),
      quiet(verifies ? 'the signed content verifies' : 'THE KEPT CONTENT IS NOT WHAT WAS SIGNED'), quiet(`made revision ${String(rev)}`), code(contentHash),
    ],
  ]);
  return [
    heading(2, 'Electronic signatures'),
    table([['Signed by', 25], ['When', 22], ['Meaning', 14], ['What was signed', 39]], rows, 'Nobody has signed yet.'),
    sentence('Each is bound to the SHA-256 of the RFC 8785 form of what was signed; that content is in the attached JSON.'),
  ];
}

const OTHER_SPANS = ['monitoring', 'decision', 'recurrenceWatch'] as const;
const SPAN_WORDS: Readonly<Record<string, string>> = { recurrenceWatch: 'recurrence watch' };

/** Stages, deadlines, extensions: what was due when, originally and now. */
export function timings({ report, names }: Shown): readonly Block[] {
  const { capa, stages, deadlines, policy } = report;
  const spans = [...STAGES, ...OTHER_SPANS].map((name) => `${SPAN_WORDS[name] ?? words(name)} ${durationText(policy.timings[name])}`);
  return [
    heading(2, 'Timings'),
    sentence(`Policy ${policy.key} version ${String(policy.version)} for ${policy.severity}: ${spans.join('; ')}. bd: business days on the calendar of the accountable organisation.`),
    heading(3, 'Stages'),
    table(
      [['Stage', 18], ['Iteration', 10], ['From', 24], ['Due', 26], ['Ended', 22]],
      stages.map(({ name, iteration, from, due, originalDue, endedAt, missedAt }) => [
        words(name), String(iteration), utc(from), [plain(utc(due)), ...(originalDue === due ? [] : [quiet(`originally ${utc(originalDue)}`)])],
        [plain(utc(endedAt)), ...(missedAt === null ? [] : [quiet(`passed unmet ${utc(missedAt)}`)])],
      ]),
      'No stage has begun.',
    ),
    heading(3, 'Extensions'),
    table(
      [['Of', 16], ['From, to', 22], ['Justification and interim control', 34], ['Asked and decided', 28]],
      capa.extensions.map(({ no, deadline, iteration, count, from, to, justification, interimControl, late, requested, status, decided }) => [
        [plain(deadline), quiet(`request ${String(no)}, extension ${String(count)}, iteration ${String(iteration)}`)], [plain(utc(from)), plain(utc(to)), ...(late ? [strong('asked for late')] : [])],
        [plain(justification), quiet(`meanwhile: ${interimControl}`)], [strong(status), quiet(`asked by ${names.hand(requested)}`), ...(decided ? [quiet(`decided by ${names.hand(decided)}`)] : [])],
      ]),
      'None was asked for.',
    ),
    heading(3, 'Deadlines'),
    table(
      [['Deadline', 32], ['Due', 24], ['Came out', 14], ['Ended', 22], ['Late by', 12]],
      deadlines.map(({ name, due, outcome, endedAt, lateByMs }) => [name, utc(due), outcome, utc(endedAt), lateText(lateByMs)]),
      'There was none.',
    ),
  ];
}

/** Every file by name, size and hash, with where the CAPA names it; and what is named and not there. */
export function evidence({ report, names }: Shown): readonly Block[] {
  const uses = evidenceUses({ containment: report.capa.containment, elsewhere: report.capa.approvedElsewhere, iterations: report.iterations });
  const rows = report.evidence.map(({ label, id, fileName, mediaType, sizeBytes, sha256, version, replaces, retention, stored, linked }): readonly Cell[] => {
    const where = [...new Set(uses.filter((use) => use.id === id).map((use) => use.where))];
    return [
      [strong(label), ...(version > 1 ? [quiet(`version ${String(version)}`)] : [])],
      [strong(fileName), plain(`${mediaType}, ${String(sizeBytes)} bytes`), code(sha256), quiet(`id ${id}${replaces === null ? '' : `, replaces ${replaces}`}`), quiet(`named by: ${where.length === 0 ? 'the list of evidence only' : where.join('; ')}`)],
      [plain(stored.name), quiet(`${words(stored.role)}, ${names.organisation(stored.organisationId)}`), quiet(`stored ${utc(stored.at)}`), quiet(`linked ${utc(linked.at)} by ${linked.name}`), quiet(`retention: ${words(retention)}`)],
    ];
  });
  const known = new Set(report.evidence.map(({ id }) => id));
  const gone = [...new Set(uses.filter(({ id }) => !known.has(id)).map(({ id, where }) => `${id} (${where})`))];
  return [
    heading(2, 'Evidence'),
    table([['No.', 8], ['File, SHA-256', 62], ['Stored by', 30]], rows, 'No evidence is linked to this CAPA.'),
    ...(gone.length === 0 ? [] : [facts(['Named, not linked', gone.join('\n')])]),
  ];
}

export function links({ report: { links: all } }: Shown): readonly Block[] {
  return [heading(2, 'Links'), table([['This CAPA', 24], ['Record', 76]], all.map(({ kind, number, recordId }) => [words(kind), recordId === null ? [quiet('a record of others')] : [plain(number ?? '–'), code(recordId)]]), 'It is linked to no other record.')];
}

/** The record's own chain, entry by entry. */
export function trail({ report: { trail: chain }, names }: Shown): readonly Block[] {
  const { length, head, intact, findings, withheld, entries } = chain;
  const rows = function* (): Generator<readonly Cell[]> {
    for (const entry of entries) yield entryRow(entry, names);
  };
  return [
    heading(2, 'Audit trail'),
    facts(
      ['Chain', [plain(`${String(length)} ${length === 1 ? 'entry' : 'entries'}; its end is`), code(head)]],
      ['Checked', intact ? 'every entry hashes to its hash and continues the one before it' : [strong('NOT INTACT'), ...findings.map(plain)]],
      ...(withheld.length === 0 ? [] : [['Left out', `entries for other organisations only: ${withheld.join(', ')}`] as const]),
    ),
    sentence('Each entry carries the SHA-256 of its RFC 8785 form, which holds the hash of the entry before. Refused attempts and notices are kept in streams of their own and are no part of this report.'),
    ...(entries.length === 0 ? [] : [{ kind: 'table', columns: [{ label: '#', share: 6 }, { label: 'When (UTC)', share: 13 }, { label: 'Who', share: 23 }, { label: 'What', share: 58 }], rows: { [Symbol.iterator]: rows } } as const]),
  ];
}

function entryRow(entry: ReportedEntry, names: Names): readonly Cell[] {
  if (!('action' in entry)) return [String(entry.seq), '–', '–', [quiet('for another organisation only'), code(entry.hash)]];
  const { seq, at, actor, rev, hash } = entry;
  return [String(seq), [plain(at.slice(0, 10)), plain(at.slice(11, 19)), ...(rev === undefined ? [] : [quiet(`revision ${String(rev)}`)])], actorLines(actor, names), [...whatLines(entry, names), code(hash)]];
}

function actorLines(actor: AuditActor, names: Names): readonly Line[] {
  if (actor.kind === 'person') return [plain(actor.name), quiet(`${words(actor.role)}, ${names.organisation(actor.organisationId)}`)];
  const { name, workflowId, runId, definition, policyVersion } = actor;
  return [plain(`the product: ${name}`), ...[workflowId, runId && `run ${runId}`, definition, policyVersion && `policy ${policyVersion}`].filter((part) => part !== undefined && part !== '').map((part) => quiet(String(part)))];
}

function whatLines(entry: AuditEntry, names: Names): readonly Line[] {
  const { action, field, old, new: value, reason, detail } = entry;
  return [
    strong(field === undefined ? action : `${action} · ${field}`),
    ...(old === undefined && value === undefined ? [] : [plain(`${names.value(old)} → ${names.value(value)}`)]),
    ...(reason === undefined ? [] : [plain(`reason: ${reason}`)]),
    ...(detail === undefined ? [] : [quiet(detailText(detail))]),
    ...('withheld' in entry ? [quiet('what it names of others is left out; the hash is that of the whole entry')] : []),
  ];
}

/** How the two forms of the report vouch for each other. */
export function about({ basis, trail: { streamId } }: CapaReport, attached: { readonly name: string; readonly sha256: string }): readonly Block[] {
  const { revision, lastEntry, evidence: files, asOf } = basis;
  return [
    heading(2, 'About this report'),
    facts(
      ['What it is of', `revision ${String(revision)}${lastEntry === null ? '' : `, whose trail ends with entry ${String(lastEntry.seq)} of ${utc(lastEntry.at)}`}; ${String(files.count)} pieces of evidence${files.lastLinkedAt === null ? '' : `, the last linked ${utc(files.lastLinkedAt)}`}`],
      ['Same bytes', 'made again from the same revision and the same evidence it is the same file, byte by byte; so it bears no date of its making. Names are those of ' + utc(asOf)],
      ['The same as JSON', [plain(`attached as ${attached.name}; SHA-256`), code(attached.sha256)]],
      ['To check the chain', [plain('hash the RFC 8785 form of each entry without its "hash", and compare; stream'), code(streamId)]],
      ['Characters', 'that the font does not have, that cannot be seen or that are read from right to left stand as their code point, e.g. [U+6F22]; the JSON has them as they are'],
    ),
  ];
}
