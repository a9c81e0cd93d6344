const CONSENTS = 'test/api/consents.test.ts';
const STUDY_SEATS = 'test/api/studySeats.test.ts';
const RULES = 'test/domain/consent/rules.test.ts';

/** Who may show what to whom, and what seats that are bound to a study see. */
export const SCOPE = [
  {
    id: 'B11', breaks: 'a file is shown on another sponsor\'s record without its owner\'s consent',
    file: 'domain/evidence/linking.ts', find: 'return [...new Set([ownerOrganisationId, ...absent])].filter((id) => id !== linkingOrganisationId);', replace: 'return [];', tests: [RULES, CONSENTS],
  },
  {
    id: 'B11', breaks: 'a link that was taken back still shows the file',
    file: 'store/evidenceLinks.ts', find: 'return links.filter(({ _id }) => !over.has(_id));', replace: 'return links.filter(({ _id }) => !over.has(`${_id}/`));', tests: [CONSENTS],
  },
  {
    id: 'B11', breaks: 'a new version follows the consent that was given to an old one',
    file: 'api/routes/evidenceAccess.ts', find: 'links.filter(({ consentIds = [] }) => consentIds.length === 0).map(async (link)', replace: 'links.map(async (link)', tests: [CONSENTS],
  },
  {
    id: 'B11', breaks: 'whoever reads a file replaces it in its owner\'s name',
    file: 'api/routes/evidenceAccess.ts', find: 'caller.memberships.filter(({ organisationId }) => organisationId === owner)', replace: 'caller.memberships.filter(({ organisationId }) => organisationId !== owner || organisationId === owner)', tests: [CONSENTS],
  },
  {
    id: 'B11', breaks: 'a next version carries a file to where a link would need a consent',
    file: 'api/commands/evidenceLinking.ts', find: 'if (replaces === null || recordId === null || plan.inherits.includes(recordId))', replace: 'if (replaces === null || recordId === null || plan.inherits.length >= 0)', tests: [CONSENTS],
  },
  {
    id: 'B11', breaks: 'later versions go to records to which their owner may add nothing',
    file: 'store/evidence.ts', find: '.filter(({ recordId }) => inherits.includes(recordId))', replace: '', tests: [CONSENTS],
  },
  {
    id: 'B11', breaks: 'one party takes the other one\'s proof off their common record',
    file: 'domain/evidence/linking.ts', find: 'makers.some((id) => parties.includes(id)) ? makers :', replace: 'makers.length === 0 ? makers :', tests: [RULES, CONSENTS],
  },
  {
    id: 'P14', breaks: 'one consent allows any number of shares and links',
    file: 'domain/consent/rules.ts', find: ' && (usedAt ?? null) === null;', replace: ' && usedAt !== undefined;', tests: [RULES, CONSENTS],
  },
  {
    id: 'P14', breaks: 'a share is carried out by a consent that was taken back while it waited',
    file: 'store/sharesInForce.ts', find: 'if (missing.length > 0) {', replace: 'if (missing.length > 9) {', tests: [CONSENTS],
  },
  {
    id: 'P14', breaks: 'who reads a file by a consent carries it further',
    file: 'api/commands/evidenceLinking.ts', find: 'if (own.length === 0 && links.length > 0 &&', replace: 'if (own.length === 0 && links.length < 0 &&', tests: [CONSENTS],
  },
  {
    id: 'P14', breaks: 'a CRO shows its log of one sponsor\'s study to another sponsor by itself',
    file: 'domain/consent/share.ts', find: '? [] : sponsors;', replace: '? [] : [];', tests: [RULES, CONSENTS],
  },
  {
    id: 'P14', breaks: 'who shares learns which organisations exist on the installation',
    file: 'api/commands/shareTarget.ts', find: 'organisation?.active && (known.has', replace: 'organisation?.active || (known.has', tests: [CONSENTS],
  },
  {
    id: 'P14', breaks: 'who is bound to one study is told what happens in others',
    file: 'store/announcements.ts', find: '(seat.studyId === null || seat.studyId === studyId)', replace: 'seat.studyId !== undefined', tests: [STUDY_SEATS],
  },
  {
    id: 'P14', breaks: 'who is bound to one study tries ladders out on another, and reads its people',
    file: 'api/commands/triedSetting.ts', find: '...(studyId !== undefined && { studyId }) }));', replace: '}));', tests: [STUDY_SEATS],
  },
  {
    id: 'P14', breaks: 'a record of a study is shared without the other party',
    file: 'domain/consent/share.ts', find: 'const ofStudy = studyId !== null && !boundByMatrix', replace: 'const ofStudy = studyId === \'\' && !boundByMatrix', tests: [RULES],
  },
  {
    id: 'P14', breaks: 'who asks for a consent gives it',
    file: 'domain/consent/rules.ts', find: 'return actorId === askedById ?', replace: 'return actorId === askedById && actorId === \'\' ?', tests: [RULES],
  },
  {
    id: 'P14', breaks: 'a consent is used after its end',
    file: 'domain/consent/rules.ts', find: "consent.status === 'given' && isOpen(consent, now) && covers", replace: "consent.status === 'given' && covers", tests: [RULES],
  },
  {
    id: 'P14', breaks: 'a guest of one study reads the channels of the whole organisation, with their secret addresses',
    file: 'domain/access/scope.ts', find: "const whole = memberships.filter(({ studyId, role }) => studyId === null && asOf(role) === 'house')", replace: 'const whole = memberships.filter(({ studyId }) => studyId !== undefined)', tests: ['test/domain/access/scope.test.ts', STUDY_SEATS],
  },
  {
    id: 'P14', breaks: 'the holds of another study are read by a seat that is bound to one',
    file: 'store/ownScope.ts', find: '$or: [{ studyId }, { recordId: { $in: [...ofStudy(studyId)] } }] })', replace: '$or: [{ studyId }, { active: true }] })', tests: [STUDY_SEATS],
  },
  {
    id: 'E1', breaks: 'a slip in a topic falls on the row for every other topic without a word',
    file: 'store/topics.ts', find: 'return known.includes(topic) ? undefined : unknownTopic(topic, known);', replace: 'return undefined;', tests: ['test/api/topics.test.ts'],
  },
  {
    id: 'E1', breaks: 'a row without a filing rule says nothing of it to its approvers',
    file: 'domain/matrix/gaps.ts', find: '...(filing ? [] : [', replace: '...(filing ?? true ? [] : [', tests: ['test/domain/matrix/gaps.test.ts'],
  },
  {
    id: 'P14', breaks: 'numbers run through all studies: whoever opens two records learns how much others did',
    file: 'domain/records/numberSeries.ts', find: '`study/${studyId}`;', replace: "'study';", tests: ['test/domain/records/numberSeries.test.ts', 'test/store/counters.test.ts'],
  },
  {
    id: 'P14', breaks: 'the number of a record without a study names its parties to whoever it is shown to',
    file: 'store/counters.ts', find: 'tag: plain ?? opaque(), drawn', replace: "tag: plain ?? seriesOf(of).replaceAll(/[^a-z]+/gu, '-').toUpperCase(), drawn", tests: ['test/store/counters.test.ts'],
  },
  {
    id: 'P14', breaks: 'a link shows the id of a record that is none of its reader\'s',
    file: 'domain/records/naming.ts', find: "return unknown.ids.has(held) || unknown.numbers.has(held) ? null : long", replace: 'return long', tests: ['test/domain/records/naming.test.ts', 'test/api/tenancy.test.ts'],
  },
  {
    id: 'P14', breaks: 'answers go out as routes made them, with ids of records that their readers may not know of',
    file: 'api/doorkeeper.ts', find: 'show: (caller, body) => withKnownLinks(deps, caller, body),', replace: 'show: (caller, body) => (caller.name === \'\' ? withKnownLinks(deps, caller, body) : Promise.resolve(body)),', tests: ['test/api/tenancy.test.ts'],
  },
  {
    id: 'P14', breaks: 'a seat that is bound to a study reads the topics that its organisation has with others',
    file: 'api/routes/topics.ts', find: '$not: { $elemMatch: { $nin: [...await knownTo(deps, caller)] } }', replace: '$not: { $elemMatch: { $in: [caller.name, ...(await knownTo(deps, caller)).size === 0 ? [caller.personId] : []] } }', tests: ['test/api/tenancy.test.ts'],
  },
  {
    id: 'P11', breaks: 'two administrators give one role at the same moment, twice',
    file: 'store/memberships.ts', find: '    await tallies.updateOne({ _id: turn }, { $inc: { count: 1 } }, { session });', replace: '', tests: ['test/api/seats.test.ts'],
  },
  {
    id: 'P14', breaks: 'a page of a trail is one of places in the chain: short and empty pages tell how much there is for others',
    file: 'api/views/readablePage.ts', find: 'next: items.length > limit && last ?', replace: 'next: items.length >= limit && last ?', tests: ['test/api/countedTrails.test.ts'],
  },
  {
    id: 'P14', breaks: 'what strangers tried at a source is read by its organisation, with their names',
    file: 'api/routes/sources.ts', find: '(entries) => entries.filter((entry) => isVisible(entry, organisationIdsOf(caller)))', replace: '(entries) => (entries.length === 0 ? entries.filter((entry) => isVisible(entry, organisationIdsOf(caller))) : entries)', tests: ['test/api/countedTrails.test.ts'],
  },
];
