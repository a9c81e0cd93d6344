import { createHash, randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp } from '../../api/app';
import { createApiServer } from '../../api/server';
import { createTemporalGateway } from '../../api/temporalGateway';
import { instantOf, plusMs } from '../../contracts/instant';
import { ROLES, TOKEN_SCOPES } from '../../contracts/people';
import { openKeyRing } from '../../platform/keyRing';
import { hashPassword } from '../../platform/passwords';
import { createPayloadCodec } from '../../platform/payloadCodec';
import { storeCredential } from '../../store/credentials';
import { verifyStore } from '../support/verified';
import { CRO, OTHER_CRO, personOf, SPONSOR, STUDY } from '../support/cast';
import type { Known } from '../support/generated';
import { issueBody, issuesApi } from '../support/issuesApi';
import { checkerOf, kindsOf, requestFor, send, type Answered, type Asked, type OpenApi, type Operation } from '../support/operations';
import { putRow } from '../support/pathways';
import { openWorld, type World } from '../support/world';

/** Another seed asks other things: `FUZZ_SEED=… FUZZ_RUNS=… npm test -- test/e2e/everyOperation`. */
const SEED = process.env['FUZZ_SEED'] ?? '7';
/** Requests an operation: a sound one first. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 2);
const PASSWORD = 'correct horse battery';

const PARTIES = { raisingOrganisationId: SPONSOR, accountableOrganisationId: CRO };
const CONTACTS = [['spo', SPONSOR], ['cro', CRO]].map(([prefix = '', organisationId = '']) => ({ organisationId, level: 1, personId: `${prefix}-all`, deputyId: `${prefix}-spare`, channel: 'email' as const }));
const DAY = { kind: 'calendar', ms: 86_400_000 };
/** Something of each kind to ask about, by the collection that it is made in. */
const OPENINGS: Readonly<Record<string, object>> = {
  issues: issueBody({ topic: 'data' }),
  capas: { studyId: STUDY, topic: 'data', title: 'T', description: 'D', severity: 'major', classification: 'corrective', draft: true, ...PARTIES, source: { type: 'audit_finding', reference: 'A-1' } },
  controls: { kind: 'contact', studyId: STUDY, topic: 'data', organisationIds: [SPONSOR, CRO], rule: { every: DAY, grace: DAY, organisationId: CRO } },
  drills: { kind: 'reachability', studyId: STUDY, topic: 'data', organisationIds: [SPONSOR, CRO], window: DAY },
  channels: { organisationId: SPONSOR, name: 'N', channel: 'email', target: 'team@example.org' },
  sources: { organisationId: SPONSOR, name: 'S', kind: 'event', raises: { topic: 'data', accountableOrganisationId: CRO, studyId: STUDY, severities: { otherwise: 'minor' } } },
  delegations: { personId: 'spo-all', delegateId: 'spo-spare', until: '2099-01-01T00:00:00Z', reason: 'leave' },
  'legal-holds': { studyId: STUDY, reason: 'litigation' },
  evidence: { fileName: 'a.pdf', mediaType: 'application/pdf', sizeBytes: 10, sha256: '0'.repeat(64) },
  memberships: { personId: 'spo-spare', organisationId: SPONSOR, role: 'contributor', studyId: STUDY },
  findings: { auditReference: 'A-1', auditDate: '2026-09-30', findingNo: '3', category: 'backup_and_recovery', title: 'F', description: 'D', severity: 'major', studyId: STUDY, ...PARTIES },
  'matrix/proposals': { studyId: STUDY, topic: 'other', organisationIds: [SPONSOR, CRO], policyKey: 'default', contacts: CONTACTS },
};

/** What ends something comes last, so that there is something to act on before; what makes something comes first. */
function rankOf({ method, path }: Operation): number {
  if (method === 'delete' || /(deactivate|stop|discard|withdraw|cancel|release|end|disposal|password)$/.test(path)) return 3;
  if (method === 'get') return 1;
  return path.includes('{') ? 2 : 0;
}

const collectionOf = (path: string): string => /^\/api\/v1\/(matrix\/proposals|[a-z-]+)/.exec(path)?.[1] ?? '';

