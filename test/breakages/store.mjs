const CHAIN = 'test/domain/audit/chain.test.ts';
const VERIFY = 'test/store/verify.test.ts';
const AUDIT_LOG = 'test/store/auditLog.test.ts';

/** Rules of what is kept: transactions, the audit trail, the ledgers, keys and clocks. */
export const STORE = [
  {
    id: 'P2', breaks: 'the hash of an audit entry does not cover its reason',
    file: 'domain/audit/chain.ts', find: "delete body['hash'];", replace: "delete body['hash'];\n  delete body['reason'];", tests: [CHAIN],
  },
  {
    id: 'P2', breaks: 'verification does not see that an entry was rewritten with a fresh hash',
    file: 'domain/audit/verify.ts', find: 'if (previous !== undefined && entry.prevHash !== previous) {', replace: 'if (previous === ZERO_HASH && entry.prevHash !== previous) {', tests: [CHAIN],
  },
  {
    id: 'P2', breaks: 'receipts that are kept elsewhere are not compared with the trail',
    file: 'store/verify.ts', find: 'await verifyReceipts(store, report, { receipts, streamIds });', replace: 'if (receipts.length < 0) await verifyReceipts(store, report, { receipts, streamIds });', tests: [VERIFY],
  },
  {
    id: 'P2', breaks: 'the end of a chain can be cut off: the record does not remember how long it was',
    file: 'store/verify.ts', find: 'await verifyRecordEnds(store, report, recordId);', replace: "if (recordId === '') await verifyRecordEnds(store, report, recordId);", tests: [VERIFY],
  },
  {
    id: 'P2', breaks: 'two writers of one stream write two entries with one number, or lose one',
    file: 'store/auditLog.ts', find: 'if (!isDuplicateKey(error) || attempt === APPEND_ATTEMPTS) throw error;', replace: 'throw error;', tests: [AUDIT_LOG],
  },
  {
    id: 'P3', breaks: 'the application\'s own database user may update the audit trail',
    file: 'store/privileges.ts', find: "append: [...READING, 'insert'],", replace: "append: [...READING, 'insert', 'update'],",
    tests: [AUDIT_LOG],
  },
  {
    id: 'P3', breaks: 'a process starts whose database user may remove from the audit trail',
    file: 'store/rightsGuard.ts', find: 'if (excess !== undefined) throw new RightsTooWide(database, excess);', replace: 'if (excess === \'\') throw new RightsTooWide(database, excess);',
    tests: ['test/store/privileges.test.ts'],
  },
  {
    id: 'P3', breaks: 'the application\'s own database user may remove records, people and commands',
    file: 'store/privileges.ts', find: "change: [...READING, 'insert', 'update'],", replace: "change: [...READING, 'insert', 'update', 'remove'],", tests: ['test/store/privileges.test.ts'],
  },
  {
    id: 'P3', breaks: 'the role of an earlier release, which could write everywhere, stays',
    file: 'store/databaseRole.ts', find: 'privileges, roles: [] });', replace: "privileges, roles: [{ role: 'readWrite', db: mainDatabase }] });", tests: ['test/store/privileges.test.ts'],
  },
  {
    id: 'P3', breaks: 'a change is written and its audit entry beside it, not with it',
    file: 'store/records.ts', find: 'await appendEntries(store, session, entries);', replace: 'await appendEntries(store, undefined, entries);', tests: [AUDIT_LOG],
  },
  {
    id: 'P3', breaks: 'a commit that is asked for again does not find its receipt',
    file: 'store/records.ts', find: 'if (receipt?.rev === rev) return {', replace: 'if (receipt?.rev === -1) return {', tests: [AUDIT_LOG],
  },
  {
    id: 'P3', breaks: 'the same Idempotency-Key with another body gets the answer of the first',
    file: 'store/commands.ts', find: 'requireSameBody(stored, command.bodyHash);', replace: '', tests: ['test/store/commands.test.ts'],
  },
  {
    id: 'E6', breaks: 'the ledger of deadlines takes the instant of the step for the instant at which it was recorded',
    file: 'store/records.ts', find: 'recordedLateByMs: Math.max(0, epochMsOf(recordedAt) - epochMsOf(deadline.due))', replace: 'recordedLateByMs: deadline.lateByMs', tests: ['test/store/lateness.test.ts'],
  },
  {
    id: 'E8', breaks: 'a notice that may have been sent before is sent again without saying so',
    file: 'store/noticeLedger.ts', find: 'const unknown = before.attempts > 0 && before.failure === null;', replace: 'const unknown = before.attempts < 0;', tests: ['test/activities/deliverHeld.test.ts'],
  },
  {
    id: 'E9', breaks: 'a delegate is told also when the delegation is over',
    file: 'store/delegations.ts', find: ', from: { $lte: at }, until: { $gt: at } })', replace: ', from: { $lte: at } })', tests: ['test/workflows/people.test.ts'],
  },
  {
    id: 'E10', breaks: 'a contact whose channel fails for good is not told by its fallback',
    file: 'domain/notices/routes.ts', find: '[contact.channel, ...(contact.fallback ? [contact.fallback] : [])]', replace: '[contact.channel]', tests: ['test/activities/telling.test.ts'],
  },
  {
    id: 'E15', breaks: 'drills are counted among the lateness figures',
    file: 'store/records.ts', find: 'if (record.drill) return [];', replace: '', tests: ['test/store/lateness.test.ts'],
  },
  {
    id: 'P7', breaks: 'a grant that a restored copy shows as unused signs a second time',
    file: 'store/signatures.ts', find: 'usedAt: isSigned ? at : found.usedAt }', replace: 'usedAt: isSigned ? found.usedAt : found.usedAt }', tests: ['test/store/signatures.test.ts'],
  },
  {
    id: 'P12', breaks: 'a signed message of a source may be replayed',
    file: 'store/nonces.ts', find: 'if (isDuplicateKey(error)) return false;', replace: 'if (isDuplicateKey(error)) return true;', tests: ['test/store/nonces.test.ts'],
  },
  {
    id: 'P18', breaks: 'a clock that runs ahead of the database\'s is trusted',
    file: 'platform/clock.ts', find: 'return Math.abs(driftMs) <= CLOCK_DRIFT_LIMIT_MS;', replace: 'return driftMs <= CLOCK_DRIFT_LIMIT_MS;', tests: ['test/platform/clock.test.ts'],
  },
  {
    id: 'B11', breaks: 'the chunks of an evidence file can be put in another order',
    file: 'platform/fileCipher.ts', find: "Buffer.from(JSON.stringify(['evidence', id, n, frames]))", replace: "Buffer.from(JSON.stringify(['evidence', id, n - n, frames]))", tests: ['test/platform/fileCipher.test.ts'],
  },
];
