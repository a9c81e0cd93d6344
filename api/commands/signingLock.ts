import { randomUUID } from 'node:crypto';
import { Failure, FAILURES } from '../../contracts/failures';
import type { OpenIssue } from '../../contracts/escalation';
import { deliverCommand } from '../../store/commandDelivery';
import { derivedCommandId, receiveCommand } from '../../store/commands';
import { prepareOpening } from '../../store/issueOpening';
import { signingLimits, type SigningLimits } from '../../store/limits';
import { recordBounded } from '../../store/refusalBounds';
import { voidGrants } from '../../store/signatures';
import { isOpening, openIssueOf } from '../../store/sources';
import type { ApiDeps, Caller } from '../deps';

/** The issue is stored before anybody is answered; longer than this nobody waits for its being opened, ms. */
const OPEN_WITHIN_MS = 3000;

/** An attempt to sign, or to change what one signs with. */
export interface SigningAttempt {
  readonly caller: Caller;
  readonly correlationId: string;
  /** For the refusal: the route by which it came. */
  readonly route: string;
  readonly address: string;
}

/** Checks credentials within the limit of bad attempts. */
export interface SigningLock {
  /**
   * Runs a check of credentials, counted. Bad ones are kept as evidence; the fifth in a row locks the signer and opens a
   * security issue (21 CFR 11.300(d)). Throws Failure `locked_out`, `bad_credentials`.
   */
  guard(attempt: SigningAttempt, check: () => Promise<boolean>): Promise<void>;
}

export function createSigningLock(deps: ApiDeps): SigningLock {
  const limits = signingLimits(deps.store);
  return {
    guard: async (attempt, check) => {
      const { personId } = attempt.caller;
      const counted = await limits.attempt(personId);
      if ('lockedForSeconds' in counted) {
        const locked = new Failure('locked_out', FAILURES.locked_out.meaning, { retryAfterSeconds: counted.lockedForSeconds });
        await keep(deps, attempt, locked);
        // The fifth attempt may have died before it could open the issue.
        if (!(await isKnown(deps, attempt))) await raiseAlarm(deps, attempt);
        throw locked;
      }
      if (await check()) return limits.forgive(personId);
      await bad({ deps, limits }, attempt, counted.isLast);
    },
  };
}

async function bad({ deps, limits }: { deps: ApiDeps; limits: SigningLimits }, attempt: SigningAttempt, isLast: boolean): Promise<never> {
  const failure = new Failure('bad_credentials', 'The credentials are not those of the signer.');
  const { personId } = attempt.caller;
  const ended = isLast ? await voidGrants(deps.store, { personId, at: deps.now() }) : 0;
  await keep(deps, attempt, ended === 0 ? failure : new Failure(failure.type, `${failure.message} Signing is locked, and ${String(ended)} grants given before are void.`));
  if (isLast) {
    await raiseAlarm(deps, attempt);
    await limits.lock(personId);
  }
  throw failure;
}

/** 401 and 429 are not among what the door writes down; of signing they are evidence. */
export async function keep(deps: ApiDeps, { caller, correlationId, route, address }: SigningAttempt, failure: Failure): Promise<void> {
  await recordBounded(deps.store, {
    recordId: `person/${caller.personId}`,
    actor: { kind: 'person', personId: caller.personId, name: caller.name, role: caller.memberships[0]?.role ?? 'none', organisationId: caller.organisationId },
    act: route, failureType: failure.type, reason: `${failure.message} (from ${address})`, correlationId, at: deps.now(),
  });
}

const dedupeKeyOf = (personId: string): string => `signing-lock/${personId}`;

/** Whether the signer's trouble has an open issue, or one on its way. */
async function isKnown({ store }: ApiDeps, { caller: { personId, organisationId } }: SigningAttempt): Promise<boolean> {
  const dedupeKey = dedupeKeyOf(personId);
  return (await openIssueOf(store, { organisationId, dedupeKey })) !== undefined || isOpening(store, dedupeKey);
}

/** The signer is locked all the same when the issue cannot be opened now; the next attempt tries again. */
async function raiseAlarm(deps: ApiDeps, attempt: SigningAttempt): Promise<void> {
  try {
    await openSecurityIssue(deps, attempt);
  } catch (err) {
    deps.logger.error({ err, correlationId: attempt.correlationId }, 'the security issue of a locked signer is not open yet');
  }
}

/** One open issue for each signer, however often they are locked: the same trouble again is noted on it. */
async function openSecurityIssue(deps: ApiDeps, { caller, correlationId, address }: SigningAttempt): Promise<void> {
  const { personId, name, organisationId } = caller;
  const request: OpenIssue = {
    topic: 'security', severity: 'critical', raisingOrganisationId: organisationId, accountableOrganisationId: organisationId,
    title: 'Signing is locked after five bad attempts', dedupeKey: dedupeKeyOf(personId),
    description: `Five attempts in a row to sign as ${name} (${personId}) failed, the last from ${address}. Signing as this person is locked for 15 minutes. `
      + 'Find out who tried: if it was not the person, end their sessions and have them set another password.',
  };
  const prepared = await prepareOpening(deps.store, {
    request, actor: { kind: 'system', name: 'signing', correlationId }, commandId: derivedCommandId(dedupeKeyOf(personId), randomUUID()), at: deps.now(),
  });
  if (!('fresh' in prepared)) return;
  const { command } = await receiveCommand(deps.store, prepared.fresh);
  // It is stored: what is not answered the sentinel sends again.
  await deliverCommand({ store: deps.store, now: deps.now, send: deps.gateway.send }, command, Math.min(OPEN_WITHIN_MS, deps.settings.answerWithinMs));
}
