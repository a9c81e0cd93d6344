import type { CapaPersonCommand } from '../../contracts/capa';
import { endProposal, touch } from './moving';
import type { Doing } from './acts';
import { tellDenied } from './breach';
import { partiesOf, signedBy } from './seats';
import { deadlines, recountStages } from './stages';
import { askToSign, tellOwner, tellQuality } from './telling';

type Regrade = Extract<CapaPersonCommand, { act: 'regrade' }>;

/** Another severity: the clocks that run are counted anew under its timings; what they were before stays on the record (Q11). */
export function regrade({ draft, body, actor, now, earlier }: Doing<Regrade['act']>): void {
  const { severity, regradings = [], submitted } = draft.state;
  draft.set({ severity: body.severity });
  touch(draft, 'plan');
  draft.fact({ action: 'capa.regraded', field: 'severity', old: severity, new: body.severity, reason: body.reason, ...(body.running && { detail: { before: body.running.map((one) => ({ ...one })) } }) });
  recountStages(draft, now);
  if (earlier) return;
  draft.set({ regradings: [...regradings, { from: severity, to: body.severity, reason: body.reason, by: signedBy(actor, now, body), before: body.running ?? [] }] });
  // Only the check of a minor CAPA may be waived (Q14).
  if (body.severity !== 'minor' && draft.state.proposals.waiver?.status === 'pending') endProposal(draft, 'waiver', { status: 'overtaken', reason: 'another severity' });
  tellQuality(draft, partiesOf(draft.state), { intent: `regraded/${now}`, reason: 'regraded' });
  // Another severity asks the question again: what was no breach of a trifle may be one now.
  tellDenied(draft, { intent: `breach/regraded/${now}` });
  if (draft.state.ownerId !== null) tellOwner(draft, { intent: `regraded/${now}/owner`, reason: 'regraded' });
  // The plan that waits for signatures is another version now.
  if (submitted === 'plan') askToSign(draft, 'plan', { now, deadline: deadlines.stage('plan') });
}
