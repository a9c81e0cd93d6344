import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { openMail, type MailChannel } from '../../platform/mail';
import { capabilityRecord } from '../../activities/capabilities';
import { deliverHeld, type Delivered } from '../../activities/deliverHeld';
import { tell, type TellingDeps } from '../../activities/telling';
import type { ChannelEntry } from '../../contracts/channels';
import { instantOf, plusMs, type Instant } from '../../contracts/instant';
import type { Contact, MatrixRow } from '../../contracts/matrix';
import type { NoticeEffect } from '../../contracts/notice';
import type { Preferences } from '../../contracts/preferences';
import type { EffectOutcome } from '../../contracts/step';
import { emptyChain } from '../../domain/audit/chain';
import { listedUnder } from '../../domain/lists/listedUnder';
import { escalation } from '../../domain/escalation/machine';
import { openKeyRing } from '../../platform/keyRing';
import { openSecret, sealSecret } from '../../platform/secretBox';
import { createWebhookSender, newWebhookSecret } from '../../platform/webhooks';
import { createRecord, newId, type By } from '../../store/administration';
import { readChain } from '../../store/auditLog';
import { channelKind } from '../../store/channelMap';
import { jsonOf } from '../../store/commands';
import { setPreferences } from '../../store/preferences';
import type { NoticeDoc, RecordDoc, StepDoc } from '../../store/schemas/records';
import { CRO, personOf, seedCast, SPONSOR, STUDY } from './cast';
import { openMailbox, type Mailbox } from './letters';
import { freshStore, type FreshStore } from './mongo';
import { openReceiver, THIS_MACHINE, type Receiver } from './receiver';
import { policyOf } from './world';

/** Telling without Temporal: a real store, mail server and receiver, and a clock that the test moves. */
export interface Tellings {
  readonly fresh: FreshStore;
  readonly mailbox: Mailbox;
  readonly receiver: Receiver;
  readonly deps: TellingDeps;
  /** What came since the last `clear`. */
  readonly letters: Mailbox['letters'];
  readonly received: Receiver['received'];
  /** Forgets what a test made, and that anybody refuses anything. */
  clear(): Promise<void>;
  setNow(instant: string): void;
  raise(more?: Partial<RecordDoc>): Promise<RecordDoc>;
  /** `mail`: another channel than that of the mailbox. */
  tell(record: RecordDoc, effect: Partial<NoticeEffect>, mail?: MailChannel): Promise<EffectOutcome>;
  /** Lets what is held and due go out, as the Schedule does. */
  deliver(): Promise<Delivered>;
  /** A row of the matrix for the study's topic `demo`, with these contacts of the CRO. */
  agree(contact: Partial<Contact>, more?: Partial<MatrixRow>): Promise<void>;
  channel(entry?: Partial<ChannelEntry>): Promise<{ readonly id: string; readonly secret: string }>;
  prefer(personId: string, preferences: Preferences): Promise<void>;
  rows(record: RecordDoc): Promise<readonly NoticeDoc[]>;
  /** Actions of the notices' audit chain, in order. */
  trail(record: RecordDoc): Promise<readonly string[]>;
  close(): Promise<void>;
}

export const MANAGER = personOf(CRO, 'project_manager');
export const LEVEL_ONE: NoticeEffect = {
  kind: 'notify', intent: '', audience: { to: 'level', side: 'accountable', organisationId: CRO, level: 1 }, reason: 'level', deadline: null, mustReach: true,
};

