import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import mongoose from 'mongoose';

const { MongoClient, BSON } = mongoose.mongo;
const DATABASES = ['cro', 'cro_audit'];
const FILES = { temporal: 'temporal.db.gz', mongodb: 'mongodb.json.gz', installation: 'installation.json' };
/** Ends the copy's journal and drops its free pages; Python comes with the engines. */
const VACUUM = 'import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute("VACUUM INTO ?", (sys.argv[2],))';

/** Writes what both engines hold, compactly. Stops Temporal, whose file is copied. Answers bytes by file. */
export async function keepFixture({ folder, adminUri, temporalFile, stopTemporal, installation }) {
  mkdirSync(folder, { recursive: true });
  const mongodb = await dumped(adminUri);
  writeFileSync(join(folder, FILES.mongodb), gzipSync(mongodb, { level: 9 }));
  await stopTemporal();
  writeFileSync(join(folder, FILES.temporal), gzipSync(vacuumed(temporalFile), { level: 9 }));
  writeFileSync(join(folder, FILES.installation), `${JSON.stringify(installation, null, 2)}\n`);
  return Object.fromEntries(readdirSync(folder).map((file) => [file, statSync(join(folder, file)).size]));
}

/** What a fixture knows of itself. */
export function readInstallation(folder) {
  return JSON.parse(readFileSync(join(folder, FILES.installation), 'utf8'));
}

/** Writes Temporal's file where a server will look for it. */
export function restoreTemporal(folder, file) {
  writeFileSync(file, gunzipSync(readFileSync(join(folder, FILES.temporal))));
}

/** Puts every collection back with its indexes, as the administrator. */
export async function restoreMongodb(folder, adminUri) {
  const dump = BSON.EJSON.parse(gunzipSync(readFileSync(join(folder, FILES.mongodb))).toString('utf8'), { relaxed: false });
  const client = await MongoClient.connect(adminUri);
  try {
    for (const { database, name, options, indexes, documents } of dump) {
      const collection = await client.db(database).createCollection(name, options);
      const own = indexes.filter((index) => index.name !== '_id_').map(({ v: _version, ns: _namespace, ...index }) => index);
      if (own.length > 0) await collection.createIndexes(own);
      if (documents.length > 0) await collection.insertMany(documents);
    }
  } finally {
    await client.close();
  }
}

async function dumped(adminUri) {
  const client = await MongoClient.connect(adminUri);
  try {
    const collections = [];
    for (const database of DATABASES) {
      for (const { name, options } of await client.db(database).listCollections().toArray()) {
        const collection = client.db(database).collection(name);
        // Types as stored: a long that comes back as a double would be another document.
        const documents = await collection.find({}, { promoteValues: false, promoteLongs: false }).sort({ _id: 1 }).toArray();
        collections.push({ database, name, options, indexes: await collection.listIndexes().toArray(), documents });
      }
    }
    return BSON.EJSON.stringify(collections, { relaxed: false });
  } finally {
    await client.close();
  }
}

function vacuumed(file) {
  const folder = mkdtempSync(join(tmpdir(), 'cro-vacuum-'));
  try {
    const copy = join(folder, 'temporal.db');
    execFileSync('python3', ['-c', VACUUM, file, copy]);
    return readFileSync(copy);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
