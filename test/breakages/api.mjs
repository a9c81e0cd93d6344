/** Rules of the door: who is let in, what is hidden, what is kept of who was not. */
export const API = [
  {
    id: 'P1', breaks: 'a change of a person is audited without what was there before',
    file: 'store/administration.ts', find: '.map((leaf): AuditDraft => ({ ...common, ...leaf }));', replace: '.map(({ old: _old, ...leaf }): AuditDraft => ({ ...common, ...leaf }));', tests: ['test/api/administration.test.ts'],
  },
  {
    id: 'P7', breaks: 'an API token signs',
    file: 'api/commands/signing.ts', find: "if (caller.credential.kind !== 'session') throw", replace: "if (caller.credential.kind === undefined) throw", tests: ['test/api/signing.test.ts'],
  },
  {
    id: 'P7', breaks: 'a stolen session acts with a grant that was given in another one',
    file: 'store/signatures.ts', find: "return grant.sessionId === sessionId ? undefined : 'other_session';", replace: 'return sessionId === \'\' ? \'other_session\' : undefined;', tests: ['test/api/signing.test.ts'],
  },
  {
    id: 'P8', breaks: 'the address of somebody who left is given to somebody else',
    file: 'store/migrations/20261122000000-foundation.ts', find: 'people: [{ key: { email: 1 }, unique: true },', replace: 'people: [{ key: { email: 1 } },', tests: ['test/api/administration.test.ts'],
  },
  {
    id: 'P9', breaks: 'five bad attempts to sign lock nobody and alarm nobody',
    file: 'api/commands/signingLock.ts', find: '  if (isLast) {', replace: '  if (isLast && attempt.address === \'\') {', tests: ['test/api/signingLock.test.ts'],
  },
  {
    id: 'P10', breaks: 'a refused act leaves no trace',
    file: 'store/commandRefusals.ts', find: 'if (answered.first) await keep(store, evidence && { ...evidence, command }, session);', replace: 'if (!answered.answer) await keep(store, evidence && { ...evidence, command }, session);', tests: ['test/e2e/commandPath.test.ts'],
  },
  {
    id: 'P11', breaks: 'whoever was deactivated stays signed in',
    file: 'store/people.ts', find: 'await endCredentials(store, { personId: id, at: by.at, session });\n    const open', replace: 'const open', tests: ['test/api/administration.test.ts'],
  },
  {
    id: 'P12', breaks: 'a message of a source counts whatever its signature',
    file: 'api/hooks/authentic.ts', find: "if (!matches.includes(true)) throw new NotAuthentic('the signature does not verify');", replace: '', tests: ['test/api/hooks.test.ts'],
  },
  {
    id: 'P12', breaks: 'a signed message counts for ever',
    file: 'api/hooks/authentic.ts', find: 'if (Math.abs(epochMsOf(now) - signedAtS * 1000) > SIGNATURE_TOLERANCE_MS)', replace: 'if (epochMsOf(now) < 0)', tests: ['test/api/hooks.test.ts'],
  },
  {
    id: 'P14', breaks: 'an issue of somebody else is 403, which says that there is one',
    file: 'api/commands/actOnIssue.ts', find: 'if (!issue || !viewerOf(issue, { memberships: caller.memberships, now: deps.now() }))', replace: 'if (!issue || deps.now() === caller.name)', tests: ['test/e2e/commandPath.test.ts'],
  },
  {
    id: 'P14', breaks: 'an issue is linked to a record that is not shared with whoever links it',
    file: 'api/commands/actOnIssue.ts', find: "if (!seen) throw broken('recordId', 'no such record among those shared with you');", replace: 'if (!other || seen === undefined) return;', tests: ['test/api/issues.test.ts'],
  },
  {
    id: 'P14', breaks: 'the attempt of a stranger is told to those whose record it was',
    file: 'api/doorkeeper.ts', find: '...(hidden && { visibleTo: [caller.organisationId] }),', replace: '', tests: ['test/api/administration.test.ts'],
  },
  {
    id: 'P14', breaks: 'an issue that is shared with two sponsors shows each the other',
    file: 'domain/records/issueView.ts', find: 'return isParty ? state.shares :', replace: 'return isParty || organisationIds.length > 0 ? state.shares :', tests: ['test/e2e/commandPath.test.ts'],
  },
  {
    id: 'P17', breaks: 'a hold on a study does not cover the evidence of its records',
    file: 'store/legalHolds.ts', find: ', { studyId: { $in: studyIds } }] }', replace: '] }', tests: ['test/api/legalHolds.test.ts'],
  },
  {
    id: 'P19', breaks: 'who wrote a draft of a policy publishes it',
    file: 'domain/policy/draft.ts', find: 'return authorIds.includes(at.actor.personId) ?', replace: "return authorIds.includes('') ?", tests: ['test/api/policyDrafts.test.ts'],
  },
];
