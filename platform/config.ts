import { z } from 'zod';
import { OVERSIGHT_QUEUE } from '../contracts/taskQueues';
import { DEFAULT_MAX_MB } from '../contracts/evidence';
import { RETENTION_CLASSES, retentionRules, type RetentionRules } from '../contracts/retention';
import { isNetwork } from './outboundNetworks';
import { ConfigError, readEnvironment, type ConfigProblem, type Environment } from './environment';
import { temporalTarget, type TemporalTarget } from './temporalTarget';

export { ConfigError, type ConfigProblem, type Environment } from './environment';

/** Variables that may come as `<name>_FILE` instead. */
const SECRETS = ['MONGODB_URI', 'MONGODB_ADMIN_URI', 'SMTP_URL', 'TEMPORAL_API_KEY'] as const;

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

const required = (expected: string) => z.string(`is missing: ${expected}`);
const matching = (pattern: RegExp, expected: string) => required(expected).regex(pattern, expected);
const url = (protocol: RegExp, expected: string) => z.url({ protocol, error: (issue) => (issue.input === undefined ? `is missing: ${expected}` : expected) });
const mongodbUri = matching(/^mongodb(\+srv)?:\/\/\S+$/, 'a mongodb:// or mongodb+srv:// connection string');
const flag = z.enum(['1', 'true', '0', 'false'], '1, true, 0 or false').transform((value) => value === '1' || value === 'true');

const PORT_RANGE = 'a port number, 0 to 65535 (0 takes a free one)';
const portNumber = z.string().regex(/^\d{1,5}$/, PORT_RANGE).transform(Number).refine((port) => port <= 65_535, PORT_RANGE);
const SENTINEL_RANGE = 'a whole number of seconds, 1 to 3600';
const sentinelSeconds = z.string().regex(/^\d{1,4}$/, SENTINEL_RANGE).transform(Number).refine((seconds) => seconds >= 1 && seconds <= 3600, SENTINEL_RANGE);
const EVIDENCE_RANGE = 'a whole number of MiB, 1 to 1024';
const evidenceMegabytes = z.string().regex(/^\d{1,4}$/, EVIDENCE_RANGE).transform(Number).refine((size) => size >= 1 && size <= 1024, EVIDENCE_RANGE);
const RETENTION_FORM = `<class>=<years>, separated by commas, of ${RETENTION_CLASSES.join(', ')}; 1 to 100 years`;
const retentionYears = z.string().transform((text) => text.split(',').map((part) => /^\s*([a-z_]+)=(\d{1,3})\s*$/.exec(part)))
  .refine((parts) => parts.every((part) => part !== null && RETENTION_CLASSES.some((name) => name === part[1]) && Number(part[2]) >= 1 && Number(part[2]) <= 100), RETENTION_FORM)
  .transform((parts) => retentionRules(Object.fromEntries(parts.map((part) => [part?.[1] ?? '', Number(part?.[2])]))));
const networks = z.string().default('').transform((text) => text.split(',').map((part) => part.trim()).filter((part) => part !== '')).refine((parts) => parts.every(isNetwork), 'networks in CIDR form, separated by commas, such as 10.20.0.0/16');
const environmentSchema = z.object({
  MONGODB_URI: mongodbUri,
  MONGODB_ADMIN_URI: mongodbUri.optional(),
  TEMPORAL_TASK_QUEUE: z.string().max(200, 'at most 200 characters').default(OVERSIGHT_QUEUE),
  HOST: z.string().default('127.0.0.1'),
  PORT: portNumber.default(8080),
  METRICS_HOST: z.string().default('127.0.0.1'),
  METRICS_PORT: portNumber.default(0),
  PUBLIC_URL: url(/^https?$/, 'an http:// or https:// address').optional(),
  SMTP_URL: url(/^smtps?$/, 'an smtp:// or smtps:// address'),
  MAIL_FROM: matching(/^([^<>\r\n]*<[^<>@\s]+@[^<>@\s]+>|[^<>@\s]+@[^<>@\s]+)$/, 'an address, `a@example.org` or `Name <a@example.org>`'),
  CRO_WEBHOOK_NETWORKS: networks,
  CRO_TRUSTED_PROXIES: networks,
  MAILBOX_URL: url(/^https?$/, 'an http:// or https:// address').optional(),
  CRO_KEYS_FILE: required('the path of the key ring file'),
  CRO_SENTINEL_SECONDS: sentinelSeconds.optional(),
  CRO_EVIDENCE_MAX_MB: evidenceMegabytes.default(DEFAULT_MAX_MB),
  CRO_RETENTION_YEARS: retentionYears.optional(),
  CRO_DEMO: flag.default(false),
  LOG_LEVEL: z.enum(LOG_LEVELS, LOG_LEVELS.join(', ')).default('info'),
  NODE_ENV: z.enum(['development', 'production', 'test'], 'development, production or test').default('development'),
});
type Parsed = z.infer<typeof environmentSchema>;

