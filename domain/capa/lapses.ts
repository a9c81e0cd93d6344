import { PROPOSAL_KINDS, STAGES } from '../../contracts/capaWords';
import type { Instant } from '../../contracts/instant';
import type { ArmedDeadline, EffectOutcome } from '../../contracts/step';
import { withLink } from '../links';
import { reporterOf } from './breach';
import { monitored } from './decisions';
import { declineExtension } from './extensions';
import { endProposal } from './moving';
import { actionOf } from './seats';
import { armDecision, deadlines, runningStage, setStage, type CapaDraft } from './stages';
import { openIssue, overduePrefix, tellOwner, tellPerson, tellQuality } from './telling';

/** What a passed deadline changes. */
export function lapse(draft: CapaDraft, deadline: ArmedDeadline, now: Instant): void {
  if (deadline.warning !== undefined) { warn(draft, deadline); return; }
  const [kind = '', ...rest] = deadline.name.split('/');
  const isPlanned = deadline.name === deadlines.monitoring || deadline.name === deadlines.watch;
  draft.fact({ action: isPlanned ? 'window.ended' : 'deadline.missed', field: deadline.name, detail: { due: deadline.due } });
  lapses[kind]?.({ draft, name: rest.join('/'), deadline, now });
}

interface Lapsing {
  readonly draft: CapaDraft;
  /** What follows the kind: `corrective` of `stage/corrective`. */
  readonly name: string;
  readonly deadline: ArmedDeadline;
  readonly now: Instant;
}

const lapses: { readonly [kind: string]: (lapsing: Lapsing) => void } = {
  // The state goes on as it was; the ladder is what moves people (Q12).
  stage({ draft, name, deadline, now }) {
    const stage = STAGES.find((one) => one === name);
    const running = stage && runningStage(draft.state, stage);
    // A catch-up date is no due date: what came in overdue keeps its own (Q15).
    const due = deadline.due === draft.state.imported?.catchUpAt ? running?.due ?? deadline.due : deadline.due;
    if (running) setStage(draft, running.name, { due, originalDue: running.originalDue ?? due, missedAt: running.missedAt ?? now });
    openIssue(draft, deadline);
  },
  action({ draft, name, deadline, now }) {
    const action = actionOf(draft.state, name);
    if (!action) return;
    draft.set({ actions: draft.state.actions.map((one) => (one === action ? { ...one, missedAt: one.missedAt ?? now } : one)) });
    openIssue(draft, deadline);
  },
  monitoring({ draft, now }) {
    monitored(draft, now);
  },
  proposal({ draft, name }) {
    const kind = PROPOSAL_KINDS.find((one) => one === name);
    if (kind) endProposal(draft, kind, { status: 'lapsed', reason: 'no second person in time' });
  },
  extension({ draft, name, now }) {
    declineExtension(draft, Number(name), { decided: null, now, reason: 'nobody decided in time: the date stands' });
  },
  breach({ draft, deadline, now }) {
    const { breachReport } = draft.state;
    if (!breachReport) return;
    draft.set({ breachReport: { ...breachReport, missedAt: now } });
    openIssue(draft, deadline);
  },
  // A recurrence that is still to be decided keeps the record open.
  'recurrence-watch'({ draft }) {
    draft.set({ watchOver: true });
    draft.fact({ action: 'watch.ended', field: 'watchOver', old: false, new: true });
    if (draft.state.recurrence?.status !== 'pending') draft.done();
  },
  'recurrence-decision'({ draft, deadline, now }) {
    openIssue(draft, deadline);
    armDecision(draft, deadlines.recurrence, now);
  },
};

function warn(draft: CapaDraft, warning: ArmedDeadline): void {
  const base = warning.name.slice(0, warning.name.indexOf('#'));
  draft.fact({ action: 'deadline.warned', field: base, detail: { share: warning.warning ?? 0 } });
  const telling = { intent: `warn/${warning.name}/${warning.due}`, reason: 'warning', deadline: base } as const;
  const action = base.startsWith('action/') ? actionOf(draft.state, base.slice('action/'.length)) : undefined;
  if (base === deadlines.breachReport) tellQuality(draft, [reporterOf(draft.state)], { ...telling, reason: 'breach_report_due' });
  else if (action?.ownerId != null) tellPerson(draft, { personId: action.ownerId, organisationId: action.organisationId }, telling);
  else tellOwner(draft, telling);
}

/** Hears which issue an overdue deadline opened; false: this outcome is of nothing that the CAPA waits for. */
export function settleIssue(draft: CapaDraft, { intent, outcome, detail, recordId }: EffectOutcome): boolean {
  if (!intent.startsWith(overduePrefix(draft.state.id))) return false;
  const field = intent.slice(overduePrefix(draft.state.id).length);
  if (outcome === 'done' && recordId !== undefined) {
    draft.set({ links: withLink(draft.state.links, { recordId, kind: 'causes' }) });
    draft.fact({ action: 'issue.raised', field: 'links', old: null, new: recordId, detail: { kind: 'causes', deadline: field } });
  } else draft.fact({ action: 'issue.not_opened', field: 'links', reason: detail, detail: { deadline: field } });
  return true;
}
