import { FAILURES } from '../contracts/failures';
import { epochMsOf, type Instant } from '../contracts/instant';
import { refusalStreamOf } from '../contracts/ids';
import { appendToStream } from './auditLog';
import { inTransaction, type Store } from './connection';
import { peopleByIds } from './people';
import { recordRefusal, type RefusedAct } from './refusals';
import type { TallyDoc } from './schemas/tallies';

/** Refusals of one person that are written out in one hour (docs/defaults.md); more are counted. */
export const WRITTEN_AN_HOUR = 60;
/** Long enough for housekeeping to write down what was counted, ms. */
const KEPT_MS = 48 * 3_600_000;
const PREFIX = 'refused/';
const PAGE = 1000;

/** A refusal of a person who is signed in. */
export type RefusedPerson = RefusedAct & { readonly actor: Extract<RefusedAct['actor'], { readonly kind: 'person' }> };

/**
 * Keeps a refusal as evidence, as {@link recordRefusal} does, as long as this person has not been refused too often in this hour. Then
 * one entry says that the rest of the hour is counted: nobody's trail grows without bound by what somebody keeps trying.
 */
export async function recordBounded(store: Store, refused: RefusedPerson): Promise<void> {
  const { personId, organisationId } = refused.actor;
  const count = await countOne(store, { personId, at: refused.at });
  if (count <= WRITTEN_AN_HOUR) {
    await recordRefusal(store, refused);
    return;
  }
  if (count > WRITTEN_AN_HOUR + 1) return;
  await recordRefusal(store, {
    ...refused, recordId: `person/${personId}`, act: 'various', visibleTo: [organisationId],
    reason: `${FAILURES[refused.failureType].meaning} Refused ${String(WRITTEN_AN_HOUR)} times before in this hour: the rest of it is counted, not written out.`,
  });
}

async function countOne(store: Store, { personId, at }: { personId: string; at: Instant }): Promise<number> {
  const tally = await store.models.tallies.findOneAndUpdate(
    { _id: `${PREFIX}${personId}/${at.slice(0, 13)}` }, { $inc: { count: 1 }, $setOnInsert: { pausedUntil: null, expiresAt: new Date(epochMsOf(at) + KEPT_MS) } }, { upsert: true, returnDocument: 'after' },
  ).lean<TallyDoc>();
  return tally.count;
}

/** Writes down, for each person and hour that is over, how many refusals were counted and not written out: one entry each. Answers how many entries. */
export async function writeCounted(store: Store, now: Instant): Promise<number> {
  const found = await store.models.tallies.find({ _id: { $gte: PREFIX, $lt: 'refused0' }, count: { $gt: WRITTEN_AN_HOUR } }).limit(PAGE).lean<TallyDoc[]>();
  const over = found.map(({ _id, count }) => ({ _id, count, personId: _id.slice(PREFIX.length, _id.lastIndexOf('/')), hour: _id.slice(_id.lastIndexOf('/') + 1) })).filter(({ hour }) => hour < now.slice(0, 13));
  const people = new Map((await peopleByIds(store, over.map(({ personId }) => personId))).map((person) => [person._id, person]));
  for (const { _id, count, personId, hour } of over) {
    const streamId = refusalStreamOf(`person/${personId}`);
    const further = count - WRITTEN_AN_HOUR;
    await inTransaction(store, async (session) => {
      const { modifiedCount } = await store.models.tallies.updateOne({ _id, count }, { $set: { count: 0 } }, { session });
      if (modifiedCount === 0) return;
      await appendToStream(store, {
        streamId, drafts: [{
          streamId, at: now, zone: 'UTC', actor: { kind: 'system', name: 'housekeeping' }, action: 'act.refused', correlationId: _id,
          reason: `${String(further)} refusals from ${hour}:00 UTC on, for one hour, were counted and not written out`, detail: { act: 'various', count: further, hour: `${hour}:00:00.000Z` },
          visibleTo: [people.get(personId)?.organisationId ?? personId],
        }],
      }, session);
    });
  }
  return over.length;
}
