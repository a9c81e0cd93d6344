import { z } from 'zod';
import { channelEntrySchema, TEAM_CHANNELS, type ChannelEntry } from '../../contracts/channels';
import { ownScope } from '../../domain/access/scope';
import { createWebhookSender, newWebhookSecret } from '../../platform/webhooks';
import { sealSecret } from '../../platform/secretBox';
import { changeRecord, createRecord, newId, type Changes } from '../../store/administration';
import { channelKind, rotated } from '../../store/channelMap';
import { configurationCondition } from '../../store/ownScope';
import type { ChannelDoc } from '../../store/schemas/channels';
import { studyById } from '../../store/studies';
import { byOf, created, found, listAnswer, notFound, recordAnswer, requireOrganisationSeat, ruleBroken, shownOf } from '../administer';
import type { ApiDeps, Caller } from '../deps';
import { defineRoute, type Route } from '../route';
import { administeredFields, idParam, ifMatchHeader, pageOf, pageQuery, reasonBody, reasonSchema, revOf } from '../schemas';
import { testChannel } from '../views/channelTest';

const testSchema = z.object({ at: z.iso.datetime(), outcome: z.enum(['accepted', 'rejected', 'deferred', 'unknown']), reason: z.string().nullable() });
const channelSchema = z.object({
  ...administeredFields, ...channelEntrySchema.shape, lastTest: testSchema.nullable(),
  secrets: z.array(z.object({ createdAt: z.string(), until: z.string().nullable().describe('Signs until then; null: the newest.') })).describe('When they were made; never what they are.'),
}).meta({ id: 'Channel' });
const withSecret = channelSchema.extend({ secret: z.string().nullable().describe('`whsec_…`, shown this once; null for mail.') });
const tags = ['channels'];
const subject = ({ id }: { id: string }) => `channel/${id}`;

