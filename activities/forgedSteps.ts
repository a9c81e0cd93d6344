import type { CommitRequest, EffectOutcome } from '../contracts/step';
import { canonicalText } from '../domain/audit/chain';
import { forgedBecause } from '../store/commandAuthenticity';
import type { Store } from '../store/connection';
import { stepsAt } from '../store/receipts';
import type { CommandDoc } from '../store/schemas/records';

/** What made a step: a stored command, or the run itself. A command's id is a hash or a random one and has no slash. */
export type StepOrigin = 'command' | 'lapse' | 'settle' | 'rebuild';

/** Told by the key, since an attacker chooses acts and actors; the rest must agree with it. */
export function originOf({ key }: CommitRequest['source']): StepOrigin {
  if (key.startsWith('lapse/')) return 'lapse';
  if (key.startsWith('settle/')) return 'settle';
  return key.startsWith('rebuilt/') ? 'rebuild' : 'command';
}

/**
 * Why a step is not what the store knows to have been asked for; undefined: it is. The engine is believed in nothing: whoever
 * reaches its port can repeat what they saw, whoever has the database too can write a command.
 */
export async function forgedStepBecause(store: Store, request: CommitRequest, command: CommandDoc | undefined): Promise<string | undefined> {
  switch (originOf(request.source)) {
    case 'command':
      return forgedCommandBecause(store, request, command);
    case 'lapse':
      return forgedLapseBecause(request);
    case 'settle':
      return forgedOutcomeBecause(store, request);
    case 'rebuild':
      return isSystem(request, 'sentinel', 'rebuild') && changesNothing(request) ? undefined : 'a run that is made anew changes nothing';
  }
}

/** The step is that of this very command, of this very actor, on this very record. */
function forgedCommandBecause(store: Store, { recordId, capability, source }: CommitRequest, command: CommandDoc | undefined): string | undefined {
  if (!command) return 'no such command is stored';
  const because = forgedBecause(store, command);
  if (because !== undefined) return because;
  const travelled = { recordId, capability, act: source.act, actor: source.actor };
  const stored = { recordId: command.recordId, capability: command.capability, act: command.act, actor: command.actor };
  if (canonicalText(travelled) !== canonicalText(stored)) return 'it is not the command that was stored';
  // What was accepted by a release before authenticators has none, and cannot come anew.
  if (source.authenticator && source.authenticator.mac !== command.authenticator?.mac) return 'it is not the command that was stored';
  return command.answer && command.answer.status >= 400 ? 'it was refused before' : undefined;
}

/** Whether it is armed the store knows: commit compares it in its transaction. */
function forgedLapseBecause(request: CommitRequest): string | undefined {
  const { source, lapsed, at } = request;
  const named = lapsed && source.key === `lapse/${lapsed.name}/${lapsed.due}` && isSystem(request, 'timer', 'lapse');
  if (!named) return 'it names no deadline that lapsed';
  return lapsed.due > at ? 'the deadline has not passed' : undefined;
}

/** An outcome is believed as it is kept with the step that intended it, and never as the engine tells it. */
async function forgedOutcomeBecause(store: Store, request: CommitRequest): Promise<string | undefined> {
  const { recordId, source } = request;
  if (!isSystem(request, 'effect', 'settle')) return 'it is no outcome of an effect';
  // Accepted by a release that did not say which.
  if (!source.settled) return undefined;
  const { outcome, revs } = source.settled;
  if (source.key !== `settle/${outcome.intent}`) return 'it is another effect\'s outcome';
  const kept = (await stepsAt(store, { recordId, revs })).flatMap(({ outcomes }) => outcomes as unknown as readonly EffectOutcome[]);
  return kept.some((one) => canonicalText(one) === canonicalText(outcome)) ? undefined : 'no effect came out so';
}

const isSystem = ({ source: { actor, act } }: CommitRequest, name: string, asked: string): boolean => actor.kind === 'system' && actor.name === name && act === asked;
const changesNothing = ({ step, content }: CommitRequest): boolean => step.arm.length === 0 && step.disarm.length === 0 && step.effects.length === 0 && content === undefined && step.done !== true;

