import { Failure, FAILURES } from '../../contracts/failures';
import type { PersonActor } from '../../contracts/actor';
import type { Capability } from '../../contracts/ids';
import type { Json } from '../../contracts/step';
import { accessRecordOf, mayAct } from '../../domain/access/ability';
import type { RecordAct } from '../../domain/access/roles';
import { bodyHashOf, jsonOf } from '../../store/commands';
import type { RecordDoc } from '../../store/schemas/records';
import type { ApiDeps } from '../deps';
import type { Outgoing } from '../route';
import { wholeRecord } from '../views/readers';
import { actorFor, requestIdOf, runCommand, type Acting } from './commandPath';
import { asSigner, requireOwnGrant } from './signing';

export interface RecordActRequest extends Acting<object> {
  readonly capability: Capability;
  readonly recordId: string;
  readonly act: string;
  /** The right of the role table that the act needs. */
  readonly right: RecordAct;
  /** From If-Match. */
  readonly expectedRev: number | undefined;
  /** What the API adds to the body: what it pins, and when the request came. */
  readonly complete?: (record: RecordDoc, body: Json) => Json | Promise<Json>;
  /** What the machine cannot know; throws Failure. */
  readonly check?: (record: RecordDoc, actor: PersonActor) => Promise<void>;
}

/** What a person asks of a record, before its pathway says which right that needs. */
export type PersonsAct<Act extends string> = Pick<RecordActRequest, 'recordId' | 'expectedRev' | keyof Acting<object>> & { readonly act: Act };

/** A person's act on a record of a pathway. Throws Failure 404, 403, 409 or 422; answers 200 with the record, or 202. */
export async function actOnRecord(deps: ApiDeps, request: RecordActRequest): Promise<Outgoing> {
  const { capability, recordId, act, right, body, caller, expectedRev, complete, check } = request;
  const now = deps.now();
  const { record } = await wholeRecord(deps, { recordId, caller, capability });
  const { memberships } = asSigner(caller, [(body as { readonly signature?: unknown }).signature], now);
  const allowed = mayAct({ memberships, act: right, record: accessRecordOf(record), now });
  if (!allowed) throw new Failure('not_permitted', FAILURES.not_permitted.meaning, { act, rev: record.rev });
  const plain = jsonOf(body);
  const actor = actorFor(request, allowed);
  const command = {
    _id: requestIdOf(request, `${capability}/${act}`, recordId), capability, recordId, act, body: complete ? await complete(record, plain) : plain,
    // Of what the caller said: a repetition comes at another time and means the same.
    bodyHash: bodyHashOf(plain),
    actor, ...(expectedRev !== undefined && { expectedRev }), receivedAt: now,
  };
  return runCommand(deps, command, async () => {
    if (expectedRev !== undefined && expectedRev !== record.rev) throw new Failure('rev_mismatch', `The record is at revision ${String(record.rev)}.`, { rev: record.rev });
    await requireOwnGrant(deps, request);
    await check?.(record, actor);
  });
}
