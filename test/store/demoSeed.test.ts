import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { instantOf } from '../../contracts/instant';
import { openCredentials } from '../../dev/demo/credentials';
import { seedDemo } from '../../dev/seed';
import { verifyPassword } from '../../platform/passwords';
import { openStore } from '../../store/connection';
import { verifyStore } from '../../store/verify';
import { freshStore, type FreshStore } from '../support/mongo';
import { testSealer } from '../support/sealer';

const AT = instantOf(Date.parse('2026-11-23T09:00:00Z'));
const ADDRESS = 'http://127.0.0.1:8080';
/** Four organisations with nine roles each, an inspector, a vendor's user, an administrator of the instance. */
const PEOPLE = 39;

let fresh: FreshStore;
let folder: string;
let file: string;
beforeAll(async () => {
  fresh = await freshStore();
  folder = mkdtempSync(join(tmpdir(), 'cro-seed-'));
  file = join(folder, 'demo-credentials.json');
});
afterAll(async () => {
  await fresh.drop();
  rmSync(folder, { recursive: true, force: true });
});

const kept = (): { baseUrl: string; users: { email: string; password: string }[]; sources: { path: string }[] } => JSON.parse(readFileSync(file, 'utf8'));
const count = (name: 'organisations' | 'calendars' | 'studies' | 'people' | 'memberships' | 'signers' | 'matrix'): Promise<number> => fresh.store.models[name].countDocuments();

test('a seeding that was cut off in the middle goes on where it was: nobody twice, nobody missing, every password known', async () => {
  const cut = await openStore({ sealer: testSealer(), uri: fresh.uri });
  const seeding = seedDemo(cut, AT, (users) => { openCredentials(file, ADDRESS).keep({ users }); });
  while (await count('people') < 3) await new Promise((resolve) => setTimeout(resolve, 5));
  // As a kill would: whatever it wants to do next finds no connection.
  await cut.close();
  await expect(seeding).rejects.toThrow();
  const there = await count('people');
  expect(there).toBeLessThan(PEOPLE);
  const first = kept();

  const made = await seedDemo(fresh.store, AT, (users) => { openCredentials(file, ADDRESS).keep({ users }); });
  expect(made).toHaveLength(PEOPLE - there);
  expect(await Promise.all((['organisations', 'calendars', 'studies', 'people', 'memberships', 'matrix'] as const).map(count))).toEqual([4, 4, 3, PEOPLE, PEOPLE, 9]);
  // May sign at once, and say for ever that nobody inside the product vouched for them.
  expect(await fresh.store.models.signers.countDocuments({ 'identity.provisioned': true, 'identity.signsFrom': { $exists: false } })).toBe(PEOPLE);
  const { users } = kept();
  expect(new Set(users.map(({ email }) => email)).size).toBe(PEOPLE);
  expect(users.filter(({ email, password }) => first.users.some((user) => user.email === email && user.password === password))).toHaveLength(there);
  // One who was there before the cut, one who came after it.
  for (const { email, password } of [users.at(0), users.at(-1)].flatMap((user) => user ?? [])) {
    const person = await fresh.store.models.people.findOne({ email }).lean<{ passwordHash: string }>();
    expect(await verifyPassword(person?.passwordHash, password)).toBe(true);
  }
  expect((await verifyStore(fresh.store)).findings).toEqual([]);
  expect(await seedDemo(fresh.store, AT)).toBeUndefined();
});

test('the file of accounts is for its owner, follows the address, and one that cannot be read is not guessed at', () => {
  const own = join(folder, 'accounts.json');
  const user = { email: 'a@alpine.example', password: 'one', organisation: 'Alpine', roles: ['quality'] as const };
  openCredentials(own, ADDRESS).keep({ users: [user] });
  expect(statSync(own).mode & 0o777).toBe(0o600);
  openCredentials(own, 'http://127.0.0.1:8090').keep({});
  expect(JSON.parse(readFileSync(own, 'utf8'))).toEqual({ baseUrl: 'http://127.0.0.1:8090', users: [user], sources: [] });
  openCredentials(own, ADDRESS).keep({ users: [{ ...user, password: 'two' }] });
  expect(JSON.parse(readFileSync(own, 'utf8'))).toMatchObject({ baseUrl: ADDRESS, users: [{ password: 'two' }] });
  writeFileSync(own, '{"users": 1}');
  openCredentials(own, ADDRESS).keep({});
  expect(readFileSync(own, 'utf8')).toBe('{"users": 1}');
});
