import { Failure, FAILURES } from '../../contracts/failures';
import type { Viewer } from '../../domain/records/issueView';
import type { IssueDoc } from '../../store/schemas/records';
import { visibleIssue } from '../commands/actOnIssue';
import type { ApiDeps, Caller } from '../deps';
import { viewerOf } from './issue';

/**
 * The issue and its reader, where the whole story is asked for. Throws Failure `not_found` as ever, and
 * `not_permitted` when only a summary is shared with the caller.
 */
export async function wholeIssue(deps: ApiDeps, { issueId, caller }: { readonly issueId: string; readonly caller: Caller }): Promise<{ readonly issue: IssueDoc; readonly viewer: Viewer }> {
  const issue = await visibleIssue(deps, { issueId, caller });
  const viewer = viewerOf(issue, { memberships: caller.memberships, now: deps.now() });
  if (viewer?.extent !== 'whole') throw new Failure('not_permitted', 'Only a summary of this issue is shared with you.', {});
  return { issue, viewer };
}

/** Whether the caller runs the installation: sees types, states and times of workflows, not what they hold. */
export function runsTheInstance(caller: Caller): boolean {
  return caller.memberships.some((membership) => membership.role === 'instance_admin');
}

export const notFound = (): Failure => new Failure('not_found', FAILURES.not_found.meaning);
