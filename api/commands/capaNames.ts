import type { CapaAct, CapaPersonCommand } from '../../contracts/capa';
import type { CapaState } from '../../contracts/capaState';
import { CAPA } from '../../contracts/capaWords';
import type { EvidenceRef } from '../../contracts/evidence';
import { Failure, type FieldError } from '../../contracts/failures';
import { accessRecordOf, mayAct } from '../../domain/access/ability';
import { evidenceIn } from '../../domain/capa/evidence';
import { capa } from '../../domain/capa/machine';
import { peopleNamedIn, type NamedPerson } from '../../domain/capa/named';
import { reasonFaults } from '../../domain/capa/reasons';
import { peopleInForce, type PersonInForce } from '../../store/authority';
import { evidenceRefs } from '../../store/evidenceLinks';
import type { RecordDoc } from '../../store/schemas/records';
import type { ApiDeps } from '../deps';
import type { PersonsAct } from './actOnRecord';
import { requireSeen } from './capaSource';

/** Hashes of the evidence that a body names, as far as it is this record's. */
export async function pinnedFor({ store }: ApiDeps, { _id }: RecordDoc, body: unknown): Promise<readonly EvidenceRef[]> {
  const ids = [...new Set(evidenceIn(body).map(({ id }) => id))];
  return ids.length === 0 ? [] : evidenceRefs(store, { recordId: _id, evidenceIds: ids });
}

/**
 * What the machine cannot know, at the moment of acting: the people named are active, of the organisation that owes the duty and in a
 * role that may do it (Q9); the evidence named is whole and linked to this CAPA (B11); the records named are there for the caller. Throws
 * Failure `rule_broken` naming every field at fault.
 */
export async function checkNamed(deps: ApiDeps, record: RecordDoc, { act, body, caller, pinned }: PersonsAct<CapaAct> & { readonly pinned: readonly EvidenceRef[] }): Promise<void> {
  const command = { act, body } as CapaPersonCommand;
  if (command.act === 'link') await requireSeen(deps, caller, { field: 'recordId', recordId: command.body.recordId });
  if (command.act === 'propose' && command.body.duplicateOf !== undefined) await requireSeen(deps, caller, { field: 'duplicateOf', recordId: command.body.duplicateOf, capability: CAPA.capability });
  const state: CapaState = capa.migrate(record.state, record.stateVersion);
  const unexplained = command.act === 'save' || command.act === 'submit' ? reasonFaults(state, command.body) : [];
  const errors = [...unexplained, ...await peopleFaults(deps, record, peopleNamedIn(state, command)), ...evidenceFaults(body, pinned)];
  const [first] = errors;
  if (first) throw new Failure('rule_broken', `${first.field}: ${first.message}`, { errors });
}

async function peopleFaults({ store, now }: ApiDeps, record: RecordDoc, named: readonly NamedPerson[]): Promise<readonly FieldError[]> {
  if (named.length === 0) return [];
  const at = now();
  const people = await peopleInForce(store, { personIds: [...new Set(named.map(({ personId }) => personId))], at });
  const isFit = (person: PersonInForce | undefined, { personId, organisationIds, right }: NamedPerson): boolean => {
    const memberships = (person?.memberships ?? []).filter(({ organisationId }) => organisationIds.includes(organisationId));
    // Whoever has the duty sees the record, whatever the role's usual sight.
    return mayAct({ memberships, act: right, record: { ...accessRecordOf(record), assigneeIds: [personId] }, now: at }) !== undefined;
  };
  return named
    .filter((one) => !isFit(people.find(({ personId }) => personId === one.personId), one))
    .map(({ field, right, organisationIds }) => ({ field, message: `not an active person of ${organisationIds.length === 1 ? 'that organisation' : 'one of the two organisations'} in a role that may ${right === 'capa:assess' ? 'assess the effect' : 'work on a CAPA'}` }));
}

function evidenceFaults(body: object, pinned: readonly EvidenceRef[]): readonly FieldError[] {
  const known = new Set(pinned.map(({ id }) => id));
  return evidenceIn(body).filter(({ id }) => !known.has(id)).map(({ field }) => ({ field, message: 'no complete evidence that is linked to this CAPA' }));
}
