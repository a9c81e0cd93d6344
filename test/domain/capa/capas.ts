import type { Actor, PersonActor } from '../../../contracts/actor';
import type { CapaCommand } from '../../../contracts/capa';
import type { AdverseCheck, ExtentCheck, Plan, Problem, Result, RootCause } from '../../../contracts/capaSections';
import type { CapaOpening, CapaPolicy, CapaState } from '../../../contracts/capaState';
import { WORDED_ACTS, type Outcome } from '../../../contracts/capaWords';
import { parseInstant, plusMs, type Instant } from '../../../contracts/instant';
import type { Severity } from '../../../contracts/policy';
import { calendarDays } from '../../../contracts/spans';
import type { Effect, Json } from '../../../contracts/step';
import { CAPA_DEFAULT } from '../../../domain/capa/defaults';
import { capa } from '../../../domain/capa/machine';
import { VirtualRun, type VirtualStep } from '../../../domain/simulation/virtualRun';
import { calendar } from '../time/calendars';

export const SPONSOR = 'sponsor-1';
export const CRO = 'cro-1';
export const DAY_MS = 86_400_000;

export function at(text: string): Instant {
  const instant = parseInstant(text);
  if (!instant) throw new Error(`not an instant: ${text}`);
  return instant;
}
/** A Monday morning in Zurich. */
export const START = at('2026-03-02T09:00:00Z');

const person = (personId: string, organisationId: string, role: string): PersonActor => ({ kind: 'person', personId, organisationId, role, correlationId: 'c' });
export const PEOPLE = {
  /** Quality assurance of the sponsor. */
  ann: person('ann', SPONSOR, 'quality'), amy: person('amy', SPONSOR, 'quality_head'), sam: person('sam', SPONSOR, 'study_lead'),
  /** Owner, quality assurance, action owners and assessor at the CRO. */
  bob: person('bob', CRO, 'project_manager'), bea: person('bea', CRO, 'quality'), ben: person('ben', CRO, 'quality_head'), eve: person('eve', CRO, 'executive'),
  cal: person('cal', CRO, 'contributor'), cyd: person('cyd', CRO, 'contributor'), dan: person('dan', CRO, 'quality'),
  /** Quality of the CRO who holds a seat at the sponsor, too. */
  beaAtSponsor: person('bea', SPONSOR, 'quality'),
  zoe: person('zoe', 'cro-2', 'quality'),
} as const;
export const product: Actor = { kind: 'system', name: 'effect', correlationId: '' };

export type Run = VirtualRun<CapaState, CapaCommand, CapaOpening>;

export interface Setting {
  readonly severity?: Severity;
  readonly policy?: CapaPolicy;
  readonly raising?: string;
  /** The sponsor of the two, where it is not the raising one. */
  readonly sponsor?: string | null;
  readonly draft?: boolean;
  readonly systemId?: string;
  readonly classification?: 'corrective' | 'preventive';
  readonly at?: Instant;
  readonly holidays?: readonly string[];
  readonly answer?: (effect: Effect, step: VirtualStep<CapaState>) => 'done' | 'nobody' | 'failed';
}

export const problem: Problem = { what: 'The restore of the eTMF backup failed.', where: 'eTMF, data centre 2', when: 'Quarterly restoration test of 27 February 2026', extent: 'All documents of study 1' };

/** A CAPA from a failed backup finding, over a virtual clock. */
export function capaOf(setting: Setting = {}): Run {
  const { severity = 'major', raising = SPONSOR, sponsor = raising === SPONSOR ? SPONSOR : null, draft = false, systemId = 'etmf', classification = 'corrective' } = setting;
  const opening: CapaOpening = {
    id: 'k1', number: 'CAPA-1', policy: setting.policy ?? CAPA_DEFAULT, sponsorOrganisationId: sponsor, raisedBy: 'sam',
    request: {
      topic: 'backup', severity, classification, raisingOrganisationId: raising, accountableOrganisationId: CRO, studyId: 'study-1', systemId, draft, problem,
      source: { type: 'restoration_test', recordId: 'finding-1' }, dedupeKey: 'finding-1',
    },
  };
  const office = calendar('Europe/Zurich', setting.holidays ? { holidays: setting.holidays } : {});
  const world = { tzdb: '2025c', calendarOf: (organisationId: string) => ({ ...office, organisationId }), answer: setting.answer ?? (() => 'done' as const) };
  return new VirtualRun(capa, world, { opening, at: setting.at ?? START, actor: PEOPLE.sam });
}

