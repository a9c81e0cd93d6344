import type { AuditActor, AuditDraft, AuditEntry } from '../../contracts/audit';
import type { Plan } from '../../contracts/capaSections';
import { plusMs, type Instant } from '../../contracts/instant';
import type { Signature } from '../../contracts/signature';
import type { Fact, Json } from '../../contracts/step';
import { appendTo, emptyChain } from '../../domain/audit/chain';
import { capa } from '../../domain/capa/machine';
import { measurementOf, windowOf } from '../../domain/capa/measured';
import { contentFacts, openingFact } from '../../domain/audit/contentFacts';
import { contentOf } from '../../domain/records/content';
import type { ReportedFile, ReportSources } from '../../domain/capaReport/report';
import { contentHashOf } from '../../domain/signature/demand';
import { act, bring, capaOf, closure, CRO, DAY_MS, extentCheck, fishbone, PEOPLE, planAt, resultOf, risk, saidAt, signed, SPONSOR, whys, type Run } from '../domain/capa/capas';

const { ann, bea, bob, cal, dan, sam } = PEOPLE;
export const LONG_WORD = 'Wiederherstellungsprüfungsverantwortungsübertragung'.repeat(4);

/** Names as they come: diacritics, Greek, Cyrillic, a script that the font does not have, one that runs the other way. */
export const NAMES: ReportSources['names'] = {
  people: {
    ann: 'Ann Ødegård-Łukasiewicz', amy: 'Amy Ñandú', sam: 'Sämi Þórsdóttir', bob: 'Βασίλης Παπαδόπουλος', bea: 'Беатриса Кузнецова', ben: 'Ben Nguyễn', eve: 'Eve', cal: '李小龍',
    cyd: 'Cyd O’Brien', dan: 'דנה', zoe: 'Zoë',
  },
  organisations: { [SPONSOR]: 'Sponsor & Söhne <AG>', [CRO]: 'Κλινική Έρευνα CRO' },
  studies: { 'study-1': 'ST-1 · A study of wide things' },
};

const iteration = (run: Run, sections: { readonly method: 'five_why' | 'fishbone'; readonly plan: Plan }): void => {
  const found = sections.method === 'fishbone' ? fishbone() : {
    method: 'five_why' as const, cause: { statement: 'Restores are not part of the procedure.\nNobody had to try one.', categories: ['procedure' as const, 'human_error' as const] },
    chain: [
      { why: 'Why did the restore fail?', because: `The key was missing. 鍵がない 🗝 ${LONG_WORD}`, evidenceIds: ['ev-1', 'ev-2'] },
      { why: 'Why was the key missing?', because: 'It was rotated.', evidenceIds: ['ev-2'] },
      { why: 'Why did nobody notice?', because: 'Nobody had tried.', evidenceIds: ['ev-nowhere'] },
    ],
  };
  act(run, bob, { act: 'submit', body: { rootCause: found, extentCheck: { lookedAt: 'every system with a backup', finding: 'wider', detail: 'two more', evidenceIds: ['ev-3'] }, riskBefore: risk, plan: sections.plan } });
};

