const SCOPES = 'test/domain/policy/scope.test.ts';
const TENANCY = 'test/api/policyScopes.test.ts';

/** Rules about whose policies, calendars and slots are (issue: nobody decides for the other side). */
export const POLICIES = [
  {
    id: 'P14', breaks: 'a policy that binds two organisations counts with the signature of one',
    file: 'store/policyDrafts.ts', find: 'const isComplete = missingSignatures({ ...draft, approvals }).length === 0;', replace: 'const isComplete = true;', tests: [TENANCY],
  },
  {
    id: 'P14', breaks: 'everybody reads what two organisations agreed on',
    file: 'domain/policy/readers.ts', find: 'if (!organisationIds.includes(seat.organisationId)) return false;', replace: '', tests: [SCOPES],
  },
  {
    id: 'P14', breaks: 'an organisation\'s own policy binds what it has with others',
    file: 'domain/policy/scope.ts', find: "const together = ofParties(parties.length === 1 ? 'organisation' : 'pair', parties, null);", replace: "const together = ofParties('organisation', parties.slice(0, 1), null);", tests: [SCOPES],
  },
  {
    id: 'P19', breaks: 'a version that was signed earlier wins by its date over one signed later',
    file: 'domain/policy/inForce.ts', find: '(last && last.version > one.version ? last : one), undefined);\n}\n\n/** Versions to come', replace: '(last && last.effectiveFrom > one.effectiveFrom ? last : one), undefined);\n}\n\n/** Versions to come', tests: [SCOPES],
  },
  {
    id: 'P19', breaks: 'the same content is published again as a new version',
    file: 'domain/policy/draft.ts', find: "return { type: 'rule_broken', reason: `identical to version ${String(last.version)}: nothing would change` };", replace: 'return undefined;', tests: [TENANCY],
  },
  {
    id: 'E5', breaks: 'an organisation alone sets hours that stretch what it owes',
    file: 'domain/time/calendarNotice.ts', find: 'if (hours < LEAST_HOURS_A_WEEK) {', replace: 'if (hours < 0) {', tests: ['test/domain/time/calendarNotice.test.ts'],
  },
  {
    id: 'E5', breaks: 'a calendar that counts what is owed to others begins without notice',
    file: 'domain/time/calendarNotice.ts', find: 'const start = isUnused ? now : addBusinessDays(inForce, now, NOTICE_BUSINESS_DAYS);', replace: 'const start = now;', tests: ['test/domain/time/calendarNotice.test.ts'],
  },
  {
    id: 'E16', breaks: 'whoever owes a contact waives its slot',
    file: 'domain/control/rule.ts', find: 'return organisationId !== rule.organisationId || organisationIds.length === 1;', replace: 'return true;', tests: ['test/domain/control/machine.test.ts'],
  },
  {
    id: 'E16', breaks: 'whoever owes a contact is its only witness',
    file: 'domain/control/stated.ts', find: "return organisationIds.length > 1 && organisationId !== (slot?.stated", replace: "return organisationId !== '' || organisationId !== (slot?.stated", tests: ['test/domain/control/stated.test.ts'],
  },
  {
    id: 'E16', breaks: 'whoever stated a contact confirms it',
    file: 'domain/control/stated.ts', find: 'return organisationIds.length > 1 ? organisationId !== by.organisationId : personId !== by.personId;', replace: "return organisationIds.length > 0 && organisationId !== '' && personId !== '' && by.personId !== '';", tests: ['test/domain/control/stated.test.ts'],
  },
  {
    id: 'E16', breaks: 'a slot is stretched by stating contacts again and again',
    file: 'domain/control/stated.ts', find: '...(objections === 0 && { graceFrom: now })', replace: 'graceFrom: now', tests: ['test/domain/control/stated.test.ts'],
  },
  {
    id: 'S1.2', breaks: 'a CAPA comes in from a table under a topic that nobody has',
    file: 'domain/capaImport/place.ts', find: "if (fault !== undefined) cells.wrong('topic', fault);", replace: 'void fault;', tests: ['test/domain/capaImport/rows.test.ts'],
  },
  {
    id: 'S1.2', breaks: 'a policy whose key is nearly a topic counts for nothing, without a word',
    file: 'domain/topics/nearest.ts', find: "distance(key, topic) <= (key.length > 5 ? 2 : 1)", replace: 'distance(key, topic) <= 0', tests: ['test/domain/topics/nearest.test.ts'],
  },
  {
    id: 'E14', breaks: 'an issue does not say that its source sent a topic that nobody chose',
    file: 'store/issueOpening.ts', find: '...(topicUnknown && { topicUnknown }), ', replace: '', tests: ['test/api/topics.test.ts'],
  },
  {
    id: 'P14', breaks: 'a functional role approves for its organisation',
    file: 'domain/access/roles.ts', find: "const approving = row('- - y - y - - y - - - -');", replace: "const approving = row('- - y - y - - y - - - - y');", tests: ['test/domain/access/roles.test.ts'],
  },
];