/** The channel map (S1.9): teams that are told beside people, by study, country, function and severity. */
export function channelRoutes(deps: ApiDeps): Route[] {
  const show = (doc: ChannelDoc): Record<string, unknown> => ({ ...shownOf(doc, ['secrets']), secrets: doc.secrets.map(({ createdAt, until }) => ({ createdAt, until })) });
  const ownChannels = ({ memberships }: Caller) => configurationCondition(ownScope(memberships), 'studyId');
  const channelOf = async (caller: Caller, id: string): Promise<ChannelDoc> => {
    const doc = await deps.store.models.channels.findOne({ $and: [{ _id: id }, ownChannels(caller)] } as never).lean<ChannelDoc>();
    if (!doc) throw notFound();
    return doc;
  };
  const newSecret = (id: string) => {
    const secret = newWebhookSecret();
    return { secret, sealed: sealSecret(deps.ring, secret, `channel/${id}`) };
  };

  const create = defineRoute({
    method: 'post', path: '/api/v1/channels', summary: 'Add a team channel; a webhook\'s secret is shown once', tags, access: 'signed_in', scope: 'administer',
    body: channelEntrySchema, answers: created('The entry, with its signing secret.', withSecret),
    handler: async (incoming) => {
      const { body, caller } = incoming;
      const seat = requireOrganisationSeat(caller, body.organisationId, deps.now());
      await requireSound(deps, body);
      const id = newId();
      const made = body.channel === 'webhook' ? newSecret(id) : undefined;
      const secrets = made ? rotated([], { sealed: made.sealed, at: deps.now() }) : [];
      const doc = await createRecord(deps.store, { kind: channelKind, id, fields: { ...body, secrets, lastTest: null }, by: byOf(deps, incoming, seat) });
      return recordAnswer(201, { ...show(doc), secret: made?.secret ?? null }, '/api/v1/channels');
    },
  });

  const list = defineRoute({
    method: 'get', path: '/api/v1/channels', summary: 'The channel map of the own organisation', tags, access: 'signed_in', scope: 'read',
    query: z.strictObject({ ...pageQuery, channel: z.enum(TEAM_CHANNELS).optional(), active: z.enum(['true', 'false']).optional() }),
    answers: found('A page.', pageOf(channelSchema)),
    handler: async ({ query, caller }) => {
      const { channel, active } = query;
      const filter = { $and: [ownChannels(caller)], ...(channel && { channel }), ...(active !== undefined && { active: active === 'true' }) };
      return listAnswer(deps, channelKind, { filter, query, show });
    },
  });

  const read = defineRoute({
    method: 'get', path: '/api/v1/channels/{id}', summary: 'One team channel', tags, access: 'signed_in', scope: 'read',
    params: idParam, answers: found('The entry.', channelSchema), refusalSubject: subject,
    handler: async ({ params, caller }) => recordAnswer(200, show(await channelOf(caller, params.id))),
  });

  const change = defineRoute({
    method: 'patch', path: '/api/v1/channels/{id}', summary: 'Change a team channel', tags, access: 'signed_in', scope: 'administer',
    params: idParam, headers: ifMatchHeader, refusalSubject: subject,
    body: z.strictObject({ ...unset, active: z.boolean().optional(), reason: reasonSchema }),
    answers: found('The entry.', channelSchema),
    handler: async (incoming) => {
      const { params, body, headers, caller } = incoming;
      const before = await channelOf(caller, params.id);
      const seat = requireOrganisationSeat(caller, before.organisationId, deps.now());
      const { reason, ...changes } = body;
      await requireSound(deps, { ...before, ...given(changes) });
      const doc = await changeRecord(deps.store, { kind: channelKind, id: before._id, rev: revOf(headers), changes: changes as Changes<ChannelDoc>, reason, by: byOf(deps, incoming, seat) });
      return recordAnswer(200, show(doc));
    },
  });

  const rotate = defineRoute({
    method: 'post', path: '/api/v1/channels/{id}/rotate-secret', summary: 'A new signing secret; for 24 hours messages carry both signatures', tags, access: 'signed_in', scope: 'administer',
    params: idParam, headers: ifMatchHeader, body: reasonBody, refusalSubject: subject, answers: found('The entry, with its new secret.', withSecret),
    handler: async (incoming) => {
      const { params, body, headers, caller } = incoming;
      const before = await channelOf(caller, params.id);
      const seat = requireOrganisationSeat(caller, before.organisationId, deps.now());
      if (before.channel !== 'webhook') throw ruleBroken('Only webhooks are signed.');
      const { secret, sealed } = newSecret(before._id);
      const secrets = rotated(before.secrets, { sealed, at: deps.now() });
      // Against the revision read: two rotations at once must not lose the first one's secret.
      const doc = await changeRecord(deps.store, { kind: channelKind, id: before._id, rev: revOf(headers) ?? before.rev, changes: { secrets }, reason: body.reason, by: byOf(deps, incoming, seat) });
      return recordAnswer(200, { ...show(doc), secret });
    },
  });

  const test = defineRoute({
    method: 'post', path: '/api/v1/channels/{id}/test', summary: 'Send a marked test notice now, and say how it went', tags, access: 'signed_in', scope: 'administer',
    params: idParam, refusalSubject: subject, answers: found('How it went; it is kept as `lastTest`.', testSchema),
    handler: async (incoming) => {
      const entry = await channelOf(incoming.caller, incoming.params.id);
      const seat = requireOrganisationSeat(incoming.caller, entry.organisationId, deps.now());
      if (!entry.active) throw ruleBroken('The entry is not active.');
      const lastTest = await testChannel(deps, entry);
      await changeRecord(deps.store, { kind: channelKind, id: entry._id, changes: { lastTest }, reason: 'tested', by: byOf(deps, incoming, seat) });
      return { status: 200, body: lastTest };
    },
  });
  return [create, list, read, change, rotate, test];
}

/** Every field may stay as it is: without the defaults of a new entry. */
const unset = (() => {
  const { name, studyId, country, role, severities, target, phiApproved } = channelEntrySchema.shape;
  return {
    name: name.optional(), target: target.optional(), studyId: studyId.unwrap().optional(), country: country.unwrap().optional(),
    role: role.unwrap().optional(), severities: severities.unwrap().optional(), phiApproved: phiApproved.unwrap().optional(),
  };
})();

function given<T extends object>(changes: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined)) as never;
}

/** Throws Failure `rule_broken` naming the field: a target that the channel cannot use, a study of somebody else. */
async function requireSound(deps: ApiDeps, entry: Pick<ChannelEntry, 'organisationId' | 'studyId' | 'channel' | 'target'>): Promise<void> {
  const fault = entry.channel === 'email' ? mailFault(entry.target) : (deps.senders?.webhooks ?? publicOnly).unusable(entry.target);
  const study = entry.studyId === null ? undefined : await studyById(deps.store, entry.studyId);
  const errors = [
    ...(fault === undefined ? [] : [{ field: 'target', message: fault }]),
    ...(entry.studyId === null || study?.organisationIds.includes(entry.organisationId) ? [] : [{ field: 'studyId', message: 'not a study that the organisation works on' }]),
  ];
  if (errors.length > 0) throw ruleBroken('The entry cannot be used like this.', { errors });
}

const mailFault = (target: string): string | undefined => (z.email().safeParse(target).success ? undefined : 'not a mail address');

/** Where this process cannot send, nothing inside is taken as a target either. */
const publicOnly = createWebhookSender();
