import type { IssueDraft } from './climb';

/**
 * Tells the drills behind a fire drill's issue that every side has acknowledged (E15). Drills open issues as their
 * cause; whatever else is linked as a cause refuses the command.
 */
export function answerDrill(draft: IssueDraft): void {
  const { id, drill, status, links, tracks } = draft.state;
  if (!drill || status !== 'acknowledged') return;
  // An issue whose progress was late is acknowledged again.
  const tellings = tracks.reduce((sum, track) => sum + track.tellings, 0);
  for (const link of links.filter(({ kind }) => kind === 'caused_by')) {
    draft.effect({ kind: 'command', intent: `escalation/${id}/drill/${link.recordId}/${tellings}`, recordId: link.recordId, act: 'issue-acknowledged', body: { recordId: id } });
  }
}
