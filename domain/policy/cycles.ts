import type { Role } from '../../contracts/people';
import type { GivenLadder, PolicyFinding } from '../../contracts/policy';

/**
 * Where a ladder leads back to people it has asked already. Levels are an ordered list and a policy
 * never refers to another, so a climb cannot run in circles by itself (its bound is `repeats`);
 * what can come back is whom it asks:
 *
 * - a level whose deputy is its own role, or deputies that stand in for one another: when the first
 *   is away nobody new is asked;
 * - a level that names the role of a level below it: a further round is what `repeats` is for;
 * - `exhaustedTells` that only goes back down the ladder. The top role is no cycle there: it is told
 *   on both sides, as the one that answers for the review.
 */
export function findCycles(ladder: GivenLadder): readonly PolicyFinding[] {
  return [...deputyCycles(ladder), ...repeatedLevels(ladder), ...backDown(ladder)];
}

function deputyCycles({ levels }: GivenLadder): readonly PolicyFinding[] {
  const deputyOf = new Map<Role, Role>();
  for (const { role, deputyRole } of levels) if (role && deputyRole) deputyOf.set(role, deputyRole);
  return levels.flatMap(({ role, deputyRole }, index): readonly PolicyFinding[] => {
    if (!role || !deputyRole) return [];
    const field = `levels.${String(index)}.deputyRole`;
    if (role === deputyRole) return [{ severity: 'error', field, message: 'cycle: a deputy is another role' }];
    const chain: Role[] = [role];
    for (let next: Role | undefined = deputyRole; next && chain.length <= levels.length; next = deputyOf.get(next)) {
      chain.push(next);
      if (next === role) return [{ severity: 'error', field, message: `cycle: ${chain.join(' → ')}; when they are away nobody new is asked` }];
    }
    return [];
  });
}

function repeatedLevels({ levels }: GivenLadder): readonly PolicyFinding[] {
  return levels.flatMap(({ role }, index): readonly PolicyFinding[] => {
    const below = role ? levels.findIndex((level) => level.role === role) : -1;
    if (below < 0 || below === index) return [];
    return [{ severity: 'error', field: `levels.${String(index)}.role`, message: `cycle: level ${String(below + 1)} asks ${String(role)} already; a further round is what repeats are for` }];
  });
}

function backDown({ levels, exhaustedTells }: GivenLadder): readonly PolicyFinding[] {
  const lower = levels.slice(0, -1).map(({ role }) => role);
  if (exhaustedTells.length === 0 || !exhaustedTells.every((role) => lower.includes(role))) return [];
  return [{ severity: 'warning', field: 'exhaustedTells', message: `cycle: ${exhaustedTells.join(', ')} stood on the ladder below its top and did not answer; tell somebody above it` }];
}
