import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/*
 * node deploy/secrets.mjs --smtp-url smtps://user:password@mail.example.org [--folder deploy/secrets]
 * Makes the files that docker-compose.yml takes its secrets from. What exists is left alone.
 */
const { values } = parseArgs({ options: { 'smtp-url': { type: 'string' }, folder: { type: 'string' } } });
const folder = values.folder ?? join(dirname(fileURLToPath(import.meta.url)), 'secrets');
const password = () => randomBytes(24).toString('base64url');
const [admin, application] = [password(), password()];
const uri = (user, word) => `mongodb://${user}:${word}@mongodb:27017/cro?authSource=admin&replicaSet=rs0`;
const key = `key-${randomBytes(4).toString('hex')}`;
const SECRETS = {
  mongodb_admin_password: admin,
  mongodb_admin_uri: uri('cro_admin', admin),
  mongodb_uri: uri('cro_app', application),
  // 6 to 1024 base64 characters, the same on every member.
  mongodb_keyfile: randomBytes(512).toString('base64'),
  postgres_password: password(),
  'keys.json': JSON.stringify({ active: key, keys: { [key]: randomBytes(32).toString('base64') } }, undefined, 2),
  smtp_url: values['smtp-url'],
};

const present = Object.keys(SECRETS).filter((name) => existsSync(join(folder, name)));
const missing = Object.keys(SECRETS).filter((name) => !present.includes(name));
// Passwords come in pairs, so half of them cannot be made anew.
if (missing.some((name) => name.startsWith('mongodb_')) && present.some((name) => name.startsWith('mongodb_'))) {
  throw new Error(`${folder} has ${present.join(', ')} but not ${missing.join(', ')}: put them back`);
}
if (missing.includes('smtp_url') && SECRETS.smtp_url === undefined) throw new Error('--smtp-url is missing: the mail server that takes the notices');
// The folder keeps others out; the files must be readable by whichever user a container runs as.
mkdirSync(folder, { recursive: true, mode: 0o700 });
for (const name of missing) writeFileSync(join(folder, name), SECRETS[name], { mode: 0o444, flag: 'wx' });
process.stdout.write(`${folder}: made ${missing.join(', ') || 'nothing'}; keep keys.json as long as the records\n`);
