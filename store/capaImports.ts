import { randomUUID } from 'node:crypto';
import type { ClientSession } from 'mongoose';
import type { SystemActor } from '../contracts/actor';
import type { CapaOpening } from '../contracts/capaState';
import { CAPA } from '../contracts/capaWords';
import { OPEN_ACT, type NewRecord } from '../contracts/entity';
import { Failure } from '../contracts/failures';
import { epochMsOf, type Instant } from '../contracts/instant';
import type { CheckedCapa } from '../domain/capaImport/checkRow';
import { documentsHash } from '../domain/audit/documents';
import { partiesOf } from '../domain/capa/seats';
import { absentSponsors } from '../domain/consent/share';
import { linkConsents } from '../domain/evidence/linking';
import { createRecord, type AdministeredKind } from './administration';
import { deliverCommand, type DeliveryDeps } from './commandDelivery';
import { bodyHashOf, derivedCommandId, insertCommands, jsonOf, type NewCommand } from './commands';
import { inTransaction, type Store } from './connection';
import { nextNumbers } from './counters';
import { isDuplicateKey } from './duplicateKey';
import { linksOf, linkToComing, type EvidenceActor } from './evidenceLinks';
import { rowIdOf } from './capaImportWorld';
import type { CapaImportDoc, CapaImportRowDoc } from './schemas/capaImports';
import type { CommandDoc, RecordDoc } from './schemas/records';
import { sponsorsOf } from './studies';

export const capaImportKind: AdministeredKind<CapaImportDoc> = { kind: 'capa-import', model: (store) => store.models.capaImports };

/** Openings of one import that are sent at the same time. */
const LANES = 8;

/** A table without mistakes, to be brought in. */
export interface NewImport {
  /** Of the request: the same person with the same key gives the same id. */
  readonly id: string;
  readonly organisationId: string;
  readonly fileSha256: string;
  readonly catchUpAt: Instant;
  readonly capas: readonly CheckedCapa[];
  readonly actor: EvidenceActor;
}

/** The import of this id, or undefined. */
export async function importById(store: Store, id: string): Promise<CapaImportDoc | undefined> {
  return (await store.models.capaImports.findById(id).lean<CapaImportDoc>()) ?? undefined;
}

/**
 * Stores an import: the import itself, each line, its opening as a received command and the links of its scans, in one
 * transaction: from then on every line comes to run, whoever dies. The openings are the product's: what the importer
 * may was asked once, for all. Throws Failure `exists` when a number was brought in at the same moment.
 */
export async function storeImport(store: Store, fresh: NewImport): Promise<CapaImportDoc> {
  const numbers = await nextNumbers(store, 'CAPA', fresh.capas.map(({ request }) => ({ studyId: request.studyId ?? null, organisationIds: partiesOf(request) })));
  const openings = fresh.capas.map((capa, index) => openingOf(fresh, capa, numbers[index] ?? ''));
  try {
    return await inTransaction(store, async (session) => {
      const stored = await createRecord(store, { kind: capaImportKind, id: fresh.id, fields: fieldsOf(fresh), by: fresh.actor.by, session, documents: { rows: documentsHash(openings.map(({ line }) => line)) } });
      await store.models.capaImportRows.insertMany(openings.map(({ line }) => line), { session });
      await insertCommands(store, openings.map(({ command }) => command), session);
      for (const { capa, command } of openings) await linkScans(store, { fresh, capa, recordId: command.recordId }, session);
      return stored;
    });
  } catch (error) {
    if (isDuplicateKey(error)) throw new Failure('exists', 'One of these numbers was brought in at the same moment; nothing was imported. Check the table again.');
    throw error;
  }
}

function fieldsOf({ organisationId, fileSha256, catchUpAt, capas, actor }: NewImport) {
  const states: Record<string, number> = {};
  for (const { imported } of capas) states[imported.status] = (states[imported.status] ?? 0) + 1;
  return { organisationId, fileSha256, catchUpAt, rows: capas.length, states, overdue: capas.filter(({ overdue }) => overdue.length > 0).length, importedBy: actor.person };
}

interface Opening { readonly capa: CheckedCapa; readonly line: CapaImportRowDoc; readonly command: NewCommand }

function openingOf({ id: importId, fileSha256, organisationId, actor }: NewImport, capa: CheckedCapa, number: string): Opening {
  const { personId, role, organisationId: seat } = actor.person;
  const recordId = randomUUID();
  const commandId = derivedCommandId(importId, `row/${String(capa.row)}`);
  const system: SystemActor = { kind: 'system', name: 'import', correlationId: actor.by.correlationId };
  const { title, description, ...request } = capa.request;
  const opening: NewRecord<CapaOpening> = {
    recordId, openKey: commandId, actor: system, content: { title, description },
    opening: {
      id: recordId, number, request, policy: capa.policy, sponsorOrganisationId: capa.sponsorOrganisationId, raisedBy: personId,
      imported: { ...capa.imported, importId, fileSha256, by: { personId, role, organisationId: seat } },
    },
  };
  return {
    capa,
    line: { _id: rowIdOf(organisationId, capa.externalNumber), importId, row: capa.row, externalNumber: capa.externalNumber, recordId, number, commandId, status: capa.imported.status },
    command: {
      _id: commandId, capability: CAPA.capability, recordId, act: OPEN_ACT, body: {}, bodyHash: bodyHashOf(capa.request), actor: system, opening: jsonOf(opening),
      receivedAt: actor.by.at,
    },
  };
}

