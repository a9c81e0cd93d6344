import mongoose, { type ClientSession, type Connection } from 'mongoose';
import type { Sealer } from '../contracts/audit';
import type { Authenticator } from '../platform/derivedKeys';
import { defineModels, type Models } from './models';

/** Database of the records when the connection string names none. */
export const MAIN_DATABASE = 'cro';

/** Database of the audit trail, `cro_audit` beside `cro`; apart, so that the application's role there can stay narrow. */
export function auditDatabaseOf(mainDatabase: string): string {
  return `${mainDatabase}_audit`;
}

/** The records' database that a connection string names in its path, else `cro`. */
export function mainDatabaseOf(uri: string): string {
  const path = /^mongodb(?:\+srv)?:\/\/[^/?]+\/([^?]*)/.exec(uri)?.[1] ?? '';
  return path === '' ? MAIN_DATABASE : decodeURIComponent(path);
}

export interface Store {
  readonly connection: Connection;
  /** The audit database on the same client: one transaction covers both. */
  readonly auditConnection: Connection;
  readonly models: Models;
  /** Without it nothing is appended to the trail, and its seals cannot be checked. */
  readonly sealer: Sealer | undefined;
  /** By the key ring: commands that are stored get its code, commands that are carried out must have it. Absent: none can be. */
  readonly commandAuthenticator?: Authenticator;
  close(): Promise<void>;
}

export interface StoreOptions {
  readonly uri: string;
  /** By the key ring (platform/derivedKeys.ts); undefined: there is none at hand, the store is only read. */
  readonly sealer: Sealer | undefined;
  /** For processes that store commands or carry them out. */
  readonly commandAuthenticator?: Authenticator;
  readonly poolSize?: number;
  readonly selectionTimeoutMs?: number;
  /** Lets the driver tell each command it sends, for counting them. */
  readonly monitorCommands?: boolean;
}

/**
 * Opens the records in the database that the URI names. Collections and indexes are provisioned, never made on the way.
 * Throws when the server cannot be reached within `selectionTimeoutMs`.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const connection = mongoose.createConnection(options.uri, {
    dbName: mainDatabaseOf(options.uri),
    autoIndex: false,
    autoCreate: false,
    maxPoolSize: options.poolSize ?? 20,
    serverSelectionTimeoutMS: options.selectionTimeoutMs ?? 5000,
    // A blackholed server must surface as an error that activities retry, not as a hung commit.
    socketTimeoutMS: 15_000,
    monitorCommands: options.monitorCommands ?? false,
    w: 'majority',
    readConcernLevel: 'majority',
  });
  await connection.asPromise();
  const auditConnection = connection.useDb(auditDatabaseOf(connection.name), { useCache: true });
  return {
    connection, auditConnection, models: defineModels(connection, auditConnection), sealer: options.sealer, close: () => connection.close(),
    ...(options.commandAuthenticator && { commandAuthenticator: options.commandAuthenticator }),
  };
}

/** One transaction under way, for those who write in it and know no driver. */
export type Session = ClientSession;

/** Runs `work` in one transaction over both databases; transient faults are repeated by the driver. */
export function inTransaction<T>(store: Store, work: (session: Session) => Promise<T>): Promise<T> {
  return store.connection.getClient().withSession((session) =>
    session.withTransaction(() => work(session), { readConcern: { level: 'snapshot' }, writeConcern: { w: 'majority' } }),
  );
}
