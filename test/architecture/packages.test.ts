import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { z } from 'zod';

const root = join(__dirname, '../..');
const packageSchema = z.object({ version: z.string(), dependencies: z.record(z.string(), z.string()).default({}), devDependencies: z.record(z.string(), z.string()).default({}) });
const packageOf = (folder: string): z.infer<typeof packageSchema> => packageSchema.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')));
const own = packageOf(root);
const all = { ...own.dependencies, ...own.devDependencies };
const temporal = Object.keys(all).filter((name) => name.startsWith('@temporalio/'));

test('all of Temporal\'s SDK is pinned to one version', () => {
  expect(temporal.length).toBeGreaterThan(5);
  expect(new Set(temporal.map((name) => all[name]))).toEqual(new Set(['1.24.0']));
});

test('every dependency is pinned exactly', () => {
  expect(Object.entries(all).filter(([, version]) => !/^(npm:[^@]+@)?\d+\.\d+\.\d+$/.test(version))).toEqual([]);
});

// Two copies make `instanceof` fail while a history is read from JSON: replay tests then die with "type must be a Type".
test('the SDK sees exactly one protobufjs, and it is version 8', () => {
  const sdk = readdirSync(join(root, 'node_modules/@temporalio')).map((name) => join(root, 'node_modules/@temporalio', name));
  const users = sdk.filter((folder) => existsSync(join(folder, 'package.json')) && 'protobufjs' in packageOf(folder).dependencies);
  const copies = users.map((folder) => createRequire(join(folder, 'package.json')).resolve('protobufjs/package.json'));
  expect(users.length).toBeGreaterThan(1);
  expect(new Set(copies).size).toBe(1);
  expect(packageOf(join(copies[0] ?? '', '..')).version).toMatch(/^8\./);
});
