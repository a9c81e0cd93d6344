import { instantOf, plusMs, type Instant } from '../../contracts/instant';
import type { PassedDeadlineDoc } from '../../store/schemas/lateness';

export const LEDGER_BEGINS = instantOf(Date.UTC(2026, 10, 1));

/** An entry of the deadline ledger, due `dueMs` after the ledger begins; only what a test is about need be said. */
export function passedDeadline(id: string, { dueMs = 0, ...more }: Partial<PassedDeadlineDoc> & { readonly dueMs?: number } = {}): PassedDeadlineDoc {
  const due: Instant = plusMs(LEDGER_BEGINS, dueMs);
  const lateByMs = more.lateByMs ?? 40;
  const at = plusMs(due, lateByMs);
  return {
    _id: id, recordId: `record-${id}`, capability: 'escalation', number: `ISS-${id}`, rev: 2, name: 'ack/accountable', kind: 'ack', warning: null, outcome: 'fired',
    organisationId: 'cro', due, firedAt: at, lateByMs, severity: 'major', topic: 'monitoring', studyId: 'st1', systemId: null, raisingOrganisationId: 'spo',
    accountableOrganisationId: 'cro', assigneeIds: [], visibleTo: ['spo', 'cro'], recordedAt: at, recordedLateByMs: lateByMs, toldAt: null, toldLateByMs: null, ...more,
  };
}
