import type { EvidenceRef } from '../../contracts/evidence';
import type { CapaState } from '../../contracts/capaState';
import type { Instant } from '../../contracts/instant';
import type { Meaning, Signable } from '../../contracts/signature';
import type { Json } from '../../contracts/step';
import { canonicalText } from '../audit/chain';
import { evidenceOf } from './evidence';
import { actionOf } from './seats';

interface Worded {
  readonly subject: string;
  readonly version: number;
  readonly part: Readonly<Record<string, unknown>>;
  readonly meanings: readonly Meaning[];
}
type Words = Readonly<Record<string, Json | undefined>>;

/**
 * What an act signs whose own words are part of it: the words (`said`), and what they are about. Without the words it signs nothing yet:
 * whoever asks for a grant says them, and the signature keeps them.
 */
export function wordedSignable(state: CapaState, act: string, body: Json | undefined): Signable | undefined {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined;
  const { signature: _grant, pinned, running: _running, asksReason: _asks, measurement: _measured, coversBreach, ...rest } = body as Words;
  const said = Object.fromEntries(Object.entries(rest).filter((entry): entry is [string, Json] => entry[1] !== undefined));
  // Evidence that the words name has its hash from the API, before the record keeps it.
  const refs = (pinned ?? []) as unknown as readonly EvidenceRef[];
  const pinnedState = refs.length === 0 ? state : { ...state, evidenceHashes: { ...state.evidenceHashes, ...Object.fromEntries(refs.map(({ id, sha256 }) => [id, sha256])) } };
  const worded = WORDED[act]?.(coversBreach === true && !state.accepted ? { ...pinnedState, accepted: COVERS } : pinnedState, said);
  if (!worded) return undefined;
  const { subject, version, part, meanings } = worded;
  const { number, iteration } = state;
  return { subject, version, content: { capa: number, iteration, ...part, said, evidence: evidenceOf({ part, said }, pinnedState) } as unknown as Json, meanings };
}

/** Before it is accepted: that the answer to the question of serious breach is signed with the rest. */
const COVERS = { personId: '', organisationId: '', role: '', at: '' as Instant, coversBreach: true } as const;

const extension = (meanings: readonly Meaning[]) => ({ extensions }: CapaState, { no }: Words): Worded | undefined => {
  const found = extensions.find((one) => one.no === no);
  if (!found) return undefined;
  const { deadline, count, from, to, justification, interimControl, late, requested } = found;
  return { subject: `extension/${String(found.no)}`, version: 1, part: { extension: { no: found.no, deadline, count, from, to, justification, interimControl, late, requested } }, meanings };
};

const WORDED: { readonly [act: string]: (state: CapaState, said: Words) => Worded | undefined } = {
  accept: ({ problem, severity, classification, riskBefore, accountableView, returns, accepted, seriousBreach }, said) =>
    ({ subject: 'triage', version: 1 + returns.filter(({ what }) => what === 'triage').length, part: { problem, severity, classification, riskBefore, accountableView: accountableView ?? null, ...(accepted?.coversBreach && { seriousBreach: said['seriousBreach'] ?? seriousBreach }) }, meanings: ['approval'] }),
  submit: ({ status, containment, contained }, said) => {
    // Other work that is handed over is signed by those who review it.
    const isContainment = status === 'containment' || (contained !== undefined && said['containment'] !== undefined);
    const part = said['containment'] ?? containment;
    return isContainment && part !== null ? { subject: 'containment', version: 1, part: { containment: part }, meanings: ['author'] } : undefined;
  },
  'verify-action': (state, { actionId, accepted }) => {
    const action = actionOf(state, typeof actionId === 'string' ? actionId : '');
    if (!action || typeof accepted !== 'boolean') return undefined;
    const { id, kind, description, ownerId, originalDue, due, evidenceIds, reported, reopened = 0, status } = action;
    // What is undone is left open by the act itself, and counted.
    if (!accepted) return { subject: `reopening/${id}`, version: (status === 'open' ? 0 : 1) + reopened, part: { action: { id, kind, description, ownerId, originalDue, due, evidenceIds } }, meanings: ['rejection'] };
    return { subject: `action/${id}`, version: 1 + reopened, part: { action: { id, kind, description, ownerId, originalDue, due, evidenceIds, reported } }, meanings: ['verification'] };
  },
  assign: ({ plan }, { duty }) => (duty === 'assessor' && plan ? { subject: 'assessor', version: 1, part: { effectiveness: plan.effectiveness }, meanings: ['approval'] } : undefined),
  'grant-extension': extension(['approval']), 'grant-further-extension': extension(['approval']), 'decline-extension': extension(['rejection']),
  regrade: ({ severity, problem, riskBefore, regradings = [] }, said) => {
    const index = regradings.findLastIndex(({ to, reason }) => to === said['severity'] && reason === said['reason']);
    // The words of a regrading that was: what it replaced then; else of the coming one.
    const isLast = index >= 0 && index === regradings.length - 1;
    return { subject: 'severity', version: isLast ? index + 1 : regradings.length + 1, part: { problem, riskBefore, was: isLast ? regradings[index]?.from : severity }, meanings: ['assessment', 'approval'] };
  },
  'answer-breach': ({ problem, breachAnswers = [] }, said) => {
    const last = breachAnswers.at(-1);
    const isLast = last?.by?.signed === true && canonicalText({ answer: last.answer, reason: last.reason }) === canonicalText(said);
    return { subject: 'breach', version: breachAnswers.length + (isLast ? 0 : 1), part: { problem }, meanings: ['assessment'] };
  },
  deviate: ({ plan, result, measurement }, said) =>
    (said['reason'] === undefined || !result ? undefined : { subject: 'deviation', version: 1, part: { plan: plan?.effectiveness ?? null, result, measurement: measurement ?? null }, meanings: ['approval', 'agreement'] }),
  reopen: ({ closure, result, past }, said) =>
    (said['reason'] === undefined || !closure ? undefined : { subject: 'reopening', version: 1 + past.filter(({ outcome }) => outcome === 'reopened').length, part: { closure, result }, meanings: ['approval'] }),
};
