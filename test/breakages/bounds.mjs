/** Rules of what strangers, storms and slips of the finger may cost. */
export const BOUNDS = [
  {
    id: 'P19', breaks: 'a simulation counts deadlines of the year 10000',
    file: 'domain/simulation/bounds.ts', find: "if (!raisedAt || raisedAt < FIRST || raisedAt > LAST) throw", replace: 'if (!raisedAt) throw', tests: ['test/domain/simulation/bounds.test.ts'],
  },
  {
    id: 'E10', breaks: 'messages go to networks inside that carry an IPv4 address in an IPv6 one',
    file: 'platform/outboundNetworks.ts', find: "'::/96', '::ffff:0:0:0/96', ", replace: "'::1/128', ", tests: ['test/platform/webhooks.test.ts'],
  },
  {
    id: 'E10', breaks: 'a receiver that is down is tried for every notice of a storm',
    file: 'domain/notices/breaker.ts', find: 'if (failures < FAILURES_TO_OPEN) return null;', replace: 'if (failures >= 0) return null;', tests: ['test/domain/notices/breaker.test.ts'],
  },
  {
    id: 'P9', breaks: 'a password that stands in every list of breached ones is taken',
    file: 'platform/passwordStrength.ts', find: 'if (score >= LEAST_SCORE) return undefined;', replace: 'if (score >= 0) return undefined;', tests: ['test/platform/passwordStrength.test.ts'],
  },
  {
    id: 'P9', breaks: 'grants that were given before a lock-out still sign',
    file: 'api/commands/signingLock.ts', find: 'isLast ? await voidGrants(', replace: "attempt.address === '' ? await voidGrants(", tests: ['test/api/signingLock.test.ts'],
  },
  {
    id: 'B11', breaks: 'whoever knows its id cancels an upload of somebody else',
    file: 'api/routes/evidenceAccess.ts', find: 'if (!upload || !isOwn(caller, upload.openedBy)) throw notFound();', replace: 'if (!upload) throw notFound();', tests: ['test/api/evidence.test.ts'],
  },
  {
    id: 'P1', breaks: 'half a character reaches the trail, where no file and no hash takes it',
    file: 'contracts/texts.ts', find: "if (HALF.test(text)) return 'holds half of a character (a lone surrogate)';", replace: '', tests: ['test/contracts/texts.test.ts'],
  },
  {
    id: 'P14', breaks: 'an administrator tries as many addresses as they like, to learn who is here',
    file: 'store/addressProbes.ts', find: 'if (tally && tally.count >= TAKEN_AN_HOUR) throw', replace: 'if (tally && tally.count < 0) throw', tests: ['test/api/administration.test.ts'],
  },
  {
    id: 'P14', breaks: 'attempts of strangers leave a place in the stream of whom they tried',
    file: 'api/doorkeeper.ts', find: 'recordId: hidden ? `person/${caller.personId}` : subject,', replace: 'recordId: hidden && caller.name === subject ? `person/${caller.personId}` : subject,', tests: ['test/api/administration.test.ts'],
  },
  {
    id: 'P11', breaks: 'a person holds one role twice, so that ending one changes nothing',
    file: 'store/memberships.ts', find: 'await requireOnce(store, { held, except }, session);', replace: 'void except;', tests: ['test/api/administration.test.ts'],
  },
  {
    id: 'P10', breaks: 'a stranger fills the trail with refusals',
    file: 'store/refusalBounds.ts', find: 'if (count <= WRITTEN_AN_HOUR) {', replace: 'if (count > 0) {', tests: ['test/api/refusalBounds.test.ts'],
  },
  {
    id: 'P3', breaks: 'databases, mails and logs of an earlier start stay readable for everybody on the machine',
    file: 'dev/start/modes.mjs', find: 'chmodSync(path, mode & 0o700);', replace: 'chmodSync(path, mode);', tests: ['test/dev/modes.test.mjs'],
  },
];
