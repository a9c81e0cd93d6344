import type { Capability } from '../../contracts/ids';
import type { ArmedDeadline, Json, Waiting } from '../../contracts/step';
import { capa } from '../capa/machine';
import { capaView } from '../capa/view';
import { control } from '../control/machine';
import { controlView } from '../control/view';
import { drill } from '../drill/machine';
import { drillView } from '../drill/view';
import { escalation } from '../escalation/machine';
import { issueView, type ViewableIssue, type Viewer } from './issueView';
import { AGREED_BETWEEN_OTHERS, isPartyOf } from '../policy/because';
import { policyNameOf, type Scoped } from '../policy/scope';

type Waited = { readonly state: Json; readonly stateVersion: number; readonly armed: readonly ArmedDeadline[] };

/** How people see the records of a capability. */
interface RecordViews {
  readonly view: (record: ViewableIssue, viewer: Viewer) => object;
  /** What an open record waits for, and the policy that says so. */
  readonly waiting: (record: Waited) => { readonly policy: string; readonly waiting: readonly Waiting[] };
}

const VIEWS: Readonly<Record<Capability, RecordViews>> = {
  escalation: {
    view: issueView,
    waiting: ({ state: stored, stateVersion, armed }) => {
      const state = escalation.migrate(stored, stateVersion);
      return { policy: policyNameOf(state.policy), waiting: escalation.waiting(state, armed) };
    },
  },
  control: {
    view: controlView,
    waiting: ({ state: stored, stateVersion, armed }) => {
      const state = control.migrate(stored, stateVersion);
      return { policy: state.row ? `matrix/${state.row.key}/${String(state.row.version)}` : 'by hand', waiting: control.waiting(state, armed) };
    },
  },
  drill: {
    view: drillView,
    waiting: ({ state: stored, stateVersion, armed }) => {
      const state = drill.migrate(stored, stateVersion);
      return { policy: `drill/${state.kind}`, waiting: drill.waiting(state, armed) };
    },
  },
  capa: {
    view: capaView,
    waiting: ({ state: stored, stateVersion, armed }) => {
      const state = capa.migrate(stored, stateVersion);
      return { policy: policyNameOf(state.policy), waiting: capa.waiting(state, armed) };
    },
  },
};

/** A record of any capability as the viewer may see it: what its own route answers. */
export function recordView(record: ViewableIssue & { readonly capability: Capability }, viewer: Viewer): object {
  return VIEWS[record.capability].view(record, viewer);
}

/** What a record of any capability waits for; nothing, once it is over. */
export function waitingView(record: Waited & { readonly capability: Capability; readonly done: boolean }, viewer: Pick<Viewer, 'organisationIds'>): ReturnType<RecordViews['waiting']> {
  const { policy, waiting } = VIEWS[record.capability].waiting(record);
  const shown = record.done ? [] : waiting;
  const pinned = (record.state as { readonly policy?: Scoped } | null)?.policy;
  if (!pinned || isPartyOf(pinned, viewer.organisationIds)) return { policy, waiting: shown };
  return { policy: AGREED_BETWEEN_OTHERS, waiting: shown.map((one) => ({ ...one, rule: AGREED_BETWEEN_OTHERS })) };
}