async function linkScans(store: Store, { fresh, capa, recordId }: { fresh: NewImport; capa: CheckedCapa; recordId: string }, session: ClientSession): Promise<void> {
  for (const evidenceId of capa.evidenceIds) {
    await requireSameCircle(store, { evidenceId, capa, linking: fresh.actor.person.organisationId }, session);
    await linkToComing(store, { evidenceId, recordId, capability: CAPA.capability, visibleTo: partiesOf(capa.request), actor: fresh.actor }, session);
  }
}

/** A scan of one sponsor's CAPA shows nothing to another's, neither from an earlier record nor from another line of the table. */
async function requireSameCircle(store: Store, { evidenceId, capa, linking }: { evidenceId: string; capa: CheckedCapa; linking: string }, session: ClientSession): Promise<void> {
  const links = (await linksOf(store, [evidenceId], session)).filter(({ consentIds = [] }) => consentIds.length === 0);
  const recordIds = links.map(({ recordId }) => recordId);
  const records = await store.models.records.find({ _id: { $in: recordIds } }, { raisingOrganisationId: 1, accountableOrganisationId: 1, studyId: 1 }).session(session).lean<Pick<RecordDoc, 'raisingOrganisationId' | 'accountableOrganisationId' | 'studyId'>[]>();
  // Other lines of the same table are on their way: their openings say whose they are.
  const coming = await store.models.commands.find({ recordId: { $in: recordIds }, act: OPEN_ACT }, { opening: 1 }).session(session).lean<{ readonly opening: NewRecord<CapaOpening> }[]>();
  const known = [...records, ...coming.map(({ opening }) => opening.opening.request)].map((one) => ({ parties: partiesOf(one), studyId: one.studyId ?? null }));
  const sponsors = (await Promise.all(known.map(async (one) => absentSponsors({ parties: one.parties, sponsors: await sponsorsOf(store, one.studyId) })))).flat();
  const homes = known.map((one) => one.parties);
  const parties = partiesOf(capa.request);
  const asked = linkConsents({ linkingOrganisationId: linking, ownerOrganisationId: linking, homes, sponsors, parties, readers: parties });
  if (asked.length === 0) return;
  const errors = [{ field: `row ${String(capa.row)}, evidence`, message: 'hangs on a record of other organisations: it would show them to each other' }];
  throw new Failure('rule_broken', 'A file of the table hangs on a record of other organisations; nothing was brought in.', { errors });
}

/** Sends the openings of an import that have no answer, for at most `withinMs`; what is left is housekeeping's. */
export async function sendImport(deps: DeliveryDeps, importId: string, withinMs: number): Promise<void> {
  const rows = await deps.store.models.capaImportRows.find({ importId }, { commandId: 1 }).sort({ row: 1 }).lean<Pick<CapaImportRowDoc, 'commandId'>[]>();
  const waiting = await deps.store.models.commands.find({ _id: { $in: rows.map(({ commandId }) => commandId) }, status: 'received' }).lean<CommandDoc[]>();
  const until = epochMsOf(deps.now()) + withinMs;
  const lane = async (): Promise<void> => {
    for (let command = waiting.shift(); command !== undefined; command = waiting.shift()) {
      const left = until - epochMsOf(deps.now());
      if (left <= 0 || (await deliverCommand(deps, command, left)).outcome === 'pending') return;
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

/** How far a line has come. */
export interface ImportProgress extends Pick<CapaImportRowDoc, 'row' | 'externalNumber' | 'recordId' | 'number' | 'status'> {
  readonly progress: 'waiting' | 'running' | 'refused';
  /** Why it was refused, which the product does not expect. */
  readonly reason: string | null;
}

/** How far each line of an import has come, in the order of the table. */
export async function importProgress(store: Store, importId: string): Promise<readonly ImportProgress[]> {
  const rows = await store.models.capaImportRows.find({ importId }).sort({ row: 1 }).lean<CapaImportRowDoc[]>();
  const commands = await store.models.commands.find({ _id: { $in: rows.map(({ commandId }) => commandId) } }, { status: 1, answer: 1 }).lean<Pick<CommandDoc, '_id' | 'status' | 'answer'>[]>();
  const records = new Set((await store.models.records.find({ _id: { $in: rows.map(({ recordId }) => recordId) } }, { _id: 1 }).lean<{ _id: string }[]>()).map(({ _id }) => _id));
  return rows.map(({ row, externalNumber, recordId, number, status, commandId }) => {
    const answer = commands.find(({ _id }) => _id === commandId)?.answer;
    const isRefused = answer !== undefined && answer.status >= 400;
    return {
      row, externalNumber, recordId, number, status, progress: records.has(recordId) ? 'running' : isRefused ? 'refused' : 'waiting',
      reason: isRefused ? (answer.body as { detail?: string } | null)?.detail ?? `refused with ${String(answer.status)}` : null,
    };
  });
}
