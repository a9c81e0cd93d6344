import type { Logger } from 'pino';
import type { ActivityInterceptorsFactory, InjectedSinks } from '@temporalio/worker';
import { ApplicationFailure } from '@temporalio/common';
import type { Forgery } from '../contracts/forgery';
import { recordOf } from '../contracts/ids';
import { refusedIn } from '../contracts/refusedPayload';
import { boundForgery, type Spoken } from '../domain/forgeries/bound';
import type { Metrics } from '../platform/metrics';
import type { DeliveryDeps } from '../store/commandDelivery';
import { keepForgery } from '../store/forgeries';
import type { ForgerySinks } from '../workflows/support/forgeries';

export interface ForgeryWatchParts {
  readonly deps: DeliveryDeps;
  readonly logger: Logger;
  readonly metrics?: Metrics;
}

/**
 * What a process does with refused forgeries: counts each, says some (`domain/forgeries`), in the background and one after
 * another, so that whoever floods the port holds up nothing else.
 */
export function createForgeryWatch({ deps, logger, metrics }: ForgeryWatchParts): (forgery: Forgery) => void {
  let spoken: Spoken = {};
  let saying: Promise<void> = Promise.resolve();
  return (forgery) => {
    metrics?.forgeries.inc({ what: forgery.what });
    const bounded = boundForgery(spoken, { subject: recordOf(forgery.workflowId) ? forgery.workflowId : '', at: deps.now() });
    ({ spoken } = bounded);
    const { say } = bounded;
    if (!say) return;
    logger.warn({ ...forgery, ...say }, 'a forgery was refused');
    saying = saying.then(() => keepForgery(deps, { ...forgery, before: say.before, beyond: say.beyond })).catch((err: unknown) => {
      logger.error({ err, ...forgery }, 'a refused forgery could not be kept');
    });
  };
}

/** Brings to the watch what runs refused. */
export function forgerySinks(tell: (forgery: Forgery) => void): InjectedSinks<ForgerySinks> {
  return { forgeries: { refused: { fn: ({ workflowId }, forgery) => { tell({ ...forgery, workflowId }); }, callDuringReplay: false } } };
}

/** Lets no activity begin that this installation did not ask for, or that another record's run asks for. */
export function guardedActivities(tell: (forgery: Forgery) => void): ActivityInterceptorsFactory {
  return ({ info: { workflowExecution } }) => ({
    inbound: {
      async execute(input, next) {
        const workflowId = workflowExecution?.workflowId ?? '';
        const because = refusedIn(input.args) ?? (isOfRun(workflowId, input.args) ? undefined : 'it was made for another run');
        if (because === undefined) return next(input);
        tell({ what: 'activity', workflowId, because });
        throw ApplicationFailure.nonRetryable(because, 'not_permitted');
      },
    },
  });
}

function isOfRun(workflowId: string, [request]: readonly unknown[]): boolean {
  const { capability = '', recordId } = (request ?? {}) as { readonly capability?: string; readonly recordId?: string };
  return recordId === undefined || workflowId === `${capability}/${recordId}`;
}
