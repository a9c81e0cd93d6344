import type { CapaAct, OpenCapa } from '../../contracts/capa';
import type { CapaState } from '../../contracts/capaState';
import type { Outcome } from '../../contracts/capaWords';
import type { Duration } from '../../contracts/duration';
import { plusMs, type Instant } from '../../contracts/instant';
import type { Role } from '../../contracts/people';
import { CRO, personOf, SPONSOR, STUDY } from './cast';

const cro = (role: Role): string => personOf(CRO, role);
const sponsor = (role: Role): string => personOf(SPONSOR, role);

/** Who plays which part in the story of a failed restore. */
export const PARTS = {
  owner: cro('project_manager'), croQuality: cro('quality'), sponsorQuality: sponsor('quality'), worker: cro('contributor'), verifier: sponsor('study_lead'), assessor: cro('quality_head'),
} as const;

/** What an action's owner and a plan promise in this story. */
export interface StoryTimes {
  readonly actionAfterMs: number;
  readonly window: Duration;
}

/** Acts on one CAPA, however they travel: straight to the engine, or through the API. A signed act brings its signature. */
export interface Player {
  act(by: string, act: CapaAct, body: object): Promise<void>;
  state(): Promise<CapaState>;
  now(): Promise<Instant>;
  /** Id of evidence on this CAPA. */
  evidence(): Promise<string>;
}

/** A major corrective CAPA of the CRO on the sponsor's finding, after a restore that failed. */
export const FAILED_RESTORE: OpenCapa = {
  studyId: STUDY, topic: 'backup', title: 'Restore of the eTMF failed', description: 'The yearly restore ended after 40 % of the documents', severity: 'major', classification: 'corrective',
  raisingOrganisationId: SPONSOR, accountableOrganisationId: CRO, source: { type: 'audit_finding', reference: 'AUD-2040-7, finding 3' },
  problem: { what: 'the restore stopped at 40 %', where: 'eTMF', when: 'yearly restore test', extent: 'all studies on this system' },
};

/** Chapters of the story; each leaves the CAPA where the next one begins. */
export const chapters = {
  /** Triage and containment. */
  async taken(player: Player): Promise<void> {
    await player.act(PARTS.croQuality, 'accept', { ownerId: PARTS.owner, seriousBreach: { answer: 'no', reason: 'the originals are at hand' } });
    await player.act(PARTS.owner, 'submit', { containment: { measures: [{ text: 'a second copy each night', evidenceIds: [] }], noneBecause: '' } });
  },
  /** Root cause and plan, handed over for signatures. */
  async investigated(player: Player, times: StoryTimes): Promise<void> {
    const evidenceIds = [await player.evidence()];
    await player.act(PARTS.owner, 'submit', {
      rootCause: {
        method: 'five_why', cause: { statement: 'no procedure asks for a restore test after a change', categories: ['procedure'] },
        chain: [['it stopped', 'a volume was missing'], ['it was missing', 'the job left it out'], ['the job left it out', 'nobody restored after the change']].map(([why, because]) => ({ why, because, evidenceIds })),
      },
      extentCheck: { lookedAt: 'all systems with the same job', finding: 'isolated', detail: '', evidenceIds }, riskBefore: { likelihood: 3, impact: 4 },
      plan: planOf(await player.now(), times),
    });
  },
  async planSigned(player: Player): Promise<void> {
    await player.act(PARTS.croQuality, 'approve-plan', {});
    await player.act(PARTS.sponsorQuality, 'approve-plan', {});
    await player.act(PARTS.owner, 'start', {});
  },
  /** The action done, verified by somebody else, and signed for by both. */
  async implemented(player: Player): Promise<void> {
    await player.act(PARTS.worker, 'report-action', { actionId: 'c1', evidenceIds: [await player.evidence()] });
    await player.act(PARTS.verifier, 'verify-action', { actionId: 'c1', accepted: true });
    await player.act(PARTS.owner, 'submit', { adverseCheck: { finding: 'none', detail: 'restore times looked at', evidenceIds: [] } });
    await player.act(PARTS.croQuality, 'verify-implementation', {});
    await player.act(PARTS.sponsorQuality, 'verify-implementation', {});
    await player.act(PARTS.owner, 'start-monitoring', {});
  },
  async assessed(player: Player, outcome: Outcome): Promise<void> {
    await player.act(PARTS.assessor, 'save', { result: await resultOf(player, outcome) });
    await player.act(PARTS.assessor, 'assess', {});
  },
  async closed(player: Player): Promise<void> {
    await player.act(PARTS.owner, 'submit', { closure: { summary: 'restores are tested after every change', riskAfter: { likelihood: 1, impact: 4 } } });
    await player.act(PARTS.croQuality, 'approve-closure', {});
    await player.act(PARTS.sponsorQuality, 'approve-closure', {});
  },
} as const;

/** Three restores that were looked at, each with its protocol. */
async function resultOf(player: Player, outcome: Outcome): Promise<object> {
  const evidenceIds = [await player.evidence()];
  const met = outcome === 'effective' ? 3 : 1;
  return { outcome, measured: `${String(met)} of 3`, sampleSize: 3, evidenceIds, note: '', observations: [1, 2, 3].map((no) => ({ what: `restore ${String(no)}`, met: no <= met, evidenceIds })) };
}

/** One corrective action, three restores to be seen in the window. */
export function planOf(now: Instant, { actionAfterMs, window }: StoryTimes): object {
  return {
    actions: [{ id: 'c1', kind: 'corrective', description: 'restore after every change of a job', ownerId: PARTS.worker, organisationId: CRO, due: plusMs(now, actionAfterMs) }], documents: ['SOP-12'],
    effectiveness: {
      metric: 'restores that pass', baseline: '0 of 1', target: '3 of 3', window, sampleSize: 3, source: 'restore protocols', measuredBy: 'manual', assessorId: PARTS.assessor, assessorOrganisationId: CRO,
    },
  };
}
