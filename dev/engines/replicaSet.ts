import mongoose from 'mongoose';
import { after } from '../process';

/** Where the node listens and who administrates it. */
export interface ReplicaSetOptions {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly signal: AbortSignal;
}

type MongoClient = mongoose.mongo.MongoClient;
const { MongoClient: Client, MongoServerError } = mongoose.mongo;

const ALREADY_INITIALIZED = 23;
const AUTHENTICATION_FAILED = 18;
const UNAUTHORIZED = 13;

/**
 * Brings a one-node replica set to primary: initiates it and creates its admin user when it is new
 * (allowed once, from this machine, while no user exists), and corrects its address when the port has
 * changed. `foreign`: it has users already and ours is not among them. Repeats until `signal` aborts.
 */
export async function becomePrimary(options: ReplicaSetOptions): Promise<'primary' | 'foreign'> {
  for (;;) {
    if (options.signal.aborted) throw new Error('given up');
    const outcome = await attempt(options).catch(() => 'again' as const);
    if (outcome !== 'again') return outcome;
    await after(200, options.signal);
  }
}

async function attempt(options: ReplicaSetOptions): Promise<'primary' | 'foreign' | 'again'> {
  const known = await signIn(options);
  if (known !== undefined) {
    try {
      await correctAddress(known, options.port);
      return (await isPrimary(known)) ? 'primary' : 'again';
    } finally {
      await known.close();
    }
  }
  const anonymous = await connect(options.port);
  try {
    return await initiate(anonymous, options);
  } finally {
    await anonymous.close();
  }
}

async function initiate(client: MongoClient, options: ReplicaSetOptions): Promise<'foreign' | 'again'> {
  const admin = client.db('admin');
  try {
    await admin.command({ replSetInitiate: { _id: 'rs0', members: [{ _id: 0, host: address(options.port) }] } });
  } catch (error) {
    if (hasCode(error, UNAUTHORIZED)) return 'foreign';
    if (!hasCode(error, ALREADY_INITIALIZED)) throw error;
  }
  while (!(await isPrimary(client)) && !options.signal.aborted) await after(100, options.signal);
  await admin.command({ createUser: options.user, pwd: options.password, roles: ['root'] });
  return 'again';
}

/** A client that is signed in, or undefined when the user or password is not known there. */
async function signIn(options: ReplicaSetOptions): Promise<MongoClient | undefined> {
  try {
    return await connect(options.port, { username: options.user, password: options.password });
  } catch (error) {
    if (hasCode(error, AUTHENTICATION_FAILED)) return undefined;
    throw error;
  }
}

/** A member that does not find itself in its configuration would wait for ever. */
async function correctAddress(client: MongoClient, port: number): Promise<void> {
  const admin = client.db('admin');
  const answer = await admin.command({ replSetGetConfig: 1 });
  const config: unknown = answer['config'];
  if (!isConfig(config) || config.members[0]?.host === address(port)) return;
  const members = [{ ...config.members[0], host: address(port) }];
  await admin.command({ replSetReconfig: { ...config, members, version: config.version + 1 }, force: true });
}

function isConfig(value: unknown): value is { version: number; members: { host: string }[] } {
  return typeof value === 'object' && value !== null && 'version' in value && typeof value.version === 'number' && 'members' in value && Array.isArray(value.members);
}

async function isPrimary(client: MongoClient): Promise<boolean> {
  const hello = await client.db('admin').command({ hello: 1 });
  return hello['isWritablePrimary'] === true;
}

function connect(port: number, auth?: { username: string; password: string }): Promise<MongoClient> {
  return new Client(`mongodb://${address(port)}/?directConnection=true`, {
    serverSelectionTimeoutMS: 2000,
    ...(auth === undefined ? {} : { auth, authSource: 'admin' }),
  }).connect();
}

function address(port: number): string {
  return `127.0.0.1:${String(port)}`;
}

function hasCode(error: unknown, code: number): boolean {
  return error instanceof MongoServerError && error.code === code;
}
