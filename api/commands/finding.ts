import type { CorrectFinding, RecordFinding } from '../../contracts/finding';
import { Failure, FAILURES } from '../../contracts/failures';
import { mayAct } from '../../domain/access/ability';
import { CAPA_RIGHTS } from '../../domain/capa/rights';
import { capaFromFinding } from '../../domain/capa/prefill';
import { broken } from '../../domain/escalation/opening';
import { prepareCapa } from '../../store/capaOpening';
import { bodyHashOf, derivedCommandId, findCommand, type NewCommand } from '../../store/commands';
import { correctFinding, findingById, isRecorded, keepFinding } from '../../store/findings';
import type { FindingDoc } from '../../store/schemas/findings';
import { requireTopic } from '../../store/topics';
import { byOf, notFound } from '../administer';
import type { ApiDeps, Caller } from '../deps';
import { seenFinding } from '../views/finding';
import { repeated, requestIdOf, type Acting } from './commandPath';
import { comingRecord, seatToOpen } from './opening';

/**
 * Records a finding and opens its CAPA: stored together, then sent under an id that follows from the finding, so that a retry opens
 * nothing twice. The finding stands whether or not the CAPA is open yet. Throws Failure `not_permitted`, `exists`, `idempotency_key_reused`, and `rule_broken` naming the field.
 */
export async function recordFinding(deps: ApiDeps, request: Acting<RecordFinding>): Promise<{ readonly finding: FindingDoc; readonly known: boolean }> {
  const id = requestIdOf(request, 'record-finding', null);
  const known = await knownFinding(deps, id, request.body);
  const finding = known ?? await keep(deps, id, request);
  await openCapaOf(deps, finding);
  return { finding, known: known !== undefined };
}

async function knownFinding({ store }: ApiDeps, id: string, body: RecordFinding): Promise<FindingDoc | undefined> {
  const known = await findingById(store, id);
  if (known && known.requestHash !== bodyHashOf(body)) throw new Failure('idempotency_key_reused', FAILURES.idempotency_key_reused.meaning);
  return known;
}

async function keep(deps: ApiDeps, id: string, request: Acting<RecordFinding>): Promise<FindingDoc> {
  const at = deps.now();
  const { body, caller, correlationId } = request;
  // The side that audited says what it found: nobody states it in its name. An inspector has no part in it.
  const raising = { ...caller, memberships: caller.memberships.filter(({ organisationId }) => organisationId === body.raisingOrganisationId) };
  const seat = seatToOpen(raising, { right: CAPA_RIGHTS.open, record: comingRecord(body), act: 'record', now: at });
  if (body.auditDate > at.slice(0, 10)) throw broken('auditDate', 'lies in the future');
  await requireTopic(deps.store, { organisationIds: [body.raisingOrganisationId, body.accountableOrganisationId], topic: body.topic });
  // Before a number is drawn for its CAPA.
  if (await isRecorded(deps.store, body)) throw new Failure('exists', 'The audit has a finding of this number.');
  // The product opens it: whoever recorded the finding may have left before an outage is over, and the CAPA is owed all the same.
  const actor = { kind: 'system', name: 'effect', correlationId: `finding/${id}` } as const;
  const prepared = await prepareCapa(deps.store, { request: capaFromFinding(id, body), actor, commandId: openingIdOf(id), at });
  try {
    if ('fresh' in prepared) return await keepFinding(deps.store, { id, fields: fieldsOf(request, prepared.fresh), opening: prepared.fresh, by: byOf(deps, { caller, correlationId }, seat) });
  } catch (error) {
    // The same request at the same moment has stored it; else the audit has a finding of this number.
    const stored = error instanceof Failure && error.type === 'exists' ? await knownFinding(deps, id, body) : undefined;
    if (!stored) throw error;
    return stored;
  }
  const stored = await knownFinding(deps, id, body);
  if (!stored) throw new Error(`the CAPA of finding ${id} is stored without its finding`);
  return stored;
}

const openingIdOf = (findingId: string): string => derivedCommandId(findingId, 'open-capa');

function fieldsOf({ body, caller }: Acting<RecordFinding>, opening: NewCommand) {
  const { auditReference, auditDate, findingNo, category, title, description, severity, topic, studyId, systemId, raisingOrganisationId, accountableOrganisationId } = body;
  const { number } = (opening.opening as unknown as { readonly opening: { readonly number: string } }).opening;
  return {
    auditReference, auditDate, findingNo, category, title, description, severity, topic, studyId: studyId ?? null, systemId: systemId ?? null, raisingOrganisationId, accountableOrganisationId,
    visibleTo: [...new Set([raisingOrganisationId, accountableOrganisationId])], assigneeIds: [], recordedBy: caller.personId, capaId: opening.recordId, capaNumber: number, requestHash: bodyHashOf(body),
  };
}

/** Sends the opening, again if need be. What is not answered now is sent again by housekeeping; a refusal is the command's answer. */
async function openCapaOf(deps: ApiDeps, { _id }: FindingDoc): Promise<void> {
  const command = await findCommand(deps.store, openingIdOf(_id));
  if (!command || command.answer) return;
  try {
    await repeated(deps, command);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
  }
}

/**
 * Corrects a finding: a new version, with its reason. Only quality of the side that audited does that, because whom a finding binds
 * must not reword it. Its CAPA stays as it is. Throws Failure `not_found`, `not_permitted`, `rev_mismatch`, `exists`.
 */
export async function correct(deps: ApiDeps, request: { readonly id: string; readonly body: CorrectFinding; readonly rev: number | undefined; readonly caller: Caller; readonly correlationId: string }): Promise<FindingDoc> {
  const { id, body, rev, caller, correlationId } = request;
  const finding = await seenFinding(deps, caller, id);
  if (!finding) throw notFound();
  const raising = caller.memberships.filter(({ organisationId }) => organisationId === finding.raisingOrganisationId);
  const seat = mayAct({ memberships: raising, act: 'capa:approve', record: finding, now: deps.now() });
  if (!seat) throw new Failure('not_permitted', 'Only quality assurance of the side that audited corrects a finding.', { rev: finding.rev });
  if (rev !== undefined && rev !== finding.rev) throw new Failure('rev_mismatch', FAILURES.rev_mismatch.meaning, { rev: finding.rev });
  const { reason, ...said } = body;
  if (said.auditDate !== undefined && said.auditDate > deps.now().slice(0, 10)) throw broken('auditDate', 'lies in the future');
  const changes = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
  return correctFinding(deps.store, { finding, changes, reason, by: byOf(deps, { caller, correlationId }, seat) });
}
