import type { PersonActor } from '../../contracts/actor';
import type { Section, Sections } from '../../contracts/capaSections';
import type { CapaState } from '../../contracts/capaState';
import type { Refusal } from '../../contracts/failures';
import { canonicalText } from '../audit/chain';
import { partiesOf, QUALITY } from './seats';
import type { CapaDraft } from './stages';
import { tellOwner, tellQuality } from './telling';

/** Whose a part is: of one side, of quality assurance of either, or of the assessor whom the plan names. */
export type Owner = 'raising' | 'accountable' | 'quality' | 'assessor';

/** The owner of each part (docs/capa.md, "Whose each part is"). Where one organisation is both sides, either is its own. */
export const OWNER_OF: Readonly<Record<Section, Owner>> = {
  problem: 'raising', riskBefore: 'raising',
  accountableView: 'accountable', containment: 'accountable', rootCause: 'accountable', extentCheck: 'accountable', plan: 'accountable', adverseCheck: 'accountable', closure: 'accountable',
  seriousBreach: 'quality', result: 'assessor',
};

const STATED = ['problem', 'riskBefore'] as const satisfies readonly Section[];
type Stated = (typeof STATED)[number];
const isStated = (section: Section): section is Stated => STATED.some((one) => one === section);

interface Written {
  readonly section: Section;
  readonly content: Sections[Section];
}

const no = (reason: string): Refusal => ({ type: 'not_permitted', reason });

/** Whether a part is another side's to write (E6(R3) 3.6, 3.9). Saying again what stands changes nothing, and is nobody's. */
export function refuseOwner(state: CapaState, { section, content }: Written, { organisationId, role }: PersonActor): Refusal | undefined {
  if (canonicalText(content ?? null) === canonicalText(state[section] ?? null)) return undefined;
  const { raisingOrganisationId, accountableOrganisationId } = state;
  switch (OWNER_OF[section]) {
    case 'raising':
      if (organisationId === raisingOrganisationId || (isStated(section) && mayState(state, section, organisationId))) return undefined;
      return no(`the ${section === 'problem' ? 'problem' : 'risk before the actions'} is stated by the raising side: write your view of it beside it (accountableView)`);
    case 'accountable':
      return organisationId === accountableOrganisationId ? undefined : no('the accountable side writes this; the other one reviews it');
    case 'quality':
      if (!QUALITY.includes(role)) return no('only quality assurance answers whether it is a serious breach');
      return state.seriousBreach === null ? undefined : { type: 'wrong_state', reason: 'the question of serious breach was answered: another answer is signed (answer-breach)' };
    case 'assessor':
      // That it is the assessor is asked before.
      return undefined;
  }
}

/** What nobody has stated may be stated by whoever works on it; what an organisation stated stays its own until the raising side states it. */
function mayState(state: CapaState, section: Stated, organisationId: string): boolean {
  const blank = section === 'problem' ? Object.values(state.problem).every((part) => part === '') : state.riskBefore === null;
  return blank || state.statedBy?.[section] === organisationId;
}

/** Keeps whose statement it is. */
export function noteStated(draft: CapaDraft, section: Section, organisationId: string): void {
  if (!isStated(section)) return;
  const { raisingOrganisationId, statedBy } = draft.state;
  if (organisationId === raisingOrganisationId && statedBy?.[section] === undefined) return;
  const { [section]: _own, ...others } = statedBy ?? {};
  draft.set({ statedBy: organisationId === raisingOrganisationId ? others : { ...others, [section]: organisationId } });
}

/** Tells the other side when a part that it relies on was changed after the first submission. */
export function tellOwners(draft: CapaDraft, { before, sections, by, now }: { readonly before: CapaState; readonly sections: Sections; readonly by: PersonActor; readonly now: string }): void {
  const { state } = draft;
  if (before.status === 'draft' || partiesOf(state).length === 1) return;
  const changed = (section: Section): boolean => sections[section] !== undefined && canonicalText(before[section] ?? null) !== canonicalText(state[section] ?? null);
  const { accountableOrganisationId, raisingOrganisationId, ownerId } = state;
  if (by.organisationId === raisingOrganisationId && STATED.some(changed)) {
    tellQuality(draft, [accountableOrganisationId], { intent: `statement/${now}`, reason: 'statement_changed' });
    if (ownerId !== null) tellOwner(draft, { intent: `statement/${now}/owner`, reason: 'statement_changed' });
  }
  if (changed('accountableView')) tellQuality(draft, [raisingOrganisationId], { intent: `view/${now}`, reason: 'view_written' });
}
