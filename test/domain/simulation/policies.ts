import type { Ladder, Policy } from '../../../contracts/policy';

/** A policy that never warns. */
export function withoutWarnings(policy: Policy): Policy {
  const quiet = (ladder: Ladder): Ladder => ({ ...ladder, warnAt: [] });
  const { critical, major, minor } = policy.ladders;
  return { ...policy, ladders: { critical: quiet(critical), major: quiet(major), minor: quiet(minor) } };
}
