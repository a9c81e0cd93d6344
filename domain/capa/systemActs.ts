import type { CapaSystemCommand } from '../../contracts/capa';
import type { CapaState } from '../../contracts/capaState';
import type { CauseCategory } from '../../contracts/capaWords';
import type { Instant } from '../../contracts/instant';
import type { StatedCause } from '../../contracts/recurrence';
import { withLink } from '../links';
import { relieve } from './duties';
import { touch } from './moving';
import { systemCauses } from './rootCause';
import { partiesOf } from './seats';
import { armDecision, deadlines, type CapaDraft } from './stages';
import { tellQuality } from './telling';

/** What the product itself does to a CAPA. */
export function performSystem(draft: CapaDraft, command: CapaSystemCommand, now: Instant): void {
  switch (command.act) {
    case 'linked':
      draft.set({ links: withLink(draft.state.links, command.body) });
      draft.fact({ action: 'capa.linked', field: 'links', old: null, new: command.body.recordId, detail: { kind: command.body.kind, from: 'other side' } });
      break;
    case 'repeat':
      draft.fact({ action: 'trigger.repeated', detail: { dedupeKey: command.body.dedupeKey, title: command.body.title } });
      // What was closed as effective has had its trigger again: whoever it was owed to must know.
      if (draft.state.status === 'closed') tellQuality(draft, [draft.state.raisingOrganisationId], { intent: `repeated/${now}`, reason: 'trigger_repeated' });
      break;
    case 'relieve':
      draft.fact({ action: 'person.left', field: 'duties', old: command.body.personId, new: command.body.deputyId, reason: command.body.reason });
      relieve(draft, { ...command.body, now });
      break;
    case 'recurred':
      recur(draft, command.body, now);
  }
}

/** The same cause came back within the watch: quality is asked whether this CAPA was ineffective after all (Q7). */
function recur(draft: CapaDraft, { capaId, number, categories }: Extract<CapaSystemCommand, { act: 'recurred' }>['body'], now: Instant): void {
  draft.set({ links: withLink(draft.state.links, { recordId: capaId, kind: 'relates_to' }) });
  draft.fact({ action: 'cause.recurred', field: 'recurrence', old: null, new: capaId, detail: { number, categories } });
  // One decision at a time: a further recurrence is on the record and linked.
  if (draft.state.recurrence?.status === 'pending') return;
  const known = draft.state.recurrence !== null;
  draft.set({ recurrence: { capaId, number, categories, at: now, status: 'pending', decided: null, reason: null } });
  if (known) touch(draft, 'recurrence');
  armDecision(draft, deadlines.recurrence, now);
  tellQuality(draft, [draft.state.raisingOrganisationId], { intent: `recurred/${capaId}`, reason: 'cause_recurred', deadline: deadlines.recurrence });
}

type Closed = Pick<CapaState, 'id' | 'systemId' | 'raisingOrganisationId' | 'accountableOrganisationId' | 'rootCause' | 'status' | 'watchOver'>;

/**
 * The categories in which a stated cause is that of a closed CAPA on the same system of the same organisation, within its watch; empty: it is
 * none (Q7). Whoever is to decide on the closed one must be of the fresh one, too: one sponsor hears nothing of another's (P14).
 */
export function recurringCauses(closed: Closed, { capaId, systemId, raisingOrganisationId, accountableOrganisationId, categories }: StatedCause & Pick<CapaState, 'raisingOrganisationId'>): readonly CauseCategory[] {
  if (closed.id === capaId || closed.status !== 'closed' || closed.watchOver) return [];
  if (!partiesOf({ raisingOrganisationId, accountableOrganisationId }).includes(closed.raisingOrganisationId)) return [];
  if (closed.systemId !== systemId || closed.accountableOrganisationId !== accountableOrganisationId) return [];
  return systemCauses(closed.rootCause).filter((category) => categories.includes(category));
}
