import { randomUUID } from 'node:crypto';
import type { OpenIssue } from '../contracts/escalation';
import { deliverCommand, type DeliveryDeps } from './commandDelivery';
import { derivedCommandId, receiveCommand } from './commands';
import { prepareOpening } from './issueOpening';
import { isOpening, openIssueOf } from './sources';

const OPEN_WITHIN_MS = 3000;

export interface Alarm {
  readonly organisationId: string;
  /** One that is open under it is not opened again. */
  readonly dedupeKey: string;
  /** The part of the product that raises it. */
  readonly by: string;
  readonly title: string;
  readonly description: string;
}

/** Tells an organisation's security by a critical issue of its own. False: one is open already, or on its way. */
export async function raiseAlarm(deps: DeliveryDeps, { organisationId, dedupeKey, by, title, description }: Alarm): Promise<boolean> {
  if (await openIssueOf(deps.store, { organisationId, dedupeKey }) || await isOpening(deps.store, dedupeKey)) return false;
  const request: OpenIssue = { topic: 'security', severity: 'critical', raisingOrganisationId: organisationId, accountableOrganisationId: organisationId, dedupeKey, title, description };
  const prepared = await prepareOpening(deps.store, {
    request, actor: { kind: 'system', name: by, correlationId: dedupeKey }, commandId: derivedCommandId(dedupeKey, randomUUID()), at: deps.now(),
  });
  if (!('fresh' in prepared)) return false;
  const { command } = await receiveCommand(deps.store, prepared.fresh);
  // It is stored: what is not answered, or could not be sent, the sentinel sends again.
  await deliverCommand(deps, command, OPEN_WITHIN_MS).catch(() => undefined);
  return true;
}
