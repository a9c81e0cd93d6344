import type { Instant } from '../../contracts/instant';

/**
 * One act of somebody over another's account. `created`, `password`, `second_factor` give hold of it: who made it, or gave
 * it a credential, can act as it. `role` gives power only, `admitted` for a time; `named` says what it signs as; `verified` says that a person of its own stands behind it.
 */
export interface ControlEdge {
  readonly act: 'created' | 'password' | 'second_factor' | 'role' | 'named' | 'admitted' | 'verified';
  /** Null: provisioning, which is nobody's hand inside the product. */
  readonly by: string | null;
  readonly over: string;
  readonly at: Instant;
}

const TAKES_HOLD: ReadonlySet<ControlEdge['act']> = new Set(['created', 'password', 'second_factor']);
const takesHold = ({ act }: ControlEdge): boolean => TAKES_HOLD.has(act);

/** What is known of who made whom. Answers are sets of person ids. */
export interface Control {
  /** Who may be acting as this account now: its person, and whoever took hold of it or of those who did, until an independent person has verified it since. */
  holders(personId: string): ReadonlySet<string>;
  /** Who ever made the account or gave it a credential, and whoever may have been acting as these then. Not its person. */
  makers(personId: string): ReadonlySet<string>;
  /** Who ever made the account or gave it power, with whoever may have been acting as these, and its holders. */
  behind(personId: string): ReadonlySet<string>;
  /** Who ever let the account act inside their organisation, and whoever may have been acting as them; but for what one person did. */
  hosts(personId: string, exceptBy: string): ReadonlySet<string>;
  /** Who gave the account the printed name that it has now, and whoever may have been acting as them; nobody: it has its first. */
  namers(personId: string): ReadonlySet<string>;
}

/**
 * Reads who made whom as a graph in time (21 CFR 11.200(a)(3): misuse takes two people). An act counts for everybody who
 * held its actor's account when it was done, so that neither a second account nor one that was taken and given back hides who acted.
 */
export function controlOf(unordered: readonly ControlEdge[]): Control {
  const edges = unordered.toSorted((a, b) => a.at.localeCompare(b.at) || Number(takesHold(a)) - Number(takesHold(b)));
  const known = new Map<string, ReadonlySet<string>>();

  /** Asked of ever fewer edges, so that it ends whatever circles people make. */
  const holdersBefore = (personId: string, before: number): ReadonlySet<string> => {
    const key = `${String(before)}|${personId}`;
    const told = known.get(key);
    if (told) return told;
    const found = new Set([personId]);
    edges.slice(0, before).forEach((edge, index) => {
      if (edge.over !== personId || !takesHold(edge) || isReleased(index, before)) return;
      for (const one of actorsOf(index)) found.add(one);
    });
    known.set(key, found);
    return found;
  };
  const actorsOf = (index: number): ReadonlySet<string> => {
    const by = edges[index]?.by;
    return by === null || by === undefined ? new Set() : holdersBefore(by, index);
  };
  /** An independent verification since: whoever verified could not have been whoever took hold. */
  const isReleased = (taken: number, before: number): boolean =>
    edges.some((edge, index) => index > taken && index < before && edge.act === 'verified' && edge.over === edges[taken]?.over
      && edge.by !== edge.over && areApart(actorsOf(index), actorsOf(taken)));
  const collect = (personId: string, counts: (edge: ControlEdge) => boolean): Set<string> =>
    new Set(edges.flatMap((edge, index) => (edge.over === personId && counts(edge) ? [...actorsOf(index)] : [])));

  return {
    holders: (personId) => holdersBefore(personId, edges.length),
    makers: (personId) => collect(personId, takesHold),
    behind: (personId) => new Set([
      ...collect(personId, (edge) => takesHold(edge) || edge.act === 'role'), ...holdersBefore(personId, edges.length),
    ]),
    hosts: (personId, exceptBy) => collect(personId, ({ act, by }) => act === 'admitted' && by !== exceptBy),
    namers: (personId) => actorsOf(edges.findLastIndex(({ act, over }) => over === personId && act === 'named')),
  };
}

/** Whether nobody is in both. */
export function areApart(some: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
  return [...some].every((one) => !others.has(one));
}