export const whys = (cause: RootCause['cause'] = { statement: 'Restores are not part of the backup procedure.', categories: ['procedure', 'human_error'] }): RootCause => ({
  method: 'five_why', cause,
  chain: ['the restore failed', 'the key was missing', 'nobody had tried'].map((why) => ({ why: `Why: ${why}?`, because: `Because of what came before: ${why}.`, evidenceIds: ['ev-1'] })),
});

export const fishbone = (): RootCause => ({
  method: 'fishbone', cause: { statement: 'No check of keys after rotation.', categories: ['change_control'] },
  candidates: (['people', 'method', 'system', 'material', 'measurement', 'environment'] as const).map((category) => ({
    category, candidate: `candidate of ${category}`, verdict: category === 'method' ? 'root_cause' : 'ruled_out', evidenceFor: category === 'method' ? ['ev-2'] : [], evidenceAgainst: category === 'method' ? [] : ['ev-3'],
  })),
});

/** One corrective action of Cal's and one preventive of Cyd's; Dan assesses after 90 days. */
export function planAt(now: Instant, changes: Partial<Plan> = {}): Plan {
  const action = (id: string, given: { kind: 'corrective' | 'preventive'; ownerId: string }, days: number) => ({ ...given, id, organisationId: CRO, description: `do ${id}`, due: plusMs(now, days * DAY_MS) });
  return {
    actions: [action('c1', { kind: 'corrective', ownerId: 'cal' }, 20), action('p1', { kind: 'preventive', ownerId: 'cyd' }, 40)], documents: ['SOP-7'],
    effectiveness: {
      metric: 'restoration tests passed', baseline: '0 of 1', target: '3 of 3', window: calendarDays(90), sampleSize: 3, goal: 1, source: 'restoration tests', measuredBy: 'manual', assessorId: 'dan', assessorOrganisationId: CRO,
    },
    ...changes,
  };
}

export const extentCheck: ExtentCheck = { lookedAt: 'every system with a backup', finding: 'wider', detail: 'two more', evidenceIds: ['ev-4'] };
export const risk = { likelihood: 4, impact: 5 } as const;
export const adverseCheck: AdverseCheck = { finding: 'none', detail: 'looked at restores of all systems', evidenceIds: ['ev-5'] };
/** Called effective, with its sample and below its goal. */
export const shortResult = (): Result => ({ ...resultOf('effective'), observations: [false, true, true].map((met, no) => ({ what: `restore ${String(no)}`, met, evidenceIds: ['ev-6'] })) });
export const resultOf = (outcome: Outcome): Result => ({ outcome, measured: '3 of 3', sampleSize: 3, evidenceIds: ['ev-6'], note: '', observations: [1, 2, 3].map((no) => ({ what: `restore ${String(no)}`, met: outcome === 'effective', evidenceIds: ['ev-6'] })) });
export const closure = { summary: 'Restores are tested every quarter.', riskAfter: { likelihood: 1, impact: 5 } } as const;
export const signed = { signature: 'grant' } as const;

const SAID = new WeakMap<Run, Map<number, CapaCommand>>();
/** The words of the act that made a revision, as it came through {@link act}. */
export const saidAt = (run: Run, rev: number): Json | undefined => SAID.get(run)?.get(rev)?.body as unknown as Json | undefined;

/** With a signature where the act signs its words and says none. */
export function signedAs(run: Run, command: CapaCommand): CapaCommand {
  const signs = Object.hasOwn(WORDED_ACTS, command.act) && capa.signable(run.state, command.act, command.body as unknown as Json) !== undefined;
  return signs && !('signature' in command.body) ? { ...command, body: { ...command.body, ...signed } } as CapaCommand : command;
}