export async function openTellings(): Promise<Tellings> {
  const ring = openKeyRing(path.join(__dirname, 'test-keys.json'));
  const fresh = await freshStore();
  const { store } = fresh;
  await seedCast(store);
  const mailbox = await openMailbox();
  const receiver = await openReceiver();
  const mail = openMail({ url: mailbox.url, from: 'oversight@example.org' });
  let now: Instant = instantOf(Date.now());
  const deps: TellingDeps = {
    store, mail, publicUrl: 'http://oversight.example', now: () => now, webhooks: createWebhookSender({ allowedNetworks: THIS_MACHINE, totalMs: 500 }),
    openSecret: (sealed, context) => openSecret(ring, sealed, context),
  };
  const by = (): By => ({ actor: { kind: 'system', name: 'provisioning' }, at: now, correlationId: 'test' });
  let versions = 0;
  const seen = { letters: 0, received: 0 };
  return {
    fresh, mailbox, receiver, deps,
    get letters() { return mailbox.letters.slice(seen.letters); },
    get received() { return receiver.received.slice(seen.received); },
    async clear() {
      const { notices, channels, preferences, digests, matrix, records, people, tallies } = fresh.admin.models;
      await Promise.all([notices, channels, digests, matrix, records, tallies].map((model) => model.collection.deleteMany({})));
      await people.updateMany({}, { $set: { active: true } });
      // Their audit stream remains, and so do they.
      await preferences.updateMany({}, { $set: { quietHours: null, digest: null } });
      mailbox.refuseWith(undefined);
      receiver.answer((response) => { response.writeHead(204).end(); });
      Object.assign(seen, { letters: mailbox.letters.length, received: receiver.received.length });
      now = instantOf(Date.now());
    },
    setNow: (instant) => { now = instantOf(Date.parse(instant)); },
    raise: async (more = {}) => {
      const record = recordOf(now, more);
      await store.models.records.insertOne(record);
      return record;
    },
    tell: (record, effect, otherMail) => {
      const whole = { ...LEVEL_ONE, intent: `escalation/${record._id}/${randomUUID()}`, ...effect };
      return tell(otherMail ? { ...deps, mail: otherMail } : deps, { issue: record, step: stepOf(record, now), effect: whole, spared: new Set() });
    },
    deliver: () => deliverHeld(deps),
    agree: async (contact, more = {}) => {
      versions += 1;
      const rowKey = `${STUDY}/demo/${[CRO, SPONSOR].toSorted().join('+')}`;
      await store.models.matrix.insertOne({
        _id: `${rowKey}/${String(versions)}`, rowKey, version: versions, effectiveFrom: plusMs(now, -1000 + versions), studyId: STUDY, topic: 'demo', organisationIds: [SPONSOR, CRO],
        policyKey: 'demo', contacts: [{ organisationId: CRO, level: 1, personId: MANAGER, deputyId: personOf(CRO, 'quality'), channel: 'email', ...contact }],
        phi: false, phiChannels: ['inbox'], approvals: [], proposalId: null, createdAt: now, ...more,
      } as never);
    },
    channel: async (entry = {}) => {
      const id = newId();
      const secret = newWebhookSecret();
      const fields = {
        organisationId: CRO, name: 'Operations', studyId: null, country: null, role: null, severities: null, channel: 'webhook' as const, target: `${receiver.url}/${id}`, phiApproved: false,
        secrets: [{ sealed: sealSecret(ring, secret, `channel/${id}`), createdAt: now, until: null }], lastTest: null, ...entry,
      };
      await createRecord(store, { kind: channelKind, id, fields, by: by() });
      return { id, secret };
    },
    prefer: async (personId, preferences) => { await setPreferences(store, { personId, preferences, by: by() }); },
    rows: (record) => store.models.notices.find({ recordId: record._id }).sort({ createdAt: 1, _id: 1 }).lean<NoticeDoc[]>(),
    trail: async (record) => (await readChain(store, `notices/${record._id}`, { limit: 100 })).map(({ action }) => action),
    async close() {
      mail.close();
      await mailbox.close();
      await receiver.close();
      await fresh.drop();
    },
  };
}

function recordOf(now: Instant, more: Partial<RecordDoc>): RecordDoc {
  const id = randomUUID();
  const number = `ISS-${id.slice(0, 6)}`;
  const { state } = escalation.open({
    id, number, policy: policyOf('demo'), matrixVersion: null, raisedBy: personOf(SPONSOR, 'study_lead'), ...(more.drill === true && { drill: true }),
    request: { topic: 'demo', severity: 'major', studyId: STUDY, raisingOrganisationId: SPONSOR, accountableOrganisationId: CRO },
  }, now);
  const json = jsonOf(state);
  const record: Omit<RecordDoc, 'listedUnder'> = {
    _id: id, capability: 'escalation', rev: 1, number, stateVersion: escalation.version, state: json, armed: [], content: { title: 'A title', description: 'A secret description' },
    ...capabilityRecord('escalation').project(json), nextDueAt: null, openedAt: now, updatedAt: now, done: false, chain: emptyChain(id), ...more,
  };
  return { ...record, listedUnder: listedUnder(record) };
}

function stepOf({ _id, rev }: RecordDoc, at: Instant): StepDoc {
  return { _id: `${_id}|k`, recordId: _id, capability: 'escalation', rev, key: 'k', act: 'lapse', actor: { kind: 'system', name: 'timer', correlationId: 'c' }, at, armed: [], ended: [], effects: [], effectsDone: false, outcomes: [] };
}
