import type { PersonActor } from '../../contracts/actor';
import type { Capability } from '../../contracts/ids';
import type { Instant } from '../../contracts/instant';
import { mayAct } from '../../domain/access/ability';
import type { RecordAct } from '../../domain/access/roles';
import { personInForce, type PersonInForce } from '../../store/authority';
import { deliverCommand } from '../../store/commandDelivery';
import { bodyHashOf, derivedCommandId, receiveCommand } from '../../store/commands';
import type { Store } from '../../store/connection';
import { openDuties, type Duty } from '../../store/issues';
import { matrixRowInForce } from '../../store/matrix';
import type { CommandDoc } from '../../store/schemas/records';
import type { PathDeps } from './commandPath';

/** The right without which nobody can do the duty that they hold. */
const DUTY: Readonly<Record<Capability, RecordAct>> = { escalation: 'progress', control: 'control:log-contact', drill: 'drill:confirm', capa: 'capa:own' };

/**
 * Gives the open duties that a person may do no more (P11), having left or lost a role, to the deputies that the matrix
 * names, each on its record; without one who may, the duty goes back to its level. Returns how many records it concerns.
 * What cannot be answered now is stored and sent again later.
 */
export function createDutyReassignment(deps: Pick<PathDeps, 'store' | 'gateway' | 'now' | 'settings'>): (input: { readonly personId: string; readonly reason: string; readonly by: PersonActor }) => Promise<number> {
  return async ({ personId, reason, by }) => {
    const now = deps.now();
    const person = await personInForce(deps.store, { personId, at: now });
    const duties = (await openDuties(deps.store, personId)).filter((duty) => !mayDo(person, duty, now));
    const commands: CommandDoc[] = [];
    // All are stored before the first is sent: a crash on the way forgets none.
    for (const duty of duties) {
      const body = { personId, deputyId: await deputyFor(deps.store, { duty, personId, at: now }), reason };
      const { command } = await receiveCommand(deps.store, {
        _id: derivedCommandId(`${by.correlationId}/${duty._id}`, `relieve/${personId}`), capability: duty.capability, recordId: duty._id,
        act: 'relieve', body, bodyHash: bodyHashOf(body), receivedAt: now,
        actor: { kind: 'system', name: 'effect', correlationId: by.correlationId },
      });
      if (command.status === 'received') commands.push(command);
    }
    for (const command of commands) {
      const delivered = await deliverCommand({ store: deps.store, now: deps.now, send: deps.gateway.send }, command, deps.settings.answerWithinMs);
      // The engine is away; the re-sending does the rest, and the caller need not wait for each.
      if (delivered.outcome === 'pending') break;
    }
    return duties.length;
  };
}

function mayDo(person: PersonInForce | undefined, duty: Duty, at: Instant): boolean {
  if (!person) return false;
  const record = { ...duty, assigneeIds: [person.personId] };
  return mayAct({ memberships: person.memberships, act: DUTY[duty.capability], record, now: at }) !== undefined;
}

async function deputyFor(store: Store, { duty, personId, at }: { duty: Duty; personId: string; at: Instant }): Promise<string | null> {
  const { studyId, topic, raisingOrganisationId, accountableOrganisationId } = duty;
  const row = await matrixRowInForce(store, { studyId, topic, organisationIds: [raisingOrganisationId, accountableOrganisationId], at });
  for (const { deputyId } of row?.contacts.filter((contact) => contact.personId === personId) ?? []) {
    if (deputyId !== personId && mayDo(await personInForce(store, { personId: deputyId, at }), duty, at)) return deputyId;
  }
  return null;
}
