import type { OpenCapa } from '../../contracts/capa';
import type { ExtentCheck, Plan, RootCause } from '../../contracts/capaSections';
import { plusMs, type Instant } from '../../contracts/instant';
import { FINDINGS } from './findings';
import { STANDARD_ACTIONS } from './standardActions';
import type { CapaTemplate, TemplateAction } from './template';

/** Every template, findings first. */
export const CAPA_TEMPLATES: readonly CapaTemplate[] = [...FINDINGS, ...STANDARD_ACTIONS];

export const templateOf = (key: string): CapaTemplate | undefined => CAPA_TEMPLATES.find((template) => template.key === key);

/** Three of the sections that `save` takes. */
export interface TemplateSections {
  readonly rootCause: Extract<RootCause, { method: 'five_why' }>;
  readonly extentCheck: ExtentCheck;
  readonly plan: Plan;
}

/**
 * The parts that a template knows, in the form of `save`; due dates are counted from `now`. What only people know (answers,
 * evidence, owners, baseline, assessor) is left empty, and submitting asks for it.
 */
export function sectionsOf(template: CapaTemplate, now: Instant): TemplateSections {
  const { whys, categories, actions, documents, effectiveness } = template;
  const { intendedSource: _intended, ...measured } = effectiveness;
  const plan: Plan = {
    actions: actions.map((action) => ({ id: action.id, kind: action.kind, level: action.level, description: action.description, ownerId: null, organisationId: null, due: dueOf(action, now) })),
    documents: [...documents],
    effectiveness: { ...measured, baseline: '', assessorId: null, assessorOrganisationId: null },
  };
  return {
    rootCause: { method: 'five_why', chain: whys.map((why) => ({ why, because: '', evidenceIds: [] })), cause: { statement: '', categories: [...categories] } },
    extentCheck: { lookedAt: '', finding: null, detail: '', evidenceIds: [] },
    plan,
  };
}

/** Throws RangeError for business time: no calendar is asked here, and no template uses it. */
function dueOf({ id, dueAfter }: TemplateAction, now: Instant): Instant {
  if (dueAfter.kind !== 'calendar') throw new RangeError(`action ${id} is not in calendar time`);
  return plusMs(now, dueAfter.ms);
}

/** What a template cannot know of a CAPA that is opened from it, and what may be said otherwise. */
export type FromTemplate = Pick<OpenCapa, 'studyId' | 'raisingOrganisationId' | 'accountableOrganisationId' | 'systemId' | 'source' | 'problem' | 'riskBefore' | 'draft' | 'dedupeKey'>
  & { readonly [K in 'topic' | 'title' | 'description' | 'severity']?: OpenCapa[K] | undefined };

/** The opening of a CAPA from a template: a draft until the problem is stated. The description keeps where it came from. */
export function openingFrom(template: CapaTemplate, said: FromTemplate): OpenCapa {
  const { topic = template.topic, title = template.title, description = template.description, severity = template.severity, ...known } = said;
  return {
    ...known, topic, title, severity, classification: template.classification, description: `${description}\n\nFrom template ${template.key}, version ${template.version}.`,
    draft: said.draft ?? said.problem === undefined,
  };
}
