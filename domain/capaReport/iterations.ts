import type { AdverseCheck, ExtentCheck, Measurement } from '../../contracts/capaSections';
import type { CapaState, PastIteration } from '../../contracts/capaState';
import type { CountedSource } from '../../contracts/capaWords';
import type { Signature } from '../../contracts/signature';
import type { Json } from '../../contracts/step';
import { figureOf, FORMULAS } from '../capa/measured';

type Signed = Pick<Signature, 'subject' | 'version'> & { readonly content: Json };

/** How a result came about, so that a reader can count again. */
export interface ReportedEffect {
  readonly by: CountedSource | 'manual';
  readonly formula: string | null;
  readonly numerator: number;
  readonly denominator: number;
  readonly sample: number;
  readonly goal: number | null;
  readonly measurement: Measurement | null;
}

/** One go at the cause: what was found, planned, done and measured. */
export interface ReportedIteration extends Pick<PastIteration, 'no' | 'rootCause' | 'plan' | 'actions' | 'result' | 'approvals'>, Required<Pick<PastIteration, 'deviations'>> {
  readonly effect: ReportedEffect | null;
  /** null: it goes on, or ended with the CAPA. */
  readonly endedAt: PastIteration['endedAt'] | null;
  readonly outcome: PastIteration['outcome'] | null;
  readonly extentCheck: ExtentCheck | null;
  readonly adverseCheck: AdverseCheck | null;
}

/**
 * Every iteration, oldest first. A record keeps of an earlier one what it needs to go on; extent and adverse-effect
 * checks are taken from what was signed then.
 */
export function iterationsOf(state: CapaState, signatures: readonly Signed[]): readonly ReportedIteration[] {
  const past = state.past.map(({ no, endedAt, outcome, rootCause, plan, actions, result, measurement, deviations = [], approvals }): ReportedIteration => ({
    no, endedAt, outcome, rootCause, plan, actions, result, deviations, approvals, effect: effectOf({ plan, result, measurement }),
    extentCheck: signedPart(signatures, { no, subject: 'plan', part: 'extentCheck' }) as ExtentCheck | null,
    adverseCheck: signedPart(signatures, { no, subject: 'implementation', part: 'adverseCheck' }) as AdverseCheck | null,
  }));
  const { iteration: no, rootCause, plan, actions, result, measurement, deviations = [], approvals, extentCheck, adverseCheck } = state;
  return [...past, { no, endedAt: null, outcome: null, rootCause, plan, actions, result, deviations, approvals, extentCheck, adverseCheck, effect: effectOf({ plan, result, measurement }) }];
}

/** What was counted or seen beside what was planned; null: no result yet. */
function effectOf({ plan, result, measurement = null }: Pick<PastIteration, 'plan' | 'result'> & { readonly measurement: PastIteration['measurement'] | undefined }): ReportedEffect | null {
  if (!result) return null;
  const { planned, met, count } = figureOf({ plan }, result, measurement);
  return { by: measurement ? measurement.source : 'manual', formula: measurement ? FORMULAS[measurement.source].text : null, numerator: met, denominator: count, sample: planned, goal: plan?.effectiveness?.goal ?? null, measurement };
}

/** A part of the last version of a subject that was signed in an iteration; null: none was. */
function signedPart(signatures: readonly Signed[], { no, subject, part }: { readonly no: number; readonly subject: string; readonly part: string }): unknown {
  const found = signatures
    .filter((signature) => signature.subject === subject && fieldOf(signature.content, 'iteration') === no)
    .toSorted((a, b) => a.version - b.version).at(-1);
  return found ? fieldOf(found.content, part) ?? null : null;
}

function fieldOf(content: Json, name: string): Json | undefined {
  return typeof content === 'object' && content !== null && !Array.isArray(content) ? (content as Readonly<Record<string, Json>>)[name] : undefined;
}

/** Ids of the evidence that each part of the CAPA names, with where it does. */
export function evidenceUses({ containment, elsewhere, iterations }: {
  readonly containment: CapaState['containment']; readonly elsewhere: CapaState['approvedElsewhere']; readonly iterations: readonly ReportedIteration[];
}): readonly { readonly id: string; readonly where: string }[] {
  const uses: { id: string; where: string }[] = [];
  const add = (where: string, ids: readonly string[] = []): void => { for (const id of ids) uses.push({ id, where }); };
  for (const { evidenceIds } of containment?.measures ?? []) add('containment', evidenceIds);
  for (const { subject, evidenceId } of elsewhere ?? []) add(`approved elsewhere: ${subject}`, evidenceId === null ? [] : [evidenceId]);
  for (const { no, rootCause, extentCheck, actions, adverseCheck, result } of iterations) {
    const at = (what: string) => (iterations.length > 1 ? `${what} (iteration ${String(no)})` : what);
    if (rootCause?.method === 'five_why') for (const { evidenceIds } of rootCause.chain) add(at('root cause'), evidenceIds);
    if (rootCause?.method === 'fishbone') for (const { evidenceFor, evidenceAgainst } of rootCause.candidates) add(at('root cause'), [...evidenceFor, ...evidenceAgainst]);
    add(at('extent check'), extentCheck?.evidenceIds);
    for (const { id, evidenceIds } of actions) add(at(`action ${id}`), evidenceIds);
    add(at('adverse effects'), adverseCheck?.evidenceIds);
    add(at('effectiveness'), [...new Set([...(result?.evidenceIds ?? []), ...(result?.observations ?? []).flatMap(({ evidenceIds }) => evidenceIds)])]);
  }
  return uses;
}