describe('every operation of the document, asked anything', () => {
  let world: World;
  let server: Server;
  let port: number;
  const made = new Map<string, string[]>([['people', ['spo-spare', 'cro-spare', 'spo-all']], ['organisations', [SPONSOR, CRO]], ['studies', [STUDY]]]);

  /** A person with a seat in every role. */
  const addPerson = async (organisationId: string, id: string): Promise<void> => {
    const { people, memberships } = world.fresh.store.models;
    const [person, membership] = await Promise.all([people.findOne({ organisationId }).lean(), memberships.findOne({ organisationId }).lean()]);
    await people.create([{ ...person, _id: id, email: `${id}@example.org`, name: id }] as never);
    await memberships.create(ROLES.map((role) => ({ ...membership, _id: `${id}-${role}`, personId: id, role, systemIds: ['sys'], studyId: role === 'inspector' ? STUDY : null })) as never);
  };
  const credentialOf = async (personId: string, kind: 'session' | 'token'): Promise<Readonly<Record<string, string>>> => {
    const random = createHash('sha256').update(randomUUID()).digest('base64url');
    const secret = kind === 'session' ? random : `cro_${random}_${createHash('sha256').update(random).digest('hex').slice(0, 8)}`;
    const now = instantOf(Date.now());
    const scopes = kind === 'session' ? [] : TOKEN_SCOPES;
    await storeCredential(world.fresh.store, secret, { publicId: randomUUID(), kind, personId, csrfToken: kind === 'session' ? 'csrf' : null, name: 'n', scopes, createdAt: now, lastSeenAt: now, expiresAt: plusMs(now, 3_600_000), revokedAt: null });
    return kind === 'session' ? { cookie: `session=${secret}`, 'x-csrf-token': 'csrf' } : { authorization: `Bearer ${secret}` };
  };
  const remember = ({ path }: Pick<Operation, 'path'>, { status, text, type }: Answered): void => {
    if (status !== 201 || !type.startsWith('application/json')) return;
    const { id } = JSON.parse(text) as { id?: unknown };
    if (typeof id === 'string') made.set(collectionOf(path), [...(made.get(collectionOf(path)) ?? []), id].slice(-6));
  };
  const ids = (collection: string): readonly string[] => made.get(collection) ?? [];
  const known = (): Known => ({
    organisation: [SPONSOR, SPONSOR, CRO], study: [STUDY, STUDY, STUDY, 'nowhere'], person: ['spo-all', 'spo-spare', 'cro-all', 'cro-spare'], delegate: ['spo-spare', 'cro-spare'], deputy: ['spo-spare', 'cro-spare'],
    owner: ['spo-all', 'cro-all'], record: [...ids('issues'), ...ids('capas'), ...ids('controls')], topic: ['monitoring', 'data', 'demo'], zone: ['Europe/Zurich', 'UTC'], password: [PASSWORD, 'another long password'],
    key: ['default', 'demo'], system: ['sys'], evidence: ids('evidence'), filename: ['a.pdf', 'b.txt'], mediatype: ['application/pdf', 'text/plain'],
  });

  beforeAll(async () => {
    world = await openWorld();
    await world.startWorker();
    const { store } = world.fresh;
    for (const [organisationId, prefix] of [[SPONSOR, 'spo'], [CRO, 'cro']] as const) for (const who of ['all', 'spare']) await addPerson(organisationId, `${prefix}-${who}`);
    await store.models.people.updateMany({}, { $set: { passwordHash: await hashPassword(PASSWORD) } });
    await putRow(world, { contacts: CONTACTS }, instantOf(Date.now()));
    const gateway = createTemporalGateway({ client: world.client, taskQueue: world.taskQueue, codec: createPayloadCodec(openKeyRing(world.keysFile)) });
    const { deps } = issuesApi(store, gateway);
    server = createApiServer(createApp({ ...deps, settings: { ...deps.settings, requestsPerMinute: { signedIn: 1_000_000, anonymous: 1_000_000 } } }));
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', () => { resolve(); }); });
    ({ port } = server.address() as AddressInfo);
  });
  afterAll(async () => {
    await new Promise<void>((resolve) => { server.close(() => { resolve(); }); server.closeAllConnections(); });
    await world.close();
  });

  test('there is no 500, every 400 names its fields, every answer is one that the document describes, and what was stored is intact', async () => {
    const complaints: string[] = [];
    const statuses = new Map<string, number[]>();
    const document = JSON.parse((await send(port, { method: 'GET', path: '/api/v1/openapi.json', headers: {} })).text) as OpenApi;
    const check = checkerOf(document);
    const ask = async (operation: Operation, asked: Asked): Promise<void> => {
      const answered = await send(port, asked);
      statuses.set(operation.operationId, [...(statuses.get(operation.operationId) ?? []), answered.status]);
      remember(operation, answered);
      const fault = check(operation, answered);
      if (fault === undefined) return;
      complaints.push(`seed ${SEED}, ${asked.method} ${asked.path.slice(0, 200)} ${String(asked.body).slice(0, 300)} ${asked.headers['content-encoding'] ?? ''}\n  ${String(answered.status)} ${fault}\n  ${answered.text.slice(0, 300)}`);
    };
    const operations = Object.entries(document.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, one]): Operation => ({ ...one, method, path }))).toSorted((a, b) => rankOf(a) - rankOf(b));
    const owner = await credentialOf('spo-all', 'session');
    for (const [collection, body] of Object.entries(OPENINGS)) {
      const operation = operations.find(({ method, path }) => method === 'post' && path === `/api/v1/${collection}`);
      if (!operation) throw new Error(`${collection} cannot be made`);
      const headers = () => ({ ...owner, 'content-type': 'application/json', 'idempotency-key': randomUUID() });
      for (let n = 0; n < 2; n += 1) await ask(operation, { method: 'POST', path: operation.path, headers: headers(), body: JSON.stringify(body) });
      expect([collection, statuses.get(operation.operationId)?.[0]]).toEqual([collection, 201]);
    }
    for (const [at, operation] of operations.entries()) {
      // Anew each time: some operations end credentials.
      const callers = [await credentialOf('spo-all', 'session'), await credentialOf('cro-all', 'token'), await credentialOf(personOf(OTHER_CRO, 'quality'), 'token'), {}];
      const [first, ...kinds] = kindsOf(operation);
      for (let n = 0; n < RUNS; n += 1) {
        const kind = (n === 0 ? first : kinds[(at + n) % kinds.length]) ?? 'sound';
        const collection = collectionOf(operation.path);
        const asked = requestFor(operation, kind, { document, known: known(), ids: collection === 'records' ? ids('capas') : ids(collection), seed: `${SEED} ${String(n)}` });
        await ask(operation, { ...asked, headers: { ...callers[n === 0 ? 0 : (at + n) % 5] ?? callers[0], ...asked.headers } });
      }
    }
    expect(complaints).toEqual([]);
    // What is asked must get through the door often enough to find anything behind it.
    const succeeded = [...statuses.values()].filter((all) => all.some((status) => status < 300)).length;
    expect(succeeded).toBeGreaterThan(operations.length / 3);
    expect(await verifyStore(world.fresh.store)).toMatchObject({ intact: true, findings: [] });
  }, 90_000 * RUNS);
});