/** Every variable of the product's own that a process reads; Temporal's standard ones (`TEMPORAL_*`) come on top. */
export const ENVIRONMENT_VARIABLES: readonly string[] = [...Object.keys(environmentSchema.shape), ...SECRETS.map((name) => `${name}_FILE`)];

/** Everything that the environment decides, checked. Timings of sessions and lockout are not here: they are product defaults. */
export interface Config {
  readonly mongodbUri: string;
  /** Provisions roles and collections; absent when somebody else does. */
  readonly mongodbAdminUri: string | undefined;
  readonly temporal: TemporalTarget;
  readonly temporalTaskQueue: string;
  readonly host: string;
  readonly port: number;
  /** Where the worker shows its metrics and health; port 0 takes a free one. */
  readonly metricsHost: string;
  readonly metricsPort: number;
  /** How people reach the product; links in mails begin with it. No trailing slash. */
  readonly publicUrl: string;
  readonly smtpUrl: string;
  readonly mailFrom: string;
  /** Networks beside the public ones into which webhooks may go; loopback and private ones are refused otherwise. */
  readonly webhookNetworks: readonly string[];
  /** Networks of reverse proxies whose `X-Forwarded-For` says where a request comes from; none: it comes from whoever connects. */
  readonly trustedProxies: readonly string[];
  /** Where the demo's mailbox answers; set in the demo only. */
  readonly mailboxUrl: string | undefined;
  readonly keysFile: string;
  /** Between two sentinels; absent: the product's default. */
  readonly sentinelSeconds: number | undefined;
  /** Largest file that is taken as evidence, bytes, and how long evidence is kept. */
  readonly evidence: { readonly maxBytes: number; readonly retention: RetentionRules };
  readonly demo: boolean;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  readonly nodeEnv: 'development' | 'production' | 'test';
}

/** Reads the environment once. Throws ConfigError with every problem at once; values are never quoted. */
export function loadConfig(env: Environment = process.env): Config {
  const { values, problems } = readEnvironment(env, SECRETS);
  const unreadable = new Set(problems.map((problem) => problem.variable.replace(/_FILE$/, '')));
  const parsed = environmentSchema.safeParse(values);
  if (parsed.success) {
    problems.push(...conflicts(parsed.data));
  } else {
    const found = parsed.error.issues.map((issue) => ({ variable: issue.path.join('.'), expected: issue.message }));
    problems.push(...found.filter((problem) => !unreadable.has(problem.variable)));
  }
  const temporal = collecting(problems, () => temporalTarget(values));
  if (!parsed.success || temporal === undefined || problems.length > 0) throw new ConfigError(problems);
  return Object.freeze(configOf(parsed.data, temporal));
}

function configOf(parsed: Parsed, temporal: TemporalTarget): Config {
  return {
    mongodbUri: parsed.MONGODB_URI,
    mongodbAdminUri: parsed.MONGODB_ADMIN_URI,
    temporal,
    temporalTaskQueue: parsed.TEMPORAL_TASK_QUEUE,
    host: parsed.HOST,
    port: parsed.PORT,
    metricsHost: parsed.METRICS_HOST,
    metricsPort: parsed.METRICS_PORT,
    publicUrl: (parsed.PUBLIC_URL ?? `http://${parsed.HOST}:${String(parsed.PORT)}`).replace(/\/+$/, ''),
    smtpUrl: parsed.SMTP_URL,
    mailFrom: parsed.MAIL_FROM,
    webhookNetworks: parsed.CRO_WEBHOOK_NETWORKS,
    trustedProxies: parsed.CRO_TRUSTED_PROXIES,
    mailboxUrl: parsed.MAILBOX_URL,
    keysFile: parsed.CRO_KEYS_FILE,
    sentinelSeconds: parsed.CRO_SENTINEL_SECONDS,
    evidence: { maxBytes: parsed.CRO_EVIDENCE_MAX_MB * 1024 * 1024, retention: parsed.CRO_RETENTION_YEARS ?? retentionRules() },
    demo: parsed.CRO_DEMO,
    logLevel: parsed.LOG_LEVEL,
    nodeEnv: parsed.NODE_ENV,
  };
}

function conflicts(parsed: Parsed): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  if (parsed.MAILBOX_URL !== undefined && !parsed.CRO_DEMO) {
    problems.push({ variable: 'MAILBOX_URL', expected: 'not set unless CRO_DEMO is: it shows everybody\'s mail' });
  }
  if (parsed.NODE_ENV === 'production' && !parsed.CRO_DEMO) {
    if (parsed.PUBLIC_URL === undefined) problems.push({ variable: 'PUBLIC_URL', expected: 'is missing: the address that people use, for links in mails' });
    else if (!isProtected(parsed.PUBLIC_URL)) problems.push({ variable: 'PUBLIC_URL', expected: 'an https:// address in production' });
  }
  return problems;
}

/** Passwords and cookies must not cross a network in clear; the machine itself is no network. */
function isProtected(publicUrl: string): boolean {
  const { protocol, hostname } = new URL(publicUrl);
  return protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}

function collecting<T>(problems: ConfigProblem[], read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    problems.push(...error.problems);
    return undefined;
  }
}
