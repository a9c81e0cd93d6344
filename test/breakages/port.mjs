/** What reaches the engine without the key ring (decision 018). */
export const PORT = [
  {
    id: 'P12', breaks: 'a payload that nobody encrypted is taken for one of ours',
    file: 'platform/payloadCodec.ts', find: "!== ENCRYPTED) return refused('plain');", replace: '!== ENCRYPTED) return payload;', tests: ['test/platform/payloadCodec.test.ts'],
  },
  {
    id: 'P12', breaks: 'a payload of one record serves on another',
    file: 'platform/payloadCodec.ts', find: "sealedFor !== runOf(context)) return refused('foreign');", replace: "sealedFor === 'never') return refused('foreign');", tests: ['test/platform/payloadCodec.test.ts'],
  },
  {
    id: 'P11', breaks: 'a command that was changed in the database is carried out',
    file: 'store/commandAuthenticity.ts', find: "return checked === 'good' ? undefined", replace: "return checked !== undefined ? undefined", tests: ['test/store/commands.test.ts'],
  },
  {
    id: 'E6', breaks: 're-sending after a storm has no end',
    file: 'store/commandResending.ts', find: 'if (isOver()) return;', replace: '', tests: ['test/store/commands.test.ts'],
  },
  {
    id: 'P12', breaks: 'a run that somebody holds up at the engine stays so',
    file: 'activities/mendRuns.ts', find: '!run || stands ? await', replace: '!run && stands ? await', tests: ['test/e2e/sabotage.test.ts'],
  },
  {
    id: 'P12', breaks: 'a run that somebody ended at the engine alarms nobody',
    file: 'activities/mendRuns.ts', find: "=== 'foreign')", replace: "=== 'ended')", tests: ['test/e2e/sabotage.test.ts'],
  },
  {
    id: 'P12', breaks: 'whoever says that a commit was cancelled is believed',
    file: 'workflows/support/answers.ts', find: "!(error instanceof ActivityFailure) ||", replace: "!(error instanceof ActivityFailure) || error.cause?.name === 'CancelledFailure' ||", tests: ['test/e2e/sabotage.test.ts'],
  },
  {
    id: 'P12', breaks: 'an activity that somebody paused is waited for',
    file: 'platform/obstacles.ts', find: 'if (paused === true || PAUSED.includes(state)) return', replace: 'if (paused === true && state === undefined) return', tests: ['test/platform/obstacles.test.ts'],
  },
  {
    id: 'P3', breaks: 'an act that was done is refused, because the run that was made anew does not know it',
    file: 'store/commandDelivery.ts', find: 'if (await isCarriedOut(deps, command)) return accepted(deps, command);\n    return error', replace: 'return error', tests: ['test/store/commands.test.ts'],
  },
  {
    id: 'E6', breaks: 'slow letters take the slots of commits',
    file: 'workflows/support/activities.ts', find: ', taskQueue: effectsQueueOf(workflowInfo().taskQueue)', replace: '', tests: ['test/e2e/slowEffects.test.ts'],
  },
];
