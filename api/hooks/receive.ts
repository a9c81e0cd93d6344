import type { Request } from 'express';
import type { z } from 'zod';
import { Failure, FAILURES, type FieldError } from '../../contracts/failures';
import { alertmanagerSchema, hookEventSchema, type HookAnswer } from '../../contracts/hooks';
import { triggerOfGroup } from '../../domain/hooks/alertmanager';
import { triggerOfEvent } from '../../domain/hooks/trigger';
import { bodyHashOf } from '../../store/commands';
import { releaseNonce, takeNonce } from '../../store/nonces';
import { recordRefusal } from '../../store/refusals';
import type { SourceDoc } from '../../store/schemas/sources';
import { sourceById } from '../../store/sources';
import type { ApiDeps } from '../deps';
import { failureOf, invalid } from '../problem';
import { fieldErrors, missing } from '../route';
import { faultsOfTexts } from '../texts';
import { NotAuthentic, requireAuthentic, type SignedMessage } from './authentic';
import { deliverTrigger, type Message } from './deliver';
import { createNoise, DELIVERED_PER_MINUTE, type Noise } from './noise';
import { receivedBody } from './rawBody';

export interface HookRequest {
  readonly sourceId: string;
  readonly req: Request;
  readonly correlationId: string;
}

interface Knock extends HookRequest {
  readonly source: SourceDoc | undefined;
  readonly address: string;
  /** Set once the sender is proven. */
  proven: boolean;
}

/** Where refusals of sources that do not exist go: the path is a stranger's text and is not kept. */
const UNKNOWN = 'source/unknown';

/**
 * The receiver of machines (P12): proves the sender, then reads, then acts. Whatever is refused changes
 * nothing and is written down beside the source. Throws Failure.
 */
export function createReceiver(deps: ApiDeps): (request: HookRequest) => Promise<HookAnswer> {
  const noise = createNoise({ deliveredPerMinute: deps.settings.deliveredPerMinute ?? DELIVERED_PER_MINUTE });
  return async (request) => {
    const address = request.req.ip ?? 'unknown';
    await noise.listenTo(address);
    const knock: Knock = { ...request, address, source: await sourceById(deps.store, request.sourceId), proven: false };
    try {
      return await admit({ deps, noise }, knock);
    } catch (error) {
      const failure = failureOf(error);
      const { status } = FAILURES[failure.type];
      if (status >= 400 && status < 500 && status !== 429) {
        if (!knock.proven) await noise.failed(address);
        await writeDown({ deps, noise }, knock, failure);
      }
      throw error;
    }
  };
}

interface Parts { readonly deps: ApiDeps; readonly noise: Noise }

async function admit({ deps, noise }: Parts, knock: Knock): Promise<HookAnswer> {
  const { req, source, correlationId } = knock;
  const body = receivedBody(req);
  if (!body) throw new Error('the bytes of the body were not kept');
  if ('fault' in body) throw body.fault;
  const signed = requireAuthentic(source, { headers: req.headers, bytes: body.bytes, now: deps.now(), ring: deps.ring });
  if (!source) throw new Error('an unknown source is never authentic');
  knock.proven = true;
  await noise.deliver(source._id);
  return once(deps, { source, signed }, async () => deliverTrigger(deps, { ...readMessage(deps, source, body.bytes), messageId: signed?.messageId, correlationId }));
}

/** The same signed bytes act once. */
async function once<T>(deps: ApiDeps, { source, signed }: { source: SourceDoc; signed: SignedMessage | undefined }, work: () => Promise<T>): Promise<T> {
  if (!signed) return work();
  const seen = { sourceId: source._id, ...signed };
  if (!(await takeNonce(deps.store, seen, deps.now()))) throw new Failure('replayed', FAILURES.replayed.meaning);
  try {
    return await work();
  } catch (error) {
    // Nothing came of it: the sender may repeat it as it is.
    if (FAILURES[failureOf(error).type].status >= 500) await releaseNonce(deps.store, seen).catch(() => undefined);
    throw error;
  }
}

function readMessage(deps: ApiDeps, source: SourceDoc, bytes: Buffer): Pick<Message, 'source' | 'trigger' | 'bodyHash'> {
  const reading = { raises: source.raises, now: deps.now() };
  if (source.kind === 'event') {
    const event = parsed(hookEventSchema, bytes);
    return { source, trigger: triggerOfEvent(event, reading), bodyHash: bodyHashOf(event) };
  }
  const trigger = triggerOfGroup(parsed(alertmanagerSchema, bytes), reading);
  return { source, trigger, bodyHash: bodyHashOf([trigger.key, trigger.status, trigger.alerts ?? []]) };
}

function parsed<S extends z.ZodType>(schema: S, bytes: Buffer): z.output<S> {
  const said = jsonOf(bytes);
  const faults = faultsOfTexts(said, 'body');
  if (faults.length > 0) throw invalid(faults);
  const result = schema.safeParse(said, { error: missing });
  if (!result.success) throw invalid(result.error.issues.flatMap((issue) => fieldErrors(issue, 'body')));
  return result.data;
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw invalid([{ field: 'body', message: 'not readable as JSON' }]);
  }
}

async function writeDown({ deps, noise }: Parts, { source, address, proven, correlationId }: Knock, failure: Failure): Promise<void> {
  const subject = source ? `source/${source._id}` : UNKNOWN;
  const written = noise.write(subject, deps.now());
  if (!written) return;
  const others = written.leftOut > 0 ? `; ${String(written.leftOut)} more since the last entry` : '';
  try {
    await recordRefusal(deps.store, {
      recordId: subject, act: 'deliver', failureType: failure.type, reason: `${reasonOf(failure)}; from ${address}${others}`, correlationId, at: deps.now(),
      actor: { kind: 'system', name: proven ? subject : 'unproven sender' }, visibleTo: source ? [source.organisationId] : [],
    });
  } catch (err) {
    deps.logger.error({ err, correlationId, subject }, 'a refusal could not be recorded');
  }
}

function reasonOf(failure: Failure): string {
  if (failure instanceof NotAuthentic) return failure.why;
  const { errors } = failure.extra as { readonly errors?: readonly FieldError[] };
  const faults = (errors ?? []).slice(0, 5).map(({ field, message }) => `${field.slice(0, 80)}: ${message.slice(0, 120)}`);
  return faults.length > 0 ? faults.join('; ') : failure.message;
}
