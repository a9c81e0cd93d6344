import type { CapaState } from '../../contracts/capaState';
import { dutyHolders } from './seats';

/** What lists filter by, derived from the state in the same transaction. The level is the iteration. */
export function project(state: CapaState) {
  const { status, past, severity, topic, iteration, studyId, systemId, raisingOrganisationId, accountableOrganisationId, visibleTo } = state;
  return {
    status, severity, topic, level: iteration, studyId, systemId, raisingOrganisationId, accountableOrganisationId, assigneeIds: dutyHolders(state), drill: false, visibleTo,
    // Once it was closed its trigger is a new matter: another CAPA, which may show that this one did not work.
    ...(status === 'closed' || past.some(({ outcome }) => outcome === 'recurred' || outcome === 'reopened') ? { dedupeKey: null } : {}),
  };
}
