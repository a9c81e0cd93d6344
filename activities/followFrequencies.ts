import type { SystemActor } from '../contracts/actor';
import type { OpenControl } from '../contracts/control';
import { CONTROL } from '../contracts/control';
import { Failure } from '../contracts/failures';
import type { Json } from '../contracts/step';
import { statedRule } from '../domain/control/rule';
import { calendarInForce } from '../store/calendars';
import { deliverCommand, type DeliveryDeps } from '../store/commandDelivery';
import { bodyHashOf, derivedCommandId, receiveCommand } from '../store/commands';
import { prepareControl } from '../store/controlOpening';
import { followingControls, rowsWithFrequency, type FollowedControl, type FrequentRow } from '../store/controls';
import type { CommandDoc } from '../store/schemas/records';

const WITHIN_MS = 5000;
const HOUSEKEEPING: SystemActor = { kind: 'system', name: 'housekeeping', correlationId: 'frequencies' };

export interface Followed {
  readonly opened: number;
  readonly changed: number;
  readonly stopped: number;
  /** Rows whose frequency cannot be counted, e.g. because nobody knows the organisation. */
  readonly unable: number;
}

/**
 * Keeps one running control for each matrix row in force that agrees on a frequency (E16): starts what is
 * missing, follows new versions, stops what no row asks for any more. Each command's id names row and
 * version, so that a second turn does nothing twice.
 */
export async function followFrequencies(deps: DeliveryDeps): Promise<Followed> {
  const rows = await rowsWithFrequency(deps.store, deps.now());
  const controls = new Map((await followingControls(deps.store)).map((control) => [control.row.key, control]));
  const done = { opened: 0, changed: 0, stopped: 0, unable: 0 };
  for (const row of rows) {
    const control = controls.get(row.rowKey);
    controls.delete(row.rowKey);
    if (!control) done[await open(deps, row)] += 1;
    else if (control.row.version !== row.version && !(await isCountable(deps, row))) done.unable += 1;
    else if (control.row.version !== row.version) {
      const reason = `version ${String(row.version)} of the matrix row is in force`;
      await command(deps, control, { act: 'change-rule', purpose: String(row.version), body: { rule: statedRule(row.frequency), rowVersion: row.version, reason } });
      done.changed += 1;
    }
  }
  for (const control of controls.values()) {
    await command(deps, control, { act: 'stop', purpose: String(control.row.version), body: { reason: 'the matrix row agrees on no frequency any more' } });
    done.stopped += 1;
  }
  return done;
}

async function open(deps: DeliveryDeps, row: FrequentRow): Promise<'opened' | 'unable'> {
  const { rowKey, version, studyId, topic, organisationIds, frequency, effectiveFrom } = row;
  const request: Omit<OpenControl, 'topic'> & { topic: string } = { kind: 'contact', ...(studyId !== null && { studyId }), topic, organisationIds, rule: frequency };
  try {
    const prepared = await prepareControl(deps.store, {
      request, actor: HOUSEKEEPING, commandId: derivedCommandId(`matrix/${rowKey}/${String(version)}`, 'open-control'), at: deps.now(),
      row: { key: rowKey, version }, from: effectiveFrom,
    });
    await deliver(deps, 'known' in prepared ? prepared.known : (await receiveCommand(deps.store, prepared.fresh)).command);
    return 'opened';
  } catch (error) {
    if (error instanceof Failure && error.type === 'rule_broken') return 'unable';
    throw error;
  }
}

async function isCountable({ store, now }: DeliveryDeps, { frequency }: FrequentRow): Promise<boolean> {
  const spans = [frequency.every, frequency.grace];
  return spans.every((span) => span.kind === 'calendar') || (await calendarInForce(store, frequency.organisationId, now())) !== undefined;
}

async function command(deps: DeliveryDeps, { id, row }: FollowedControl, asked: { act: 'change-rule' | 'stop'; purpose: string; body: { readonly [key: string]: Json } }): Promise<void> {
  const { act, purpose, body } = asked;
  const received = await receiveCommand(deps.store, {
    _id: derivedCommandId(`control/${id}/${row.key}/${purpose}`, act), capability: CONTROL.capability, recordId: id, act, body, bodyHash: bodyHashOf(body),
    actor: HOUSEKEEPING, receivedAt: deps.now(),
  });
  await deliver(deps, received.command);
}

/** What is not answered now is sent again with all other commands. */
async function deliver(deps: DeliveryDeps, stored: CommandDoc): Promise<void> {
  if (stored.status === 'received') await deliverCommand(deps, stored, WITHIN_MS);
}
