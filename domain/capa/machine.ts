import type { CapaCommand, CapaPersonCommand, CapaSystemCommand } from '../../contracts/capa';
import type { CapaOpening, CapaState } from '../../contracts/capaState';
import type { Json } from '../../contracts/step';
import { Draft } from '../draft';
import type { Machine } from '../machine';
import { signatureDemand } from '../signature/demand';
import { perform } from './acts';
import { lapse, settleIssue } from './lapses';
import { firstState } from './opening';
import { openImported } from './imported';
import { refuse } from './refuse';
import { signable } from './signable';
import { armStage, ITERATION_STAGES, type CapaDraft } from './stages';
import { performSystem } from './systemActs';
import { tellQuality } from './telling';
import { partiesOf } from './seats';
import { waiting } from './waiting';
import { policyNameOf } from '../policy/scope';

/** Version of CapaState's shape. */
const STATE_VERSION = 1;

/** Corrective and preventive action, from triage to a verified effect: Q1–Q12, Q14–Q16. */
export const capa: Required<Machine<CapaState, CapaCommand, CapaOpening>> = {
  capability: 'capa',
  version: STATE_VERSION,
  tightened: 'capa-owners-and-signatures',

  migrate(state: Json, fromVersion: number): CapaState {
    if (fromVersion === STATE_VERSION) return state as unknown as CapaState;
    throw new RangeError(`no way from state version ${fromVersion} to ${STATE_VERSION}`);
  },

  open(opening, now) {
    if (opening.imported) return openImported(opening, opening.imported, now);
    const draft: CapaDraft = new Draft(firstState(opening, now));
    const { id, number, status, severity, classification, topic, studyId, systemId, source, policy, sponsorOrganisationId } = draft.state;
    draft.fact({
      action: 'capa.opened', field: 'status', old: null, new: status,
      detail: { number, severity, classification, topic, studyId, systemId, source, sponsorOrganisationId, policy: policyNameOf(policy) },
    });
    for (const stage of ['response', ...ITERATION_STAGES] as const) armStage(draft, stage, now);
    if (source.recordId !== null) {
      draft.effect({ kind: 'command', intent: `capa/${id}/link/${source.recordId}/caused_by`, recordId: source.recordId, act: 'linked', body: { recordId: id, kind: 'causes' } });
    }
    if (status === 'triage') tellQuality(draft, partiesOf(draft.state), { intent: `triage/${now}`, reason: 'triage_awaited', deadline: 'stage/response' });
    return draft.step();
  },

  refuse,

  apply(state, { command, actor, earlier }, now) {
    const draft: CapaDraft = new Draft(state);
    sign(draft, command);
    if (actor.kind === 'person') perform(draft, { command: command as CapaPersonCommand, actor, earlier }, now);
    else performSystem(draft, command as CapaSystemCommand, now);
    return draft.step();
  },

  lapse(state, deadline, now) {
    const draft: CapaDraft = new Draft(state);
    lapse(draft, deadline, now);
    return draft.step();
  },

  settle(state, outcome) {
    const draft: CapaDraft = new Draft(state);
    return settleIssue(draft, outcome) ? draft.step() : undefined;
  },

  signable,
  waiting,

  chapter({ iteration, status }) {
    return status === 'closed' ? `${iteration}/watch` : String(iteration);
  },

  shown(state) {
    return { state: state.status, severity: state.severity, level: state.iteration };
  },
};

/** Demands the signature of what is there before the act changes anything. */
function sign(draft: CapaDraft, command: CapaCommand): void {
  const { act, body } = command;
  if (!('signature' in body) || body.signature === undefined) return;
  const signed = signable(draft.state, act, body as unknown as Json);
  if (signed) draft.sign(signatureDemand({ signable: signed, act, grantId: body.signature }));
}
