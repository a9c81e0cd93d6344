import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { ACTOR_HEADER, type Actor } from './actor';

/** Temporal headers as clients, workflows and activities see them. */
export type Headers = Record<string, Payload>;

/**
 * The headers with the actor added. Plain JSON, because the payload codec never sees headers:
 * what is put here stays readable in history.
 */
export function withActor(headers: Headers, actor: Actor): Headers {
  return { ...headers, [ACTOR_HEADER]: defaultPayloadConverter.toPayload(actor) };
}

/** The actor that the headers carry; undefined when there is none or it is malformed. Never throws: a throw in the sandbox would block the workflow. */
export function actorOf(headers: Headers): Actor | undefined {
  const payload = headers[ACTOR_HEADER];
  if (payload === undefined) return undefined;
  try {
    return asActor(defaultPayloadConverter.fromPayload<unknown>(payload));
  } catch {
    return undefined;
  }
}

/** Copies the known fields only, so that a foreign client cannot smuggle others along. */
function asActor(value: unknown): Actor | undefined {
  if (!isRecord(value)) return undefined;
  const { kind, personId, organisationId, role, name, correlationId } = value;
  if (!isId(correlationId)) return undefined;
  if (kind === 'person' && isId(personId) && isId(organisationId) && isId(role)) {
    return { kind, personId, organisationId, role, correlationId };
  }
  return kind === 'system' && isId(name) ? { kind, name, correlationId } : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0;
}
