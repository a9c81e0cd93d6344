import type { Section, Sections } from '../../contracts/capaSections';
import type { CapaState } from '../../contracts/capaState';
import type { FieldError } from '../../contracts/failures';
import { canonicalText } from '../audit/chain';
import { givenSections } from './sections';

const returned = ({ returns, iteration }: CapaState, what: string): boolean => returns.some((one) => one.what === what && one.iteration === iteration);
const leftDraft = (state: CapaState): boolean => state.status !== 'draft' || state.returns.some(({ what }) => what === 'triage');

/** Whether what a section holds was submitted, or signed, before. The question of serious breach gives its own reason. */
const SUBMITTED: Readonly<Record<Section, (state: CapaState) => boolean>> = {
  problem: leftDraft, riskBefore: leftDraft, seriousBreach: () => false, containment: () => false,
  accountableView: (state) => returned(state, 'plan'), rootCause: (state) => returned(state, 'plan'), extentCheck: (state) => returned(state, 'plan'), plan: (state) => returned(state, 'plan'),
  adverseCheck: (state) => returned(state, 'implementation'), result: ({ monitoringExtended }) => monitoringExtended > 0, closure: (state) => returned(state, 'closure'),
};

/** The sections that would be changed after they had been submitted: they need a reason (P1). */
export function submittedBefore(state: CapaState, sections: Sections): readonly Section[] {
  return givenSections(sections).filter((section) => state[section] != null && SUBMITTED[section](state) && !isSame(state[section], sections[section]));
}

/** What is missing of a body that changes what was submitted before. */
export function reasonFaults(state: CapaState, body: Sections & { readonly reason?: string | undefined }): readonly FieldError[] {
  const sections = submittedBefore(state, body);
  return body.reason !== undefined || sections.length === 0 ? [] : [{ field: 'reason', message: `say why: ${sections.join(', ')} was submitted before` }];
}

function isSame(one: unknown, other: unknown): boolean {
  return canonicalText(one) === canonicalText(other);
}