/** Two iterations: a plan returned, an action late and extended, found ineffective, done again, closed. */
export function playReported(): Run {
  const run = capaOf({ draft: true });
  bring(run, 'investigation');
  const wide = planAt(run.now);
  iteration(run, { method: 'five_why', plan: { ...wide, documents: ['SOP-7 Backup and restore', `SOP-8 ${LONG_WORD}`], actions: wide.actions.map((action) => ({ ...action, description: `${action.description}: ${'test every restore, and write down what came of it; '.repeat(12)}` })) } });
  act(run, bea, { act: 'approve-plan', body: signed });
  act(run, ann, { act: 'return', body: { comments: 'Name the second system.' } });
  act(run, bob, { act: 'submit', body: {} });
  bring(run, 'implementation');
  run.runTo(plusMs(run.now, 21 * DAY_MS));
  act(run, cal, { act: 'request-extension', body: { deadline: 'action/c1', newDue: plusMs(run.now, 10 * DAY_MS), justification: 'a part is missing', interimControl: 'daily checks by hand' } });
  act(run, bea, { act: 'grant-extension', body: { no: 1 } });
  bring(run, 'effectiveness_check');
  act(run, dan, { act: 'save', body: { result: resultOf('ineffective') } });
  act(run, dan, { act: 'assess', body: signed });
  iteration(run, { method: 'fishbone', plan: planAt(run.now) });
  act(run, sam, { act: 'comment', body: { text: 'x'.repeat(3000) } });
  bring(run, 'closure_review');
  act(run, bob, { act: 'propose', body: { what: 'cancellation', reason: 'the study ends' } });
  act(run, ann, { act: 'decline', body: { what: 'cancellation', reason: 'not before it works' } });
  act(run, bob, { act: 'submit', body: { closure: { ...closure, summary: `Restores are tested every quarter. ${'It has worked three times out of three. '.repeat(30)}` } } });
  act(run, bea, { act: 'approve-closure', body: signed });
  act(run, ann, { act: 'approve-closure', body: signed });
  return run;
}

/** A CAPA that drills measured, below its goal, and that both sides found effective all the same. */
export function playDeviated(): Run {
  const run = capaOf({});
  bring(run, 'investigation');
  const plan = planAt(run.now);
  act(run, bob, { act: 'submit', body: { rootCause: whys(), extentCheck, riskBefore: risk, plan: { ...plan, effectiveness: plan.effectiveness && { ...plan.effectiveness, metric: 'fire drills acknowledged on the first level', source: 'drills', measuredBy: 'escalation_drills' } } } });
  bring(run, 'effectiveness_check');
  const window = windowOf(run.state);
  if (!window) throw new Error('the window is not over');
  const measurement = measurementOf('escalation_drills', [true, true, false].map((met, index) => ({ recordId: `drill-${String(index + 1)}`, met })), window);
  act(run, dan, { act: 'save', body: { result: resultOf('effective'), measurement } });
  act(run, bea, { act: 'deviate', body: { reason: 'The third drill fell on a public holiday of the site.', ...signed } });
  act(run, ann, { act: 'deviate', body: { reason: 'Agreed: the two others were out of hours.', ...signed } });
  act(run, dan, { act: 'assess', body: signed });
  return run;
}

function actorOf(actor: Run['steps'][number]['source']['actor']): AuditActor {
  if (actor.kind === 'system') return { kind: 'system', name: actor.name, workflowId: 'capa/k1', runId: 'run-1', definition: 'capa@1', policyVersion: 'capa/1' };
  return { kind: 'person', personId: actor.personId, name: NAMES.people[actor.personId] ?? actor.personId, role: actor.role, organisationId: actor.organisationId };
}

const ZONES: Readonly<Record<string, string>> = { ann: 'America/St_Johns', bea: 'Europe/Zurich', dan: 'Asia/Kathmandu' };

/** The signatures that a run's steps must have carried, over what was there before each. */
export function signaturesOfRun(run: Run): readonly (Signature & { readonly content: Json })[] {
  return run.steps.flatMap(({ rev, at, source: { act: name, actor } }, index) => {
    const before = run.steps[index - 1]?.state;
    const signable = before && actor.kind === 'person' ? capa.signable(before, name, saidAt(run, rev)) : undefined;
    const [meaning] = signable?.meanings ?? [];
    if (!signable || !meaning || actor.kind !== 'person') return [];
    const { subject, version, content } = signable;
    const { personId, role, organisationId } = actor;
    return [{
      id: `sig-${String(rev)}`, recordId: 'k1', rev, act: name, subject, version, contentHash: contentHashOf(content), content, meaning, personId, printedName: NAMES.people[personId] ?? personId, role, organisationId,
      organisationName: NAMES.organisations[organisationId] ?? organisationId, signedAt: at, zone: ZONES[personId] ?? 'UTC', statementVersion: 1,
    }];
  });
}

