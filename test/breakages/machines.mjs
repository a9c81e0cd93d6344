const LADDER = 'test/domain/escalation/ladder.test.ts';
const RESOLUTION = 'test/domain/escalation/resolution.test.ts';
const ACTS = 'test/domain/escalation/acts.test.ts';
const DUTIES = 'test/domain/escalation/duties.test.ts';
const CAPA_TABLE = 'test/domain/capa/table.test.ts';
const CAPA_STORY = 'test/domain/capa/story.test.ts';
const CAPA_STAGES = 'test/domain/capa/stages.test.ts';

/** Rules of the machines: pure functions in domain/. */
export const MACHINES = [
  {
    id: 'E1', breaks: 'a row of the communication matrix takes effect with one organisation\'s approval',
    file: 'domain/matrix/proposal.ts',
    find: 'const complete = missingApprovals({ ...proposal, approvals }).length === 0;', replace: 'const complete = approvals.length > 0;',
    tests: ['test/domain/matrix/proposal.test.ts'],
  },
  {
    id: 'E1', breaks: 'who wrote a row of the matrix may approve it',
    file: 'domain/signature/agreement.ts',
    find: "if (agreement.authorIds.includes(personId)) return refused('separation_of_duties', 'who wrote or proposed it does not approve it');", replace: '',
    tests: ['test/domain/matrix/proposal.test.ts'],
  },
  {
    id: 'E2', breaks: 'a ladder leaves every second level out',
    file: 'domain/escalation/plan.ts', find: 'return { level: at.level + 1, round: at.round };', replace: 'return { level: at.level + 2, round: at.round };', tests: [LADDER],
  },
  {
    id: 'E3', breaks: 'acknowledging counts as progress: nothing is owed after it',
    file: 'domain/escalation/acts.ts', find: 'else armProgress(draft, own, now);\n    settleStatus(draft);', replace: 'settleStatus(draft);', tests: [LADDER],
  },
  {
    id: 'E4', breaks: 'a ladder goes round once more often than was agreed',
    file: 'domain/escalation/plan.ts', find: 'at.round <= ladder.repeats ?', replace: 'at.round <= ladder.repeats + 1 ?', tests: [LADDER],
  },
  {
    id: 'E4', breaks: 'an exhausted issue sleeps without a review deadline',
    file: 'domain/escalation/climb.ts', find: 'draft.set({ underReview: true });\n    armReview(draft, now);', replace: 'draft.set({ underReview: true });', tests: [LADDER],
  },
  {
    id: 'E5', breaks: 'holidays count as working time',
    file: 'domain/time/workingTime.ts', find: 'if (holidays.has(day)) return NOT_WORKED;', replace: '', tests: ['test/domain/time/businessTime.test.ts'],
  },
  {
    id: 'E5', breaks: 'a business day added on a day off counts from that day',
    file: 'domain/time/businessTime.ts', find: 'if (!worksOn(Math.floor(localMs / DAY_MS))) localMs = localMsOf(calendar.zone, nextOpening(calendar, from));', replace: '',
    tests: ['test/domain/time/businessTime.test.ts'],
  },
  {
    id: 'E6', breaks: 'a deadline that fires late is written down as on time',
    file: 'domain/ended.ts', find: 'const lateByMs = Math.max(0, epochMsOf(at) - epochMsOf(deadline.due));', replace: 'const lateByMs = 0;', tests: ['test/domain/ended.test.ts'],
  },
  {
    id: 'E6', breaks: 'a deadline that an act overtook is written down as met',
    file: 'domain/ended.ts', find: "overdue ? 'missed' : actOutcome(deadline)", replace: 'actOutcome(deadline)', tests: [LADDER],
  },
  {
    id: 'E7', breaks: 'a level without anybody waits for its time like any other',
    file: 'domain/escalation/machine.ts', find: "if (outcome.outcome === 'done') return undefined;", replace: 'if (outcome.intent !== \'\') return undefined;', tests: [LADDER],
  },
  {
    id: 'E7', breaks: 'a ladder without anybody on any level spins through its rounds',
    file: 'domain/escalation/climb.ts', find: 'if (!rung || skipped >= ladder.levels.length) exhaust(', replace: 'if (!rung) exhaust(', tests: [LADDER],
  },
  {
    id: 'E8', breaks: 'quiet hours hold back what is critical',
    file: 'domain/notices/timing.ts', find: "if (notice.severity === 'critical' || preferences === undefined) return NOW;", replace: 'if (preferences === undefined) return NOW;',
    tests: ['test/domain/notices/timing.test.ts'],
  },
  {
    id: 'E9', breaks: 'anybody of a side may accept what was handed over to one person',
    file: 'domain/escalation/refuse.ts',
    find: "return own.handOver.toId === actor.personId ? undefined : no('not_permitted', 'only the person it is handed to may accept');", replace: 'return actor.personId === undefined ? no(\'not_permitted\', \'\') : undefined;',
    tests: [DUTIES],
  },
  {
    id: 'E9', breaks: 'a hand-over counts before it is accepted',
    file: 'domain/escalation/acts.ts', find: 'setTrack(draft, own.side, { handOver: { fromId: own.assigneeId ?? personId, toId: body.toPersonId } });',
    replace: 'setTrack(draft, own.side, { assigneeId: body.toPersonId, handOver: { fromId: own.assigneeId ?? personId, toId: body.toPersonId } });', tests: [DUTIES],
  },
  {
    id: 'E10', breaks: 'health information goes out by a channel that its row does not allow',
    file: 'domain/notices/routes.ts', find: 'if (!phiChannels.includes(channel)) return `the matrix row may hold health information, and does not allow ${channel} for it`;', replace: '',
    tests: ['test/domain/notices/routes.test.ts'],
  },
  {
    id: 'E11', breaks: 'a filing record shows the other organisation\'s addresses',
    file: 'domain/notices/filing.ts', find: 'address: organisationIds.includes(organisationId) ? address : masked(address),', replace: 'address,',
    tests: ['test/domain/notices/filing.test.ts'],
  },
  {
    id: 'E12', breaks: 'the acknowledgement of one side stops the other side\'s ladder too',
    file: 'domain/escalation/acts.ts', find: 'draft.disarm(deadlines.acknowledge(own.side));',
    replace: "draft.disarm('ack/*');\n    for (const track of draft.state.tracks) setTrack(draft, track.side, { status: 'acknowledged' });", tests: [RESOLUTION],
  },
  {
    id: 'E13', breaks: 'the side that resolved an issue confirms it itself',
    file: 'domain/escalation/refuse.ts', find: "if (actor.organisationId !== state.raisingOrganisationId) return no('not_permitted', 'only the raising side confirms');", replace: '',
    tests: [RESOLUTION],
  },
  {
    id: 'E13', breaks: 'a rejected issue re-opens at its first level',
    file: 'domain/escalation/acts.ts', find: "tellLevel(draft, 'accountable', { level: accountable.level, round: accountable.round, now, reason: 'rejected' });",
    replace: "tellLevel(draft, 'accountable', { level: 1, round: 1, now, reason: 'rejected' });", tests: [RESOLUTION],
  },
  {
    id: 'E13', breaks: 'an issue that nobody confirms closes by itself',
    file: 'domain/escalation/lapses.ts', find: "tellLevel(draft, side, { level: 1, round: 1, now, reason: 'confirmation_late' });", replace: "tellLevel(draft, side, { level: 1, round: 1, now, reason: 'confirmation_late' });\n    draft.set({ status: 'closed' }).done();",
    tests: [RESOLUTION],
  },
  {
    id: 'E14', breaks: 'every message of a source opens an issue of its own',
    file: 'domain/hooks/decide.ts', find: "if (!issue) return status === 'firing' ? 'open' : 'nothing_open';", replace: "if (!issue || status === 'firing') return status === 'firing' ? 'open' : 'nothing_open';",
    tests: ['test/domain/hooks/decide.test.ts'],
  },
  {
    id: 'E15', breaks: 'a fire drill\'s issue goes on when its drill is over',
    file: 'domain/drill/machine.ts', find: 'if (issue?.recordId) draft.effect(', replace: 'if (issue?.recordId === \'\') draft.effect(', tests: ['test/domain/drill/machine.test.ts'],
  },
  {
    id: 'E16', breaks: 'silence is chased and never becomes an issue',
    file: 'domain/control/machine.ts', find: 'raiseSilence(draft, slot, { due, now });\n', replace: '', tests: ['test/domain/control/machine.test.ts'],
  },
  {
    id: 'P5', breaks: 'a signature is shown in the zone of the server, not of the signer',
    file: 'domain/signature/shown.ts', find: 'toZonedDateTimeISO(zone)', replace: "toZonedDateTimeISO(zone === '' ? zone : 'UTC')", tests: ['test/domain/signature/grant.test.ts'],
  },
  {
    id: 'P6', breaks: 'a signature stands for what was changed after it',
    file: 'domain/signature/standing.ts', find: ' && contentHashOf(signable.content) === signature.contentHash;', replace: ';', tests: ['test/domain/signature/grant.test.ts'],
  },
  {
    id: 'P7', breaks: 'a signing grant works after it has expired',
    file: 'domain/signature/grant.ts', find: "if (at >= grant.expiresAt) return 'expired';", replace: '', tests: ['test/domain/signature/grant.test.ts'],
  },
  {
    id: 'P7', breaks: 'another session of the signer goes on with the password alone',
    file: 'domain/signature/session.ts', find: 'last?.sessionId === sessionId ?', replace: 'last !== undefined ?', tests: ['test/domain/signature/rules.test.ts'],
  },
  {
    id: 'P10', breaks: 'one person cancels an issue alone',
    file: 'domain/escalation/refuse.ts', find: "if (state.cancellation.by === actor.personId) return no('separation_of_duties', 'a cancellation needs a second person');", replace: '', tests: [RESOLUTION],
  },
  {
    id: 'P10', breaks: 'a closed issue takes further acts',
    file: 'domain/escalation/refuse.ts', find: 'if (isOver(state)) return wrongState(', replace: "if (isOver(state) && command.act === 'confirm') return wrongState(", tests: [ACTS],
  },
  {
    id: 'P11', breaks: 'the duty of a person who left stays with them',
    file: 'domain/escalation/duties.ts', find: "giveTo(draft, track, { personId: deputyId, action: 'duty.reassigned', reason });", replace: '', tests: [DUTIES],
  },
  {
    id: 'P14', breaks: 'a record is listed to organisations that have no share of it',
    file: 'domain/access/ability.ts', find: "if (act === 'see') return [{ visibleTo: organisationId }];", replace: "if (act === 'see') return [{}];", tests: ['test/domain/access/roles.test.ts'],
  },
  {
    id: 'P14', breaks: 'who holds a summary sees the whole',
    file: 'domain/access/ability.ts', find: "? 'whole' : 'summary';", replace: "? 'whole' : 'whole';", tests: ['test/domain/access/roles.test.ts'],
  },
  {
    id: 'P14', breaks: 'the timeline shows entries that are meant for another organisation',
    file: 'domain/timeline/timeline.ts', find: 'const facts = input.facts.filter((fact) => mayRead(fact, input.reader)).toSorted(', replace: 'const facts = input.facts.toSorted(', tests: ['test/domain/timeline/timeline.test.ts'],
  },
  {
    id: 'P17', breaks: 'a legal hold is not what keeps evidence',
    file: 'domain/evidence/retention.ts', find: 'if (hold !== undefined) return', replace: "if (hold === '') return", tests: ['test/domain/evidence/retention.test.ts'],
  },
  {
    id: 'P19', breaks: 'regrading forgets the plan that was in force before',
    file: 'domain/escalation/acts.ts', find: 'draft.set({ plans: [...plans, plan] });', replace: 'draft.set({ plans: [plan] });', tests: [ACTS],
  },
  {
    id: 'P19', breaks: 'the accountable side moves its issue to a milder version of the policy',
    file: 'domain/escalation/refuse.ts', find: "if (actor.organisationId !== state.raisingOrganisationId) return no('not_permitted', 'only the raising side moves an issue to another version');", replace: '',
    tests: ['test/domain/simulation/replanning.test.ts'],
  },
  {
    id: 'Q1', breaks: 'a CAPA skips a state',
    file: 'domain/capa/refuse.ts', find: 'if (!FITS_IN[command.act].includes(state.status)) return', replace: "if (state.number === '') return", tests: [CAPA_TABLE],
  },
  {
    id: 'Q2', breaks: 'a CAPA says of an issue that it is an audit finding',
    file: 'domain/capa/source.ts', find: 'FITTING[type]?.includes(kind) ?? true', replace: "FITTING[type]?.includes('escalation') ?? kind !== undefined", tests: ['test/domain/capa/joined.test.ts'],
  },
  {
    id: 'Q4', breaks: 'an implementation is verified though nobody looked whether the actions did harm elsewhere',
    file: 'domain/capa/submissions.ts', find: 'return state.adverseCheck?.finding == null ?', replace: 'return state.adverseCheck === undefined ?', tests: [CAPA_STORY],
  },
  {
    id: 'Q3', breaks: '"human error" alone is a root cause',
    file: 'domain/capa/rootCause.ts', find: 'return systemCauses(rootCause).length === 0 ?', replace: 'return categories.length === 0 ?', tests: ['test/domain/capa/rootCause.test.ts'],
  },
  {
    id: 'Q5', breaks: 'a plan is submitted that does not say how its effect will be seen',
    file: 'domain/capa/plan.ts', find: "if (!effectiveness) return broken('there is no effectiveness plan');", replace: 'if (!effectiveness) return undefined;', tests: [CAPA_STORY],
  },
  {
    id: 'Q6', breaks: 'the monitoring window runs from when somebody starts it, not from the verified implementation',
    file: 'domain/capa/decisions.ts', find: "moveTo(draft, 'implementation_verified');\n  armMonitoring(draft, now);", replace: "moveTo(draft, 'implementation_verified');", tests: [CAPA_STORY],
  },
  {
    id: 'Q7', breaks: 'a CAPA that was not effective is closed',
    file: 'domain/capa/decisions.ts', find: "if (result.outcome === 'ineffective') { nextIteration(draft, { outcome: 'ineffective', now }); return; }", replace: '', tests: [CAPA_STORY],
  },
  {
    id: 'Q8', breaks: 'a due date is extended as often as one asks',
    file: 'domain/capa/extensions.ts', find: 'if (granted(state, asked.deadline) >= MOST_EXTENSIONS)', replace: 'if (granted(state, asked.deadline) > 99)', tests: [CAPA_STAGES],
  },
  {
    id: 'Q9', breaks: 'who carries out an action verifies it',
    file: 'domain/capa/rules.ts', find: "return own ? no('separation_of_duties', 'who carries out an action cannot verify it') : undefined;", replace: 'return own ? undefined : undefined;', tests: [CAPA_TABLE],
  },
  {
    id: 'Q10', breaks: 'one organisation\'s quality signs for both',
    file: 'domain/capa/seats.ts', find: "(state.sponsorImpact === 'affected' ? partiesOf(state) : [state.accountableOrganisationId]);", replace: '[state.accountableOrganisationId];', tests: [CAPA_STORY, CAPA_TABLE],
  },
  {
    id: 'Q11', breaks: 'a critical CAPA has the time of a major one',
    file: 'domain/capa/stages.ts', find: 'state.policy.timings[state.severity];', replace: "state.policy.timings[state.severity === 'critical' ? 'major' : state.severity];", tests: [CAPA_STAGES],
  },
  {
    id: 'Q12', breaks: 'a CAPA stage that passes its date stays a date in a list',
    file: 'domain/capa/lapses.ts', find: 'missedAt: running.missedAt ?? now });\n    openIssue(draft, deadline);', replace: 'missedAt: running.missedAt ?? now });', tests: [CAPA_STAGES],
  },
  {
    id: 'Q14', breaks: 'the effectiveness check of a major CAPA is waived',
    file: 'domain/capa/proposals.ts', find: "(severity === 'minor' ? undefined", replace: "(severity !== 'critical' ? undefined", tests: [CAPA_STORY],
  },
  {
    id: 'Q15', breaks: 'an extended CAPA counts as on time against its original date',
    file: 'domain/capaMetrics/obligations.ts', find: "const due = against === 'original' ? owed.originalDue : owed.due;", replace: 'const due = owed.due;', tests: ['test/domain/capaMetrics/measure.test.ts'],
  },
  {
    id: 'Q16', breaks: 'triage is left without an answer on serious breach',
    file: 'domain/capa/rules.ts', find: 'return state.seriousBreach ?? command.body.seriousBreach ? undefined', replace: 'return state.number ? undefined', tests: [CAPA_STORY],
  },
  {
    id: 'S1.1', breaks: 'a contact without a deputy routes notices',
    file: 'domain/matrix/checkRow.ts', find: "if (id === undefined) errors.push({ field: at(field), message: 'missing: somebody must stand in' });", replace: 'if (id === undefined) continue;',
    tests: ['test/domain/matrix/checkRow.test.ts'],
  },
  {
    id: 'S1.4', breaks: 'a filing record does not say where it belongs',
    file: 'domain/notices/filing.ts', find: 'filing: row?.filing ? { ...row.filing } : null,', replace: 'filing: row && null,', tests: ['test/domain/notices/filing.test.ts'],
  },
  {
    id: 'S1.9', breaks: 'the channel of everybody is chosen before the one of the study',
    file: 'domain/notices/channelMap.ts', find: 'specificity(b) - specificity(a)', replace: 'specificity(a) - specificity(b)', tests: ['test/domain/notices/routes.test.ts'],
  },
];
