import { ESCALATION, type PersonAct, type PersonCommand } from '../../contracts/escalation';
import { Failure, FAILURES } from '../../contracts/failures';
import { CAPABILITIES } from '../../contracts/ids';
import type { Json } from '../../contracts/step';
import { accessRecordOf, extentSeen, mayAct } from '../../domain/access/ability';
import { SIDE_OF_ACT } from '../../domain/access/roles';
import { broken } from '../../domain/escalation/opening';
import { agreed } from '../../domain/consent/rules';
import { personInForce } from '../../store/authority';
import { bodyHashOf, jsonOf } from '../../store/commands';
import { givenConsents } from '../../store/consents';
import { filesOf } from '../../store/evidenceLinks';
import { findIssue } from '../../store/issues';
import { plannedShare } from '../../store/plannedShares';
import { findRecord } from '../../store/records';
import type { RecordDoc } from '../../store/schemas/records';
import type { Outgoing } from '../route';
import { viewerOf } from '../views/issue';
import { actorFor, requestIdOf, runCommand, type Acting, type PathDeps } from './commandPath';
import { requireConsents } from './evidenceLinking';
import { requireShareTarget } from './shareTarget';

export interface ActRequest extends Acting<PersonCommand['body']> {
  readonly issueId: string;
  readonly act: PersonAct;
  /** From If-Match. */
  readonly expectedRev: number | undefined;
}

/** A person's act on an issue. Throws Failure 404, 403, 409 or 422; answers 200 with the issue, or 202. */
export async function actOnIssue(deps: PathDeps, request: ActRequest): Promise<Outgoing> {
  const { issueId, act, body, caller, expectedRev } = request;
  const now = deps.now();
  const issue = await visibleIssue(deps, request);
  const allowed = mayAct({ memberships: caller.memberships, act, record: accessRecordOf(issue), now });
  if (!allowed) throw new Failure('not_permitted', whyNot(act), { act, rev: issue.rev });
  const plain: Json = jsonOf(body);
  const command = {
    _id: requestIdOf(request, act, issueId), capability: ESCALATION.capability, recordId: issueId, act, body: jsonOf(await pinned(deps, { act, body } as PersonCommand, { issue, organisationId: allowed.organisationId })),
    // Of what the caller said: a repetition may find other consents and means the same.
    bodyHash: bodyHashOf(plain),
    actor: actorFor(request, allowed), ...(expectedRev !== undefined && { expectedRev }), receivedAt: now,
  };
  return runCommand(deps, command, async () => {
    if (expectedRev !== undefined && expectedRev !== issue.rev) {
      throw new Failure('rev_mismatch', `The issue is at revision ${String(issue.rev)}.`, { rev: issue.rev });
    }
    await checkBody(deps, { command: { act, body } as PersonCommand, request, issue, organisationId: allowed.organisationId });
  });
}

/** The body with what allows the act, for the trail: the consents that a share rests on; who may not do without one is refused by `checkBody`. */
async function pinned(deps: PathDeps, command: PersonCommand, { issue, organisationId }: { readonly issue: RecordDoc; readonly organisationId: string }): Promise<PersonCommand['body']> {
  if (command.act === 'share') {
    const wanted = await plannedShare(deps.store, issue, { to: command.body, at: deps.now() });
    const { by } = agreed(await givenConsents(deps.store, wanted), { wanted, now: deps.now() });
    return { ...command.body, consents: by.map(({ _id, ofOrganisationId }) => ({ id: _id, organisationId: ofOrganisationId })) };
  }
  if (command.act === 'unshare') return { ...command.body, holdsFiles: (await filesOf(deps.store, issue._id)).includes(organisationId) };
  return command.body;
}

/** Acts that belong to one side say so: a role alone does not help the other side. */
function whyNot(act: PersonAct): string {
  const side = SIDE_OF_ACT[act];
  return side ? `Only the ${side} side may ${act}, by a role that allows it.` : FAILURES.not_permitted.meaning;
}

/** The issue, if the caller may see it. Throws Failure `not_found`: one that is not theirs looks like none. */
export async function visibleIssue(deps: Pick<PathDeps, 'store' | 'now'>, { issueId, caller }: Pick<ActRequest, 'issueId' | 'caller'>): Promise<RecordDoc> {
  const issue = await findIssue(deps.store, issueId);
  if (!issue || !viewerOf(issue, { memberships: caller.memberships, now: deps.now() })) throw new Failure('not_found', FAILURES.not_found.meaning);
  return issue;
}

interface Checked {
  readonly command: PersonCommand;
  readonly request: ActRequest;
  readonly issue: RecordDoc;
  /** For which the caller acts. */
  readonly organisationId: string;
}

/** What the machine cannot know: whether the people, records and organisations that a body names exist for the caller. */
async function checkBody(deps: PathDeps, checked: Checked): Promise<void> {
  const { command } = checked;
  switch (command.act) {
    case 'assign':
      return requireColleague(deps, checked, { field: 'personId', personId: command.body.personId });
    case 'hand-over':
      return requireColleague(deps, checked, { field: 'toPersonId', personId: command.body.toPersonId });
    case 'link':
      return requireLinkable(deps, checked, command.body.recordId);
    case 'share':
      await requireShareTarget(deps, checked.request.caller, { record: checked.issue, organisationId: command.body.organisationId });
      await requireConsents(deps, await plannedShare(deps.store, checked.issue, { to: command.body, at: deps.now() }));
      return;
    default:
  }
}

/** Somebody of the same organisation who can go on with the issue. */
async function requireColleague(deps: PathDeps, { issue, organisationId }: Checked, named: { field: string; personId: string }): Promise<void> {
  const now = deps.now();
  const person = await personInForce(deps.store, { personId: named.personId, at: now });
  const memberships = (person?.memberships ?? []).filter((membership) => membership.organisationId === organisationId);
  const record = { ...accessRecordOf(issue), assigneeIds: [named.personId] };
  if (mayAct({ memberships, act: 'progress', record, now })) return;
  throw broken(named.field, 'not an active person of your organisation who may work on this issue');
}

async function requireLinkable(deps: PathDeps, { request }: Checked, recordId: string): Promise<void> {
  const other = await findRecord(deps.store, recordId);
  const seen = other && CAPABILITIES.includes(other.capability) && extentSeen({ memberships: request.caller.memberships, record: accessRecordOf(other), now: deps.now() });
  if (!seen) throw broken('recordId', 'no such record among those shared with you');
}
