const SHELL_FILE = 'workflows/support/entity.ts';
const CRASH_POINTS = 'test/faults/crashPoints.test.ts';

/** Rules of the shell (docs/architecture.md) and of commit. Broken by a crash, most of them show by nothing else. */
export const SHELL = [
  {
    id: 'E6', breaks: 'a deadline fires although the act that it waited for was accepted before it',
    file: SHELL_FILE, find: 'const armed = this.#armed.find((other) => other.name === name && other.due === due);', replace: 'const armed: ArmedDeadline | undefined = deadline;',
    tests: [CRASH_POINTS],
  },
  {
    id: 'P3', breaks: 'a run that ends to go on as a new one takes further commands with it',
    file: SHELL_FILE, find: "if (this.#draining) throw refusal('continuing', 'between two runs, repeat', {});", replace: '', tests: [CRASH_POINTS],
  },
  {
    id: 'E2', breaks: 'a letter that may have been sent before a crash is sent again without saying so',
    file: 'store/noticeLedger.ts', find: 'possiblyRepeated: possiblyRepeated || failure === null,', replace: 'possiblyRepeated: possiblyRepeated && failure === null,', tests: [CRASH_POINTS],
  },
  {
    id: 'P10', breaks: 'two people acknowledge for one side: the second is judged by a state that is gone',
    file: SHELL_FILE, find: 'this.#throwIfRefused(input, at, earlier);\n', replace: '\n', tests: ['test/workflows/authority.test.ts'],
  },
  {
    id: 'E6', breaks: 'a run that goes on from another forgets its deadlines',
    file: SHELL_FILE, find: 'this.#armed = start.carried.armed;', replace: 'this.#armed = [];', tests: ['test/faults/continuing.test.ts'],
  },
  {
    id: 'P19', breaks: 'what a new release would have decided is written over what was recorded',
    file: 'store/records.ts', find: "if (follows !== undefined && before.stateHash !== follows && before.committed['state'] !== follows) throw", replace: 'if (follows === \'never\') throw', tests: ['test/workflows/restart.test.ts'],
  },
  {
    id: 'E3', breaks: 'the timer follows the first deadline and none that comes nearer',
    file: 'workflows/support/timer.ts', find: 'if (due === this.#due) return;', replace: 'if (due === this.#due || (this.#due !== undefined && due !== undefined && due < this.#due)) return;',
    tests: ['test/workflows/progress.test.ts'],
  },
  {
    id: 'E7', breaks: 'nobody hears that a level reached nobody',
    file: SHELL_FILE, find: '(this.#done ? undefined : this.#machine.settle(this.#state, outcome, at))', replace: '(this.#done || at !== \'\' ? undefined : this.#machine.settle(this.#state, outcome, at))',
    tests: ['test/workflows/people.test.ts'],
  },
  {
    id: 'P4', breaks: 'what a timer does is audited without the policy version that it followed',
    file: 'activities/commit.ts', find: 'policyVersion: capabilityRecord(capability).policyVersionOf(step.state)', replace: "policyVersion: capabilityRecord(capability) ? '' : step.rev",
    tests: ['test/workflows/authority.test.ts'],
  },
  {
    id: 'P11', breaks: 'an act is carried out for somebody who lost the right meanwhile',
    file: 'activities/commit.ts', find: 'if (named && mayAct({ memberships, act: named, record, now: request.at })) return undefined;', replace: 'if (named && record && memberships) return undefined;',
    tests: ['test/workflows/authority.test.ts'],
  },
  {
    id: 'P11', breaks: 'a right in one organisation serves for acting in the name of another',
    file: 'activities/commit.ts', find: 'filter((membership) => membership.organisationId === actor.organisationId);', replace: 'filter((membership) => membership.organisationId !== \'\');',
    tests: ['test/workflows/authority.test.ts'],
  },
  {
    id: 'E14', breaks: 'the same trigger twice is two issues',
    file: 'activities/commit.ts', find: "...(typeof state.dedupeKey === 'string' && { dedupeKey: state.dedupeKey }),", replace: '', tests: ['test/workflows/repeatedTrigger.test.ts'],
  },
  {
    id: 'E5', breaks: 'both sides\' business time is counted on one organisation\'s calendar',
    file: 'activities/commit.ts', find: 'const calendar = calendars.get(rule.organisationId);', replace: 'const calendar = [...calendars.values()].map((one) => ({ ...one, organisationId: rule.organisationId }))[0];', tests: ['test/workflows/ladder.test.ts'],
  },
];