/** Carries an act out now, signed where it must be; a refusal fails the test. Each step needs a commit, so no two share a millisecond. */
export function act(run: Run, who: Actor, given: CapaCommand): void {
  const command = signedAs(run, given);
  SAID.set(run, (SAID.get(run) ?? new Map<number, CapaCommand>()).set(run.steps.length + 1, command));
  const refusal = run.command({ actor: who, command });
  if (refusal) throw new Error(`${command.act} was refused while ${run.state.status}: ${refusal.type}, ${refusal.reason}`);
  run.sleepTo(plusMs(run.now, 1));
}

export const asked = (run: Run, who: Actor, command: CapaCommand): string => capa.refuse(run.state, { actor: who, command: signedAs(run, command) }, run.now)?.type ?? 'allowed';
export const why = (run: Run, who: Actor, command: CapaCommand): string => capa.refuse(run.state, { actor: who, command: signedAs(run, command) }, run.now)?.reason ?? 'allowed';

const { ann, bea, bob, cal, cyd, dan, sam } = PEOPLE;
const breach = { answer: 'no', reason: 'no subject and no datum is concerned' } as const;

/** The lifecycle as steps that end in the state that names them, each from the one before. */
export const TO: { readonly [status: string]: (run: Run) => void } = {
  triage: (run) => { if (run.state.status === 'draft') act(run, sam, { act: 'submit', body: {} }); },
  containment: (run) => { act(run, bea, { act: 'accept', body: { ownerId: 'bob', seriousBreach: breach } }); },
  investigation: (run) => { act(run, bob, { act: 'submit', body: { containment: { measures: [{ text: 'backups doubled', evidenceIds: [] }], noneBecause: '' } } }); },
  plan_review: (run) => { act(run, bob, { act: 'submit', body: { rootCause: whys(), extentCheck, riskBefore: risk, plan: planAt(run.now) } }); },
  plan_approved: (run) => {
    act(run, bea, { act: 'approve-plan', body: signed });
    act(run, ann, { act: 'approve-plan', body: signed });
  },
  implementation: (run) => { act(run, bob, { act: 'start', body: {} }); },
  implementation_verified: (run) => {
    for (const [actionId, owner] of [['c1', cal], ['p1', cyd]] as const) {
      act(run, owner, { act: 'report-action', body: { actionId, evidenceIds: ['ev-7'] } });
      act(run, sam, { act: 'verify-action', body: { actionId, accepted: true } });
    }
    act(run, bob, { act: 'submit', body: { adverseCheck } });
    act(run, bea, { act: 'verify-implementation', body: signed });
    act(run, ann, { act: 'verify-implementation', body: signed });
  },
  monitoring: (run) => { act(run, bob, { act: 'start-monitoring', body: {} }); },
  effectiveness_check: (run) => { run.runTo(plusMs(run.now, 90 * DAY_MS)); },
  closure_review: (run) => {
    act(run, dan, { act: 'save', body: { result: resultOf('effective') } });
    act(run, dan, { act: 'assess', body: signed });
  },
  closed: (run) => {
    act(run, bob, { act: 'submit', body: { closure } });
    act(run, bea, { act: 'approve-closure', body: signed });
    act(run, ann, { act: 'approve-closure', body: signed });
  },
};

/** A CAPA brought to a state by its plain way. */
export function capaIn(status: string, setting: Setting = {}): Run {
  const run = capaOf(setting);
  bring(run, status);
  return run;
}

/** Takes a CAPA on to a state by its plain way. */
export function bring(run: Run, status: string): void {
  const names = Object.keys(TO);
  const from = names.indexOf(run.state.status);
  for (const name of names.slice(from + 1, names.indexOf(status) + 1)) TO[name]?.(run);
  if (run.state.status !== status) throw new Error(`it is ${run.state.status}, not ${status}`);
}

export const issuesOf = (run: Run): readonly Effect[] => run.effects.filter(({ kind }) => kind === 'open');
export const dueOf = (run: Run, name: string): Instant | undefined => run.armed.find((deadline) => deadline.name === name)?.due;
export const told = (run: Run, reason: string): readonly Effect[] => run.effects.filter((effect) => effect['reason'] === reason);
