import type { CapaPersonCommand } from '../../contracts/capa';
import type { CapaState } from '../../contracts/capaState';
import type { Plan } from '../../contracts/capaSections';
import type { RecordAct } from '../access/roles';
import { dutyOrganisation } from './duties';
import { partiesOf } from './seats';

/** A person whom a body names for a duty. */
export interface NamedPerson {
  readonly personId: string;
  /** E.g. `plan.actions.2.ownerId`. */
  readonly field: string;
  /** The organisations one of which the person must be of: the one that owes the duty, or, half-finished, either. */
  readonly organisationIds: readonly string[];
  /** The right that the duty needs. */
  readonly right: RecordAct;
}

const OWN = 'capa:own';
const ASSESS = 'capa:assess';

/** The people whom an act names for duties (Q9). A plan that is handed over is looked at whole, whenever it was written. */
export function peopleNamedIn(state: CapaState, { act, body }: CapaPersonCommand): readonly NamedPerson[] {
  switch (act) {
    case 'accept':
      return [{ personId: body.ownerId, field: 'ownerId', organisationIds: [state.accountableOrganisationId], right: OWN }];
    case 'assign': {
      const organisationId = dutyOrganisation(state, body);
      // A duty that is not there is refused by its own rule.
      return organisationId === undefined ? [] : [{ personId: body.personId, field: 'personId', organisationIds: [organisationId], right: body.duty === 'assessor' ? ASSESS : OWN }];
    }
    case 'save':
    case 'revise-plan':
      return body.plan ? peopleOfPlan(state, body.plan) : [];
    case 'submit': {
      const plan = body.plan ?? (state.status === 'investigation' ? state.plan : null);
      return plan ? peopleOfPlan(state, plan) : [];
    }
    default:
      return [];
  }
}

/** Actions under way have their owner by now, whatever a revised plan says. */
function peopleOfPlan(state: CapaState, { actions, effectiveness }: Plan): readonly NamedPerson[] {
  const parties = partiesOf(state);
  const owners = actions.flatMap(({ id, ownerId, organisationId }, index): NamedPerson[] => {
    if (ownerId === null || state.actions.some((action) => action.id === id)) return [];
    return [{ personId: ownerId, field: `plan.actions.${index}.ownerId`, organisationIds: organisationId === null ? parties : [organisationId], right: OWN }];
  });
  const { assessorId = null, assessorOrganisationId = null } = effectiveness ?? {};
  if (assessorId === null) return owners;
  return [...owners, { personId: assessorId, field: 'plan.effectiveness.assessorId', organisationIds: assessorOrganisationId === null ? parties : [assessorOrganisationId], right: ASSESS }];
}
