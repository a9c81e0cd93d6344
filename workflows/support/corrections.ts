import type { Fact } from '../../contracts/step';

/** What a run says with its next step when the record it goes on from is not what its history led to: behind it, or other at the same revision. */
export function correctionOf({ historyRev, recordRev }: { readonly historyRev: number; readonly recordRev: number }): readonly Fact[] | undefined {
  if (recordRev > historyRev) return undefined;
  if (recordRev === historyRev) return [{ action: 'run.corrected', reason: 'the run had come to another state than the one that is recorded; it goes on from the record', detail: { rev: recordRev } }];
  return [{ action: 'run.rewound', reason: 'the records were restored from an earlier copy; the run goes on from them', detail: { historyRev, recordRev } }];
}
