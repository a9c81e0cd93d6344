import type { PersonActor } from '../../contracts/actor';
import type { CapaState } from '../../contracts/capaState';
import type { Section, Sections } from '../../contracts/capaSections';
import type { CapaStatus, SignedSubject } from '../../contracts/capaWords';
import type { Refusal } from '../../contracts/failures';
import type { Json } from '../../contracts/step';
import { movedAction } from './plan';
import { touch } from './moving';
import { noteStated, refuseOwner } from './owners';
import type { CapaDraft } from './stages';

/** When each part may be written. What is signed, or waits to be, is not. */
export const WRITTEN_IN: Readonly<Record<Section, readonly CapaStatus[]>> = {
  problem: ['draft', 'triage', 'containment', 'investigation'],
  riskBefore: ['draft', 'triage', 'containment', 'investigation'],
  accountableView: ['draft', 'triage', 'containment', 'investigation'],
  seriousBreach: ['draft', 'triage'],
  containment: ['triage', 'containment'],
  rootCause: ['containment', 'investigation'],
  extentCheck: ['containment', 'investigation'],
  plan: ['containment', 'investigation'],
  adverseCheck: ['implementation'],
  result: ['effectiveness_check'],
  closure: ['closure_review'],
};

/** The signed part that a section belongs to. */
const PART_OF: Readonly<Partial<Record<Section, SignedSubject>>> = {
  problem: 'plan', riskBefore: 'plan', accountableView: 'plan', rootCause: 'plan', extentCheck: 'plan', plan: 'plan', adverseCheck: 'implementation', result: 'effectiveness', closure: 'closure',
};

/** The sections that were given, in the order of the table. */
export const givenSections = (sections: Sections): readonly Section[] => (Object.keys(WRITTEN_IN) as Section[]).filter((section) => sections[section] !== undefined);

/** The state as it would be with what is given. */
export const withSections = (state: CapaState, sections: Sections): CapaState =>
  ({ ...state, ...Object.fromEntries(givenSections(sections).map((section) => [section, sections[section]])) });

/** Whether these sections may not be written now, or not by this person; half-finished ones may. `earlier`: by the rules before parts had owners. */
export function refuseWriting(state: CapaState, sections: Sections, { actor, earlier = false }: { readonly actor: PersonActor; readonly earlier?: boolean | undefined }): Refusal | undefined {
  const { personId, organisationId } = actor;
  const given = givenSections(sections);
  const early = given.find((section) => !WRITTEN_IN[section].includes(state.status));
  if (early) return { type: 'wrong_state', reason: `${early} is not written while the CAPA is ${state.status}` };
  if (given.length > 0 && state.submitted !== null) return { type: 'wrong_state', reason: `the ${state.submitted} waits for signatures: it must be returned before it changes` };
  if (given.includes('result') && personId !== state.assessor?.personId) return { type: 'not_permitted', reason: 'only the assessor whom the plan names records the result' };
  const isShared = state.status === 'draft' || state.status === 'triage' || given.every((section) => section === 'result');
  if (earlier && !isShared && organisationId !== state.accountableOrganisationId) return { type: 'not_permitted', reason: 'the accountable side writes this; the other one reviews it' };
  const foreign = earlier ? undefined : given.map((section) => refuseOwner(state, { section, content: sections[section] }, actor)).find((refusal) => refusal !== undefined);
  if (foreign) return foreign;
  const moved = sections.plan && movedAction(state.actions, sections.plan.actions);
  return moved === undefined ? undefined : { type: 'wrong_state', reason: `the due date of action ${moved} is fixed: ask for an extension` };
}

/** Sections, and why they change. */
export type Written = Sections & { readonly reason?: string | undefined };

/** Takes over what was written; `organisationId`: whose statement it is, where that is kept. What it says stands in the trail beside, leaf by leaf (domain/audit/contentFacts.ts). */
export function writeSections(draft: CapaDraft, { reason, ...sections }: Written, organisationId: string | undefined): void {
  for (const section of givenSections(sections)) {
    const part = PART_OF[section];
    if (part) touch(draft, part);
    if (organisationId !== undefined) noteStated(draft, section, organisationId);
    draft.set({ [section]: sections[section] });
    const answer: { new?: Json } = section === 'seriousBreach' && sections.seriousBreach ? { new: sections.seriousBreach.answer } : {};
    draft.fact({
      action: 'section.written', field: section, ...answer, ...(part ? { detail: { version: draft.state.versions[part] } } : {}), ...(reason === undefined ? {} : { reason }),
      ...(section === 'seriousBreach' && sections.seriousBreach ? { reason: sections.seriousBreach.reason } : {}),
    });
  }
}
