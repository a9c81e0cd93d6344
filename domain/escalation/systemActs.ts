import type { SystemCommand } from '../../contracts/escalation';
import { withLink } from '../links';
import { endIssue, levelOf, notify, toPerson } from './climb';
import type { Acts } from './doing';
import { answerDrill } from './drills';
import { relieveTrack } from './duties';
import { confirmingTrack, deadlines, trackOn } from './plan';

/** What the product itself does to an issue: for a source, for another record, for somebody who left. */
export const systemActs: Acts<SystemCommand['act']> = {
  repeat({ draft, body, now }) {
    draft.set({ clearedAt: null });
    draft.fact({ action: 'trigger.repeated', detail: { dedupeKey: body.dedupeKey, title: body.title } });
    // Whoever is to confirm a resolution wants to know that it happened again.
    const track = confirmingTrack(draft.state);
    if (draft.state.status === 'resolved') notify(draft, { intent: `${track.side}/repeated/${now}`, reason: 'trigger_repeated', deadline: deadlines.confirmation, audience: levelOf(track) });
  },
  cleared({ draft, body, now }) {
    const known = draft.state.clearedAt !== null;
    draft.set({ clearedAt: body.at });
    draft.fact({ action: 'trigger.cleared', field: 'clearedAt', old: null, new: body.at, detail: { dedupeKey: body.dedupeKey, source: body.source } });
    const track = trackOn(draft.state, 'accountable');
    if (!track || known) return;
    const audience = track.assigneeId ? toPerson(track, track.assigneeId) : levelOf(track);
    notify(draft, { intent: `cleared/${now}`, reason: 'trigger_cleared', deadline: null, audience });
  },
  'end-drill'({ draft, body, now }) {
    draft.fact({ action: 'drill.ended', reason: body.reason });
    for (const track of draft.state.tracks) notify(draft, { intent: `${track.side}/drill/ended/${now}`, reason: 'drill_ended', deadline: null, audience: levelOf(track) });
    endIssue(draft, 'closed');
  },
  linked({ draft, body }) {
    const known = draft.state.links.length;
    draft.set({ links: withLink(draft.state.links, body) });
    draft.fact({ action: 'issue.linked', field: 'links', old: null, new: body.recordId, detail: { kind: body.kind, from: 'other side' } });
    if (draft.state.links.length > known) answerDrill(draft);
  },
  relieve({ draft, body, now }) {
    for (const track of draft.state.tracks) relieveTrack(draft, track, { ...body, now });
  },
};
