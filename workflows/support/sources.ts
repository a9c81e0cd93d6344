import { currentUpdateInfo, workflowInfo } from '@temporalio/workflow';
import type { Actor } from '../../contracts/actor';
import { OPEN_ACT, type CommandInput, type NewRecord } from '../../contracts/entity';
import type { KeyedCode } from '../../contracts/keyedCode';
import type { ArmedDeadline, EffectOutcome, StepSource } from '../../contracts/step';

/** What the interceptor makes of an update: its argument with the actor who is vouched for. */
export type Commanding = CommandInput & { readonly actor: Actor };

const system = (name: string): Actor => ({ kind: 'system', name, correlationId: '' });
const vouchedBy = (authenticator: KeyedCode | undefined): Pick<StepSource, 'authenticator'> => (authenticator ? { authenticator } : {});

/** The command that opens the record. */
export function openSource({ openKey, actor, authenticator }: NewRecord<unknown>): StepSource {
  return { key: openKey, act: OPEN_ACT, actor, ...vouchedBy(authenticator) };
}

/** The command of the update that is being handled. */
export function commandSource({ act, actor, vouched }: Commanding): StepSource {
  return { key: currentUpdateInfo()?.id ?? '', act, actor, ...vouchedBy(vouched?.authenticator) };
}

/** A deadline that passed. */
export function lapseSource({ name, due }: Pick<ArmedDeadline, 'name' | 'due'>): StepSource {
  return { key: `lapse/${name}/${due}`, act: 'lapse', actor: system('timer') };
}

/** How an effect of one of these revisions came out: said so for a commit to come, since those of a replayed history are done. */
export function settleSource(outcome: EffectOutcome, revs: readonly number[]): StepSource {
  return { key: `settle/${outcome.intent}`, act: 'settle', actor: system('effect'), ...(!workflowInfo().unsafe.isReplaying && { settled: { outcome, revs } }) };
}

/** A run that was made from its record. */
export function rebuildSource(): StepSource {
  return { key: `rebuilt/${workflowInfo().runId}`, act: 'rebuild', actor: system('sentinel') };
}
