const SIGNED = 'test/domain/capa/signedActs.test.ts';
const EFFECT = 'test/domain/capa/effect.test.ts';
const OWNERS = 'test/domain/capa/owners.test.ts';
const DEEDS = 'test/domain/capa/deeds.test.ts';
const JOINED = 'test/domain/capa/joined.test.ts';
const IMPORTED = 'test/domain/capa/imported.test.ts';

/** Whose the parts of a CAPA are, who signs what, and what "effective" rests on. */
export const CAPA_RULES = [
  {
    id: 'Q2', breaks: 'the accused side rewrites the problem that the raising side stated',
    file: 'domain/capa/owners.ts', find: "  const blank = section === 'problem'", replace: "  if (section === 'problem') return true;\n  const blank = section === 'problem'", tests: [OWNERS],
  },
  {
    id: 'P14', breaks: 'what one organisation stated another one rewrites',
    file: 'domain/capa/sections.ts', find: 'const foreign = earlier ? undefined :', replace: 'const foreign = earlier || given.length > 0 ? undefined :', tests: [OWNERS],
  },
  {
    id: 'Q11', breaks: 'the side that a finding binds chooses its severity',
    file: 'domain/capa/rules.ts', find: 'if (!earlier && !isRaising) return', replace: 'if (!earlier && !isRaising && severity === state.severity) return', tests: ['test/domain/capa/stages.test.ts'],
  },
  {
    id: 'Q16', breaks: 'the sponsor does not hear that somebody said "no serious breach" of a grave CAPA',
    file: 'domain/capa/breach.ts', find: "isYes || severity !== 'minor'", replace: 'isYes', tests: [SIGNED],
  },
  {
    id: 'Q16', breaks: 'the accountable side takes a serious breach back',
    file: 'domain/capa/rules.ts', find: "return body.answer === 'yes' || state.seriousBreach === null || isSponsors", replace: "return body.answer !== 'maybe' || isSponsors", tests: [SIGNED],
  },
  {
    id: 'Q16', breaks: 'a CAPA is cancelled while the report of a serious breach is owed',
    file: 'domain/capa/proposals.ts', find: '(!earlier && isReportOwed(state) ?', replace: '(earlier && isReportOwed(state) ?', tests: [SIGNED],
  },
  {
    id: 'Q11', breaks: 'what a regrading replaced is forgotten',
    file: 'domain/capa/regrading.ts', find: 'before: body.running ?? [] }] });', replace: 'before: [] }] });', tests: [SIGNED],
  },
  {
    id: 'P6', breaks: 'a signature does not cover what the act says',
    file: 'domain/capa/worded.ts', find: 'iteration, ...part, said, evidence:', replace: 'iteration, ...part, evidence:', tests: [SIGNED],
  },
  {
    id: 'Q7', breaks: 'a closed CAPA is opened again without a reason',
    file: 'domain/capa/rules.ts', find: "notOwner(asked) ?? (body.reason === undefined ? no('rule_broken', 'no recurrence waits", replace: "notOwner(asked) ?? (body.reason === '' ? no('rule_broken', 'no recurrence waits", tests: [SIGNED],
  },
  {
    id: 'Q5', breaks: 'a CAPA is effective on fewer observations than its plan asks for',
    file: 'domain/capa/measured.ts', find: 'if (count < planned)', replace: 'if (count < 0)', tests: [EFFECT],
  },
  {
    id: 'Q5', breaks: 'the figure that a command brings is believed',
    file: 'activities/capabilities.ts', find: "return canonicalText(again) === canonicalText(measurement) ?", replace: "return again !== undefined ?", tests: ['test/store/effectMeasurement.test.ts'],
  },
  {
    id: 'Q5', breaks: 'one side alone calls effective what missed its goal',
    file: 'domain/capa/measured.ts', find: 'withoutDeviation(state).length === 0) return undefined;', replace: 'withoutDeviation(state).length < partiesOf(state).length) return undefined;', tests: [EFFECT],
  },
  {
    id: 'Q5', breaks: 'a deviation is signed for the result that comes after it, too',
    file: 'domain/capa/acts.ts', find: 'if (body.result && draft.state.deviations !== undefined) draft.set({ deviations: [] });', replace: '', tests: [EFFECT],
  },
  {
    id: 'Q5', breaks: 'a second recurrence in a week counts for another week',
    file: 'domain/capa/measured.ts', find: 'return { numerator: weeks - hit.size, denominator: weeks };', replace: 'return { numerator: weeks - came.length, denominator: weeks };', tests: [EFFECT],
  },
  {
    id: 'Q5', breaks: "contacts of other organisations count for a CAPA's effect",
    file: 'store/effectMeasurement.ts', find: "capability: 'control', raisingOrganisationId: { $in: parties }, accountableOrganisationId: { $in: parties },", replace: "capability: 'control',", tests: ['test/store/effectMeasurement.test.ts'],
  },
  {
    id: 'S2.12', breaks: 'drills that failed count as passed',
    file: 'domain/capa/measured.ts', find: 'numerator: named.filter(({ met }) => met).length', replace: 'numerator: named.length', tests: ['test/domain/capaTemplates/templates.test.ts'],
  },
  {
    id: 'S2.18', breaks: 'a template says no goal as a figure',
    file: 'domain/capaTemplates/sections.ts', find: 'intendedSource: _intended, ...measured }', replace: 'intendedSource: _intended, goal: _goal, ...measured }', tests: ['test/domain/capaTemplates/templates.test.ts'],
  },
  {
    id: 'P15', breaks: 'the report does not say what was measured',
    file: 'domain/capaReport/documentIterations.ts', find: '...figure(found), ', replace: '', tests: ['test/domain/capaReport/report.test.ts'],
  },
  {
    id: 'Q2', breaks: 'the accountable side opens a CAPA that makes less of what was raised',
    file: 'domain/capa/source.ts', find: 'rank(asked) < rank(stated)', replace: 'rank(asked) < -1', tests: ['test/domain/capa/source.test.ts'],
  },
  {
    id: 'Q2', breaks: 'a CAPA from an issue is not compared with it',
    file: 'api/commands/capaSource.ts', find: "const errors = source.stated ? softened(asked, source.stated, byOrganisationId) : [];", replace: 'const errors = source.stated ? softened(asked, source.stated, source.stated.raisingOrganisationId) : [];', tests: ['test/api/capaJoined.test.ts'],
  },
  {
    id: 'Q16', breaks: 'an old serious breach never gets a clock',
    file: 'domain/capa/rules.ts', find: "(body.answer === 'no' || state.breachReport)", replace: "body.answer.length > 0", tests: ['test/domain/capa/signedActs.test.ts'],
  },
  {
    id: 'Q10', breaks: 'a table of the accountable side says that the sponsor is not affected',
    file: 'domain/capa/imported.ts', find: "!isStrict && isElsewhere('not_affected')", replace: "isElsewhere('not_affected')", tests: [IMPORTED],
  },
  {
    id: 'Q9', breaks: 'a gate lies behind a CAPA by the word of the other side alone',
    file: 'domain/capa/elsewhere.ts', find: "if (!isStatedOnly(state) || state.submitted === 'plan') return [];", replace: "if (state.id !== '') return [];", tests: [IMPORTED],
  },
  {
    id: 'Q10', breaks: 'the accountable side alone closes a CAPA of both by bringing it in as closed',
    file: 'domain/capa/imported.ts', find: "const isUnclosed = status === 'closed' && isStatedOnly(", replace: "const isUnclosed = status === 'draft' && isStatedOnly(", tests: [IMPORTED],
  },
  {
    id: 'Q16', breaks: 'a breach denied in a table is told to nobody',
    file: 'domain/capa/importTelling.ts', find: "if (seriousBreach?.answer === 'no' && severity !== 'minor')", replace: "if (seriousBreach?.answer === 'no' && severity === 'minor')", tests: [IMPORTED],
  },
  {
    id: 'Q7', breaks: 'one sponsor is asked about what recurred in the CAPA of another one',
    file: 'domain/capa/systemActs.ts', find: "accountableOrganisationId }).includes(closed.raisingOrganisationId)", replace: "accountableOrganisationId }).includes(accountableOrganisationId)", tests: [JOINED],
  },
  {
    id: 'Q2', breaks: 'the audited side records a finding in the name of the one that audited',
    file: 'api/commands/finding.ts', find: '.filter(({ organisationId }) => organisationId === body.raisingOrganisationId)', replace: '.slice()', tests: ['test/api/findings.test.ts'],
  },
  {
    id: 'Q2', breaks: 'the accountable side submits the draft of the raising side',
    file: 'domain/capa/deeds.ts', find: 'deed.submitsDraft && isOther && openedBy !== organisationId', replace: "deed.submitsDraft && isOther && openedBy === ''", tests: [DEEDS],
  },
  {
    id: 'Q16', breaks: 'the accountable side accepts its own account of the problem',
    file: 'domain/capa/deeds.ts', find: 'statedBy.problem !== raisingOrganisationId) {', replace: "statedBy.problem === '') {", tests: [DEEDS],
  },
  {
    id: 'Q9', breaks: 'a signed verification is undone without a signature',
    file: 'domain/capa/deeds.ts', find: 'deed.names !== undefined || deed.undoes === true;', replace: 'deed.names !== undefined;', tests: [DEEDS],
  },
  {
    id: 'Q9', breaks: 'the accountable side changes the assessor whom the signed plan names',
    file: 'domain/capa/deeds.ts', find: "if (deed.names === 'another' && isOther", replace: "if (deed.names === 'another' && !isOther", tests: [DEEDS],
  },
  {
    id: 'Q16', breaks: 'the sponsor is not told again of a "no" when the severity is another one',
    file: 'domain/capa/regrading.ts', find: '  tellDenied(draft, { intent: `breach/regraded/${now}` });\n', replace: '', tests: [DEEDS],
  },
  {
    id: 'Q16', breaks: 'the signature of triage leaves out the answer to the question of serious breach',
    file: 'domain/capa/worded.ts', find: 'accepted?.coversBreach && {', replace: 'accepted?.at && {', tests: [DEEDS],
  },
  {
    id: 'Q2', breaks: 'commit does not ask whose step it is',
    file: 'activities/commit.ts', find: ' ?? refuseSide(request) ??', replace: ' ?? (request.rev < 0 ? refuseSide(request) : undefined) ??', tests: ['test/store/capaDeeds.test.ts'],
  },
  {
    id: 'Q16', breaks: 'the API does not ask whose act it is',
    file: 'api/commands/capa.ts', find: '      if (refusal) throw new Failure(', replace: '      if (refusal && act === refusal.type) throw new Failure(', tests: ['test/api/capas.test.ts'],
  },
];
