import type { DrillState } from '../../contracts/drill';
import type { TimelineNotice } from '../timeline/deadlines';
import type { Timeline } from '../timeline/timeline';
import { fireDrillReport } from './fireDrill';
import { reachabilityReport } from './reachability';

/** What a report is computed from. */
export interface ReportSources {
  /** What the drill itself told. */
  readonly notices: readonly TimelineNotice[];
  /** The story of the fire drill's issue. */
  readonly story?: Timeline | undefined;
}

/** The report of a drill, final once the drill is over. */
export function drillReport(state: DrillState, { notices, story }: ReportSources) {
  const { id, number, status, topic, studyId, startedBy, startedFor, openedAt, endedAt, endReason } = state;
  return {
    id, number, final: status === 'reported', topic, studyId, startedBy, startedFor, openedAt, endedAt, endReason,
    ...(state.kind === 'reachability' ? reachabilityReport(state, notices) : fireDrillReport(state, story)),
  };
}
