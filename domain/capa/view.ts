import type { CapaState } from '../../contracts/capaState';
import type { ViewableRecord } from '../records/viewableRecord';
import { capa } from './machine';
import { missing, signatoriesOf } from './seats';
import { becauseOf } from '../policy/because';
import { policyNameOf, scopeOf } from '../policy/scope';
import { unsignedActs } from './unsigned';

/** A CAPA as its route answers it. Corrective and preventive actions are shown apart (Q2). */
export function capaView(record: ViewableRecord) {
  const state: CapaState = capa.migrate(record.state, record.stateVersion);
  const { policy, stages, visibleTo: _visibleTo, drill: _drill, actions, ...shown } = state;
  const due = new Map(record.armed.filter((deadline) => deadline.warning === undefined).map((deadline) => [deadline.name, deadline.due]));
  return {
    ...shown, id: record._id, rev: record.rev, title: record.content.title, description: record.content.description, policy: policyNameOf(policy), policyScope: scopeOf(policy), policyBecause: becauseOf(policy),
    correctiveActions: actions.filter(({ kind }) => kind === 'corrective'), preventiveActions: actions.filter(({ kind }) => kind === 'preventive'),
    // A stage that still runs has its due instant from what is armed.
    stages: stages.map((stage) => {
      const present = stage.due ?? (stage.endedAt === null ? due.get(`stage/${stage.name}`) : undefined) ?? null;
      return { ...stage, due: present, originalDue: stage.originalDue ?? present };
    }),
    monitoringUntil: due.get('monitoring') ?? null, watchedUntil: due.get('recurrence-watch') ?? null,
    signatories: signatoriesOf(state), unsignedActs: unsignedActs(state), signaturesMissing: state.submitted ? missing(state, state.submitted) : [], updatedAt: record.updatedAt,
  };
}
