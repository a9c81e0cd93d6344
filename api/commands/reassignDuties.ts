import type { PersonActor } from '../../contracts/actor';
import type { Instant } from '../../contracts/instant';
import { personInForce } from '../../store/authority';
import { deliverCommand } from '../../store/commandDelivery';
import { bodyHashOf, derivedCommandId, receiveCommand } from '../../store/commands';
import { openDuties } from '../../store/issues';
import { matrixRowInForce } from '../../store/matrix';
import type { CommandDoc } from '../../store/schemas/records';
import type { PathDeps } from './commandPath';

type Duty = Awaited<ReturnType<typeof openDuties>>[number];

/**
 * Gives a person's open duties to the deputies that the matrix names (P11), each on its record;
 * without one the duty goes back to its level. Returns how many records it concerns. What cannot be
 * answered now is stored and sent again later.
 */
export function createDutyReassignment(deps: Pick<PathDeps, 'store' | 'gateway' | 'now' | 'settings'>): (input: { readonly personId: string; readonly reason: string; readonly by: PersonActor }) => Promise<number> {
  return async ({ personId, reason, by }) => {
    const duties = await openDuties(deps.store, personId);
    const commands: CommandDoc[] = [];
    // All are stored before the first is sent: a crash on the way forgets none.
    for (const duty of duties) {
      const body = { personId, deputyId: await deputyFor(deps, { duty, personId, at: deps.now() }), reason };
      const { command } = await receiveCommand(deps.store, {
        _id: derivedCommandId(`${by.correlationId}/${duty._id}`, `relieve/${personId}`), capability: duty.capability, recordId: duty._id,
        act: 'relieve', body, bodyHash: bodyHashOf(body), receivedAt: deps.now(),
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

async function deputyFor({ store }: Pick<PathDeps, 'store'>, { duty, personId, at }: { duty: Duty; personId: string; at: Instant }): Promise<string | null> {
  const { studyId, topic, raisingOrganisationId, accountableOrganisationId } = duty;
  const row = await matrixRowInForce(store, { studyId, topic, organisationIds: [raisingOrganisationId, accountableOrganisationId], at });
  for (const { deputyId } of row?.contacts.filter((contact) => contact.personId === personId) ?? []) {
    if (deputyId !== personId && (await personInForce(store, { personId: deputyId, at }))) return deputyId;
  }
  return null;
}
