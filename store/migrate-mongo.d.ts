/** The part of migrate-mongo 14 that is used; it ships no types. */
declare module 'migrate-mongo' {
  import type { mongo } from 'mongoose';

  export interface MigrateMongoConfig {
    readonly migrationsDir: string;
    readonly changelogCollectionName: string;
    readonly lockCollectionName: string;
    /** Seconds. */
    readonly lockTtl: number;
    readonly migrationFileExtension: string;
    readonly useFileHash: boolean;
  }
  export const config: { set(config: MigrateMongoConfig): void };
  /** Runs what is pending; returns the files that it ran. */
  export function up(db: mongo.Db, client: mongo.MongoClient): Promise<readonly string[]>;
}
