import type { CapaState } from '../../contracts/capaState';
import type { Refusal } from '../../contracts/failures';
import type { Instant } from '../../contracts/instant';
import { problemFault } from './opening';
import { refuseInvestigation } from './plan';

const broken = (reason: string): Refusal => ({ type: 'rule_broken', reason });
const early = (reason: string): Refusal => ({ type: 'wrong_state', reason });

/** Whether what was written is not ready to go on; half-finished drafts stay where they are, with their deadline. */
export function refuseSubmission(state: CapaState, now: Instant): Refusal | undefined {
  if (state.submitted) return early(`the ${state.submitted} was submitted already`);
  switch (state.status) {
    case 'draft': {
      const fault = problemFault(state.problem);
      return fault === undefined ? undefined : broken(fault);
    }
    case 'containment': {
      const { measures, noneBecause } = state.containment ?? { measures: [], noneBecause: '' };
      return measures.length > 0 || noneBecause !== '' ? undefined : broken('no containment is recorded: name a measure, or say why none is needed');
    }
    case 'investigation':
      return refuseInvestigation(state, now);
    case 'implementation': {
      const undone = state.actions.find((action) => action.status !== 'verified');
      if (undone) return early(`action ${undone.id} is not verified`);
      return state.adverseCheck?.finding == null ? broken('the adverse-effect check is blank: did the actions do harm elsewhere?') : undefined;
    }
    case 'closure_review': {
      if (!state.closure || state.closure.summary === '') return broken('the closure has no summary');
      return state.closure.riskAfter ? undefined : broken('the risk after the actions is not rated');
    }
    default:
      return early(`nothing is submitted while the CAPA is ${state.status}`);
  }
}
