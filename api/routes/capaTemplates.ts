import { z } from 'zod';
import { openCapaSchema } from '../../contracts/capa';
import { extentCheckSchema, planSchema, rootCauseSchema } from '../../contracts/capaSections';
import { ACTION_KINDS, ACTION_LEVELS, CAUSE_CATEGORIES, MEASURED_BY } from '../../contracts/capaWords';
import { durationSchema } from '../../contracts/duration';
import { severitySchema } from '../../contracts/policy';
import { CAPA_TEMPLATES, openingFrom, sectionsOf, templateOf } from '../../domain/capaTemplates/sections';
import type { CapaTemplate } from '../../domain/capaTemplates/template';
import { openCapa } from '../commands/capa';
import type { ApiDeps } from '../deps';
import { defineRoute, type Route } from '../route';
import { capaSchema } from '../views/capa';
import { idempotencyKeySchema } from '../views/issue';
import { notFound } from '../views/readers';
import { pending } from './commands';

const tags = ['capas'];
const params = z.strictObject({ key: z.string().regex(/^[a-z0-9-]{1,60}$/, 'lower-case letters, digits and -') });
/** Leaves room for the line that names the template. */
const MOST_DESCRIPTION = 9000;

const bodySchema = openCapaSchema.omit({ classification: true }).extend({
  topic: openCapaSchema.shape.topic.optional(), title: openCapaSchema.shape.title.optional(), severity: openCapaSchema.shape.severity.optional(),
  description: z.string().trim().min(1).max(MOST_DESCRIPTION).optional(),
  draft: z.boolean().optional().describe('By default true until a problem is stated.'),
});

const summarySchema = z.object({
  key: z.string(), version: z.int(), requirement: z.string(), kind: z.enum(['finding', 'standard_action']), title: z.string(), description: z.string(),
  topic: z.string(), severity: severitySchema.describe('Suggested.'), classification: z.enum(ACTION_KINDS), basis: z.string(),
});
const templateSchema = summarySchema.extend({
  prompts: z.object({ what: z.string(), where: z.string(), when: z.string(), extent: z.string(), containment: z.string(), baseline: z.string() }),
  whys: z.array(z.string()), categories: z.array(z.enum(CAUSE_CATEGORIES)).describe('Suggested cause categories.'), extentCheck: z.string().describe('Where else to look.'),
  actions: z.array(z.object({ id: z.string(), kind: z.enum(ACTION_KINDS), level: z.enum(ACTION_LEVELS), description: z.string(), dueAfter: durationSchema })), documents: z.array(z.string()),
  effectiveness: z.object({
    metric: z.string(), target: z.string(), window: durationSchema, sampleSize: z.int(), goal: z.number(), source: z.string(), measuredBy: z.enum(MEASURED_BY),
    intendedSource: z.string().describe('Where the figure is to come from; `measuredBy` is `manual` until the product makes it.'),
  }),
  sections: z.object({ rootCause: rootCauseSchema, extentCheck: extentCheckSchema, plan: planSchema })
    .describe('What `POST /api/v1/capas/{id}/save` takes in the investigation; due dates counted from now. What only people know is empty.'),
}).meta({ id: 'CapaTemplate' });

/** Templates for CAPAs that come up again and again (S2.10 to S2.14, S2.18; docs/capa-templates.md). */
export function capaTemplateRoutes(deps: ApiDeps): Route[] {
  const list = defineRoute({
    method: 'get', path: '/api/v1/capa-templates', summary: 'Templates for CAPAs', tags, access: 'signed_in', scope: 'read',
    answers: { 200: { description: 'All of them, findings first.', schema: z.object({ items: z.array(summarySchema) }) } },
    handler: () => ({ status: 200, body: { items: CAPA_TEMPLATES.map(summaryOf) } }),
  });
  const read = defineRoute({
    method: 'get', path: '/api/v1/capa-templates/{key}', summary: 'One template, with the sections that an investigation can save', tags, access: 'signed_in', scope: 'read', params,
    answers: { 200: { description: 'The template.', schema: templateSchema } },
    handler: ({ params: { key } }) => {
      const template = found(key);
      return { status: 200, body: { ...template, sections: sectionsOf(template, deps.now()) } };
    },
  });
  const open = defineRoute({
    method: 'post', path: '/api/v1/capa-templates/{key}/capas', summary: 'Open a CAPA from a template: say what it cannot know', tags, access: 'signed_in', scope: 'raise', params,
    body: bodySchema, headers: z.object({ 'idempotency-key': idempotencyKeySchema }),
    answers: { 201: { description: 'The CAPA, as a draft or in triage.', schema: capaSchema }, 200: { description: 'The same trigger (`dedupeKey`) has this CAPA already; it noted the repeat.', schema: capaSchema }, 202: pending },
    handler: async ({ params: { key }, body, caller, correlationId, headers }) =>
      openCapa(deps, { body: openingFrom(found(key), body), caller, correlationId, key: headers['idempotency-key'] }),
  });
  return [list, read, open];
}

function found(key: string): CapaTemplate {
  const template = templateOf(key);
  if (!template) throw notFound();
  return template;
}

function summaryOf({ key, version, requirement, kind, title, description, topic, severity, classification, basis }: CapaTemplate): z.infer<typeof summarySchema> {
  return { key, version, requirement, kind, title, description, topic, severity, classification, basis };
}
