import { z } from 'zod';
import { topicSchema } from './escalation';
import { instantSchema } from './instantSchema';
import { severitySchema } from './policy';

/** Below this path requests keep their bytes: signatures are over them, not over what they parse to. */
export const HOOKS_PATH = '/api/v1/hooks';

/** Formats that a source may speak, and how each proves who sent it, as strongly as it can. */
export const SOURCE_KINDS = ['event', 'alertmanager'] as const;
export type SourceKind = (typeof SOURCE_KINDS)[number];
export const SOURCE_STRENGTHS = ['hmac', 'bearer'] as const;
export type SourceStrength = (typeof SOURCE_STRENGTHS)[number];
export const STRENGTH_OF: Readonly<Record<SourceKind, SourceStrength>> = { event: 'hmac', alertmanager: 'bearer' };

/** Age, either way, at which a signed message is too old: Standard Webhooks' five minutes, ms. */
export const SIGNATURE_TOLERANCE_MS = 5 * 60_000;
/** A seen nonce is known this long: three times the tolerance, one more than a message can stay valid, ms. */
export const NONCE_KEPT_MS = 3 * SIGNATURE_TOLERANCE_MS;

const text = (max: number) => z.string().trim().min(1).max(max);
const id = z.string().min(1).max(64);

/** What a source's own word for severity means; words are compared in lower case. */
export const severityMapSchema = z.strictObject({
  words: z.record(z.string().regex(/^[a-z0-9][a-z0-9 _-]{0,39}$/, 'lower case, at most 40'), severitySchema).refine((words) => Object.keys(words).length <= 50, 'at most 50 words').default({}),
  /** For every other word, and for none. */
  otherwise: severitySchema,
});
export type SeverityMap = z.infer<typeof severityMapSchema>;

/** What the issues of a source are: it chooses words and severities, never parties. */
export const raisesSchema = z.strictObject({
  studyId: id.nullable().default(null),
  topic: topicSchema,
  accountableOrganisationId: id,
  systemId: id.nullable().default(null),
  severities: severityMapSchema,
});
export type Raises = z.infer<typeof raisesSchema>;

/** The generic event: `kind: event`, signed per Standard Webhooks. */
export const hookEventSchema = z.strictObject({
  type: z.enum(['firing', 'resolved']),
  /** Names the trouble, not the message: the same trouble again has the same key. */
  key: text(120),
  title: text(200),
  description: text(8000).optional(),
  severity: text(40).optional(),
  happenedAt: instantSchema.optional(),
  site: text(120).optional(),
  systemId: id.optional(),
}).meta({ id: 'HookEvent' });
export type HookEvent = z.infer<typeof hookEventSchema>;

const labels = z.record(z.string(), z.string());
const alertSchema = z.looseObject({
  status: z.enum(['firing', 'resolved']),
  labels,
  annotations: labels.default({}),
  startsAt: instantSchema,
  endsAt: instantSchema.optional(),
  generatorURL: z.string().max(2000).optional(),
  fingerprint: z.string().max(64).optional(),
});

/** Alertmanager's webhook, format version 4: strict on what is used, open to what later releases add. */
export const alertmanagerSchema = z.looseObject({
  version: z.literal('4'),
  groupKey: z.string().min(1).max(10_000),
  truncatedAlerts: z.int().min(0).default(0),
  status: z.enum(['firing', 'resolved']),
  receiver: z.string().max(200),
  groupLabels: labels,
  commonLabels: labels,
  commonAnnotations: labels,
  externalURL: z.string().max(2000).default(''),
  alerts: z.array(alertSchema).min(1).max(5000),
}).meta({ id: 'AlertmanagerMessage' });
export type AlertmanagerMessage = z.infer<typeof alertmanagerSchema>;
export type Alert = AlertmanagerMessage['alerts'][number];

/** `accepted`: stored, the engine is away; what became of it shows on the issue. */
export const HOOK_OUTCOMES = ['opened', 'joined', 'cleared', 'nothing_open', 'accepted'] as const;
export type HookOutcome = (typeof HOOK_OUTCOMES)[number];
export const hookAnswerSchema = z.object({ issueId: z.string().nullable(), number: z.string().nullable(), outcome: z.enum(HOOK_OUTCOMES) }).meta({ id: 'HookAnswer' });
export type HookAnswer = z.infer<typeof hookAnswerSchema>;