const reading = { stateVersion: capa.version, contentOf: (state: Json) => contentOf('capa', state), lifted: (state: Json) => state };
const jsonOf = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json;

function contentOfStep(run: Run, index: number, step: { readonly facts: readonly Fact[]; readonly state: unknown }): readonly Fact[] {
  const state = jsonOf(step.state);
  const before = run.steps[index - 1];
  if (!before) return [openingFact({ title: TITLE }, contentOf('capa', state))];
  return contentFacts({ rev: before.rev, contentRev: before.rev, state: jsonOf(before.state), stateVersion: capa.version }, { state, facts: step.facts }, reading).step;
}

/** The chain as commit writes it. */
export function entriesOfRun(run: Run): readonly AuditEntry[] {
  const signatures = signaturesOfRun(run);
  const drafts = run.steps.flatMap(({ rev, at, facts, state, source: { actor } }, index): AuditDraft[] => {
    const common = { streamId: 'k1', at, zone: 'UTC', actor: actorOf(actor), correlationId: actor.correlationId || 'run-1', rev } as const;
    const signature = signatures.find((one) => one.rev === rev);
    const { content: _content, recordId: _recordId, id, ...said } = signature ?? { content: null, recordId: '', id: '' };
    return [...[...facts, ...contentOfStep(run, index, { facts, state })].map((fact): AuditDraft => ({ ...common, ...fact })), ...(signature ? [{ ...common, action: 'signature.applied', field: `signatures.${signature.subject}`, detail: { signatureId: id, ...said } as Json }] : [])];
  });
  return appendTo(emptyChain('k1'), drafts).entries;
}

function filesOf(at: Instant): readonly ReportedFile[] {
  const hand = { at, name: 'Беатриса Кузнецова', role: 'quality', organisationId: CRO };
  return ['ev-1', 'ev-2', 'ev-3', 'ev-4', 'ev-5', 'ev-6', 'ev-7'].map((id, index) => ({
    id, fileName: index === 0 ? `Prüfung “1” ${LONG_WORD}.pdf` : `${id} ημερολόγιο.txt`, mediaType: index === 0 ? 'application/pdf' : 'text/plain', sizeBytes: 1000 + index, sha256: contentHashOf(id), version: index === 6 ? 2 : 1,
    replaces: index === 6 ? 'ev-0' : null, retention: 'trial_master_file', stored: hand, linked: hand,
  }));
}

export const TITLE = 'Restore of the eTMF backup failed: Ωμέγα & <b>“quoted”</b> 漢字';

/** What the store would give of such a CAPA, now or as it was at an earlier revision. */
export function reportedSources(run: Run = playReported(), rev: number = run.steps.length): ReportSources {
  const entries = entriesOfRun(run).filter((entry) => (entry.rev ?? 0) <= rev);
  const steps = run.steps.slice(0, rev);
  const [last, step] = [entries.at(-1), steps.at(-1)];
  if (!last || !step) throw new Error('no entries');
  return {
    record: {
      _id: 'k1', number: 'CAPA-1', rev, stateVersion: capa.version, state: JSON.parse(JSON.stringify(step.state)) as Json, armed: step.waits,
      content: { title: TITLE, description: `See the test.\n\n${'The quarterly restore of the eTMF was begun at nine and given up at noon. '.repeat(20)}` }, nextDueAt: null, updatedAt: last.at,
      chain: { length: entries.length, head: last.hash },
    },
    signatures: signaturesOfRun(run).filter((signature) => signature.rev <= rev), entries, steps: steps.map(({ rev, armed, ended }) => ({ rev, armed, ended })), evidence: filesOf(steps[4]?.at ?? last.at), names: NAMES,
    numbers: { 'finding-1': 'RTS-7', 'drill-1': 'DRL-4' }, organisationIds: [SPONSOR, CRO],
  };
}
