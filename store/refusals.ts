import type { ClientSession } from 'mongoose';
import type { AuditActor, AuditEntry } from '../contracts/audit';
import type { FailureType } from '../contracts/failures';
import { refusalStreamOf } from '../contracts/ids';
import type { Instant } from '../contracts/instant';
import { appendToStream } from './auditLog';
import { commandHash } from './commandAuthenticity';
import type { Store } from './connection';
import type { CommandDoc } from './schemas/records';

/** Somebody tried what was not allowed. */
export interface RefusedAct {
  /** The record it was about; of an administered record, its stream id (`person/<id>`). */
  readonly recordId: string;
  readonly actor: AuditActor;
  /** What it was about, where it is kept in the stream of whoever tried. */
  readonly about?: string;
  /** The act by its route name, e.g. `acknowledge`. */
  readonly act: string;
  readonly failureType: FailureType;
  readonly reason: string;
  readonly correlationId: string;
  readonly at: Instant;
  /** Who may read it; absent: whoever may read the record. To be set when the actor is no party: its attempt would tell the parties of it. */
  readonly visibleTo?: readonly string[];
  /** The stored command that was refused: the entry vouches for it. */
  readonly command?: CommandDoc;
}

/** Keeps a refusal as evidence, in a stream of its own beside the record's. Without a session acknowledged by a majority before it returns. */
export async function recordRefusal(store: Store, refused: RefusedAct, session?: ClientSession): Promise<AuditEntry | undefined> {
  const { recordId, actor, about, act, failureType, reason, correlationId, at, visibleTo, command } = refused;
  const streamId = refusalStreamOf(recordId);
  const draft = {
    streamId, at, zone: 'UTC', actor, action: 'act.refused', reason, correlationId,
    detail: { act, type: failureType, ...(about !== undefined && { about }) },
    ...(visibleTo !== undefined && { visibleTo }),
    ...(command && { documents: commandHash(command) }),
  } as const;
  const { entries } = await appendToStream(store, { streamId, drafts: [draft] }, session);
  return entries[0];
}
