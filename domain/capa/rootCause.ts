import { FEWEST_WHYS, FISHBONE_CATEGORIES, HUMAN_ERROR, type CauseCategory } from '../../contracts/capaWords';
import type { RootCause } from '../../contracts/capaSections';

type FiveWhy = Extract<RootCause, { method: 'five_why' }>;
type Fishbone = Extract<RootCause, { method: 'fishbone' }>;

/** The cause codes of the system level: what recurrence is told by. */
export function systemCauses(rootCause: RootCause | null): readonly CauseCategory[] {
  return (rootCause?.cause.categories ?? []).filter((category) => category !== HUMAN_ERROR).toSorted();
}

/** What keeps an analysis from being submitted (Q3): the first fault, in plain words; undefined: none. */
export function rootCauseFault(rootCause: RootCause | null): string | undefined {
  if (!rootCause) return 'the root cause is not analysed';
  const fault = rootCause.method === 'five_why' ? chainFault(rootCause) : bonesFault(rootCause);
  if (fault) return fault;
  const { statement, categories } = rootCause.cause;
  if (statement === '') return 'the root cause is not stated';
  if (categories.length === 0) return 'the root cause has no category';
  return systemCauses(rootCause).length === 0 ? 'human error alone is no root cause: name what in the system let it happen' : undefined;
}

function chainFault({ chain }: FiveWhy): string | undefined {
  if (chain.length < FEWEST_WHYS) return `a chain of whys has at least ${FEWEST_WHYS} answers`;
  const blank = chain.findIndex(({ why, because }) => why === '' || because === '');
  if (blank >= 0) return `why ${blank + 1} is not answered`;
  const bare = chain.findIndex(({ evidenceIds }) => evidenceIds.length === 0);
  return bare >= 0 ? `answer ${bare + 1} has no evidence` : undefined;
}

function bonesFault({ candidates }: Fishbone): string | undefined {
  const untouched = FISHBONE_CATEGORIES.find((category) => !candidates.some((one) => one.category === category));
  if (untouched) return `nothing is said of ${untouched}: rule it out, or name a candidate`;
  for (const { category, candidate, evidenceFor, evidenceAgainst, verdict } of candidates) {
    if (candidate === '') return `a candidate of ${category} is not described`;
    if (verdict === 'open') return `a candidate of ${category} has no verdict`;
    if (verdict === 'ruled_out' ? evidenceAgainst.length === 0 : evidenceFor.length === 0) return `the verdict on a candidate of ${category} has no evidence`;
  }
  return candidates.some(({ verdict }) => verdict === 'root_cause') ? undefined : 'no candidate is the root cause';
}
