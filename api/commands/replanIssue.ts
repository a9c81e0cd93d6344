import { ESCALATION } from '../../contracts/escalation';
import { Failure, FAILURES } from '../../contracts/failures';
import type { PersonActor } from '../../contracts/actor';
import type { Policy } from '../../contracts/policy';
import { accessRecordOf, mayAct } from '../../domain/access/ability';
import { partiesOf } from '../../domain/escalation/plan';
import { broken } from '../../domain/escalation/opening';
import { previewReplan, type ReplanPreview } from '../../domain/simulation/replanning';
import type { Setting } from '../../domain/simulation/tellings';
import { stateOf } from '../../store/closedIssues';
import { bodyHashOf, jsonOf } from '../../store/commands';
import { inForceAt } from '../../domain/policy/inForce';
import { policyForParties } from '../../store/policies';
import { LADDER_POLICIES, policyOf } from '../../store/policyKinds';
import type { PolicyDoc } from '../../store/schemas/policies';
import type { RecordDoc } from '../../store/schemas/records';
import type { Caller } from '../deps';
import type { Outgoing } from '../route';
import { actorFor, requestIdOf, runCommand, type Acting, type PathDeps } from './commandPath';
import { settingNow } from './triedSetting';

export interface ReplanRequest extends Acting<{ readonly policyKey?: string | undefined; readonly version: number; readonly reason: string }> {
  readonly issue: RecordDoc;
  /** From If-Match. */
  readonly expectedRev: number | undefined;
}

/** Id of the command that moving an issue is. */
export const replanCommandId = (request: Pick<Acting<unknown>, 'caller' | 'key'>, issueId: string): string => requestIdOf(request, 'replan', issueId);

/**
 * Moves an issue to another version of a policy, as an act of its own (P19). Throws Failure
 * `not_permitted`, `rule_broken` when the version is not in force, and what the machine refuses.
 */
export async function replanIssue(deps: PathDeps, request: ReplanRequest): Promise<Outgoing> {
  const { issue, body, expectedRev } = request;
  const now = deps.now();
  const actor = actingFor(deps, request);
  if (!actor) throw new Failure('not_permitted', NOT_YOURS, { act: 'replan', rev: issue.rev });
  const policy = await versionForIssue(deps, issue, { key: body.policyKey, version: body.version });
  const command = {
    _id: replanCommandId(request, issue._id), capability: ESCALATION.capability, recordId: issue._id, act: 'replan',
    body: jsonOf({ policy, reason: body.reason }), bodyHash: bodyHashOf(jsonOf(body)), actor, ...(expectedRev !== undefined && { expectedRev }), receivedAt: now,
  };
  return runCommand(deps, command, () => {
    if (expectedRev === undefined || expectedRev === issue.rev) return Promise.resolve();
    throw new Failure('rev_mismatch', `The issue is at revision ${String(issue.rev)}.`, { rev: issue.rev });
  });
}

/** Running deadlines are counted anew, so the side that they bind does not choose (docs/decisions/012). */
const NOT_YOURS = 'Only the raising side may replan, by a role that allows it.';

/** What moving the issue would change. Whoever may not move it sees that, and the difference all the same. */
export async function replanPreview(deps: PathDeps, of: { issue: RecordDoc; policy: Policy; caller: Caller; correlationId: string; setting?: Setting }): Promise<ReplanPreview> {
  const { issue, policy } = of;
  const state = stateOf(issue);
  const actor = actingFor(deps, of);
  const setting = of.setting ?? await settingNow(deps.store, { organisationIds: partiesOf(state), studyId: state.studyId, topic: state.topic });
  const somebody: PersonActor = { kind: 'person', personId: of.caller.personId, organisationId: state.raisingOrganisationId, role: 'preview', correlationId: of.correlationId };
  const preview = previewReplan({ rev: issue.rev, state, armed: issue.armed, policy, actor: actor ?? somebody, now: deps.now() }, setting);
  return actor ? preview : { ...preview, refusal: { type: 'not_permitted', reason: NOT_YOURS } };
}

function actingFor(deps: Pick<PathDeps, 'now'>, { issue, caller, correlationId }: { issue: RecordDoc; caller: Caller; correlationId: string }): PersonActor | undefined {
  const allowed = mayAct({ memberships: caller.memberships, act: 'replan', record: accessRecordOf(issue), now: deps.now() });
  return allowed && actorFor({ caller, correlationId }, allowed);
}

/**
 * The version that counts now for the issue's parties, of the key that it runs under unless another is said: one to come does
 * not count yet, one before was replaced for a reason, and one of a wider scope was, too. Throws Failure `rule_broken`.
 */
export async function versionForIssue(deps: Pick<PathDeps, 'store' | 'now'>, issue: RecordDoc, { key, version }: { key?: string | undefined; version?: number | undefined }): Promise<Policy> {
  const state = stateOf(issue);
  const policy = await policyForParties(deps.store, key ?? state.policy.key, { organisationIds: partiesOf(state), studyId: state.studyId, at: deps.now() });
  if (!policy) throw broken('policyKey', 'no policy of this key is in force');
  if (version !== undefined && policy.version !== version) throw broken('version', `not in force for these parties: version ${String(policy.version)} is`);
  return { ...policy, named: 'moved' };
}

/** The version of a line that counts now. Throws Failure `rule_broken`. */
export function lineInForce({ now }: Pick<PathDeps, 'now'>, versions: readonly PolicyDoc[], version: number): Policy {
  const found = inForceAt(versions, now());
  if (!found) throw broken('key', 'no policy of this key is in force');
  if (found.version !== version) throw broken('version', `not in force: version ${String(found.version)} is`);
  return { ...policyOf(LADDER_POLICIES, found), named: 'moved' };
}

/** How one of many came out. */
export async function outcomeOf(move: () => Promise<Outgoing>): Promise<{ readonly outcome: 'moved' | 'pending' | 'refused'; readonly failure: Failure | undefined }> {
  try {
    const { status } = await move();
    return { outcome: status === 202 ? 'pending' : status < 400 ? 'moved' : 'refused', failure: undefined };
  } catch (error) {
    if (!(error instanceof Failure) || FAILURES[error.type].retryable) throw error;
    return { outcome: 'refused', failure: error };
  }
}
