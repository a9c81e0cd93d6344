const INDEPENDENCE = 'test/domain/access/independence.test.ts';
const WHO = 'test/api/whoMakesWhom.test.ts';
const ACCOUNTS = 'test/api/accounts.test.ts';
const TELLING = 'test/api/telling.test.ts';

/** Who makes whom: accounts, roles, verifications, consents. */
export const PEOPLE = [
  {
    id: 'P8', breaks: 'who made an account through a second one vouches for it',
    file: 'domain/access/control.ts', find: 'for (const one of actorsOf(index)) found.add(one);', replace: 'found.add(edge.by ?? personId);', tests: [INDEPENDENCE],
  },
  {
    id: 'P8', breaks: 'who was empowered by the maker of an account vouches for it',
    file: 'domain/access/independence.ts', find: 'if (!areApart(control.behind(actorId), makers)) return', replace: 'if (makers.has(personId)) return', tests: [INDEPENDENCE],
  },
  {
    id: 'P8', breaks: 'somebody whose own identity nobody verified vouches for others',
    file: 'domain/access/independence.ts', find: "if (!isVerified) return { type: 'identity_not_verified', reason: 'whoever verifies an identity is verified first' };", replace: '', tests: [INDEPENDENCE],
  },
  {
    id: 'P8', breaks: 'an administrator gives a role to an account of their own making',
    file: 'api/routes/memberships.ts', find: "if (isWeighty(role) && !(inside.isBootstrap && role === 'organisation_admin')) await", replace: "if (role === 'inspector') await", tests: [WHO],
  },
  {
    id: 'P8', breaks: 'a role signs at the moment when it is given',
    file: 'domain/access/window.ts', find: 'return from === undefined || from <= now;', replace: 'return from === undefined || from.length > 0 || from <= now;', tests: [WHO],
  },
  {
    id: 'P8', breaks: 'nobody is told of a new signer',
    file: 'store/announcements.ts', find: 'if (rows.length > 0) await', replace: 'if (rows.length > 1000) await', tests: [WHO],
  },
  {
    id: 'P14', breaks: 'the administrator of the instance acts inside an organisation without its consent',
    file: 'api/commands/insideSeat.ts', find: '  if (!consent) throw', replace: '  if (!consent && at === caller.name) throw', tests: [WHO],
  },
  {
    id: 'S2.2', breaks: 'a token that a token made survives it',
    file: 'store/credentials.ts', find: '$or: [{ publicId }, { lineage: publicId }]', replace: '$or: [{ publicId }]', tests: ['test/api/tokens.test.ts'],
  },
  {
    id: 'P8', breaks: 'of two seats the one that may not sign yet signs',
    file: 'api/commands/signing.ts', find: 'caller: { ...caller, memberships } });', replace: 'caller });', tests: ['test/api/signing.test.ts'],
  },
  {
    id: 'P8', breaks: 'a new role keeps its person from signing acts with words',
    file: 'api/commands/signing.ts', find: '...(body.body && { said: body.body })', replace: '...(body.body && caller.memberships.length === 1 && { said: body.body })', tests: ['test/workflows/capaStory.test.ts'],
  },
  {
    id: 'P7', breaks: 'a grant outlives the identity of its signer',
    file: 'domain/signature/grant.ts', find: "  if (isWithdrawn) return 'withdrawn';", replace: '', tests: ['test/domain/signature/grant.test.ts'],
  },
  {
    id: 'P1', breaks: 'a role is given for years ago',
    file: 'api/routes/memberships.ts', find: '      requireStartAhead(fields.from, by.at);', replace: '', tests: ['test/api/seats.test.ts'],
  },
  {
    id: 'S2.2', breaks: 'a token ends by its date and no trail says so',
    file: 'activities/expireUploads.ts', find: '  await noteEndedTokens(store, now());', replace: '', tests: ['test/api/tokens.test.ts'],
  },
  {
    id: 'S2.2', breaks: 'requests are counted per token, not per person',
    file: 'api/doorkeeper.ts', find: 'spend(signedIn, found.person._id)', replace: 'spend(signedIn, found.credential._id)', tests: ['test/api/signIn.test.ts'],
  },
  {
    id: 'S2.2', breaks: 'a person has more tokens than ten when they are asked for at once',
    file: 'api/routes/tokens.ts', find: '...(parent && { madeBy: parent.publicId }) } }, session);', replace: '...(parent && { madeBy: parent.publicId }) } });', tests: ['test/api/tokens.test.ts'],
  },
  {
    id: 'S2.2', breaks: 'a token makes one that outlives it',
    file: 'api/routes/tokens.ts', find: 'parent && parent.expiresAt < asked ? parent.expiresAt : asked', replace: 'asked', tests: ['test/api/tokens.test.ts'],
  },
  {
    id: 'P8', breaks: 'a person is given the printed name of another',
    file: 'domain/access/printedName.ts', find: 'skeletonsOf(other).some((skeleton, index) => skeleton === own[index])', replace: 'other === text && own.length > 0', tests: ['test/domain/access/printedName.test.ts', WHO],
  },
  {
    id: 'P8', breaks: 'a verified person is given another printed name and stays verified',
    file: 'store/people.ts', find: "if ((await signerOf(store, change.id, session))?.identity) await", replace: "if ((await signerOf(store, change.id, session))?.identity === undefined) await", tests: [ACCOUNTS],
  },
  {
    id: 'P8', breaks: 'somebody vouches for the name that they gave themselves',
    file: 'domain/access/independence.ts', find: 'if (control.namers(personId).has(actorId)) return', replace: 'if (control.namers(personId).has(personId)) return', tests: [INDEPENDENCE, ACCOUNTS],
  },
  {
    id: 'P8', breaks: 'names differ by a character that nobody sees',
    file: 'domain/access/printedName.ts', find: '\\p{Default_Ignorable_Code_Point}', replace: '\\u200B', tests: ['test/domain/access/printedName.test.ts'],
  },
  {
    id: 'P8', breaks: 'whoever gives an administrator a password administers as them',
    file: 'domain/access/window.ts', find: '!ADMINISTRATIVE_ROLES.includes(role)', replace: "role !== 'inspector'", tests: [ACCOUNTS],
  },
  {
    id: 'P14', breaks: 'an administrator of one organisation resets one of the instance',
    file: 'api/commands/accountSeat.ts', find: 'if (!isOfInstance) return', replace: 'if (organisationId) return', tests: [ACCOUNTS],
  },
  {
    id: 'P14', breaks: 'one person alone gives their organisation another name',
    file: 'api/routes/organisations.ts', find: 'const asksName = renames && !byInstance;', replace: "const asksName = renames && before.kind === 'vendor';", tests: [ACCOUNTS],
  },
  {
    id: 'P14', breaks: 'whoever asks makes the second person who consents',
    file: 'api/commands/whoMakesWhom.ts', find: 'throwing(refuseSecond(await voucher(store, pair)));', replace: '', tests: [ACCOUNTS],
  },
  {
    id: 'P14', breaks: 'a role that was given a moment ago binds its organisation',
    file: 'api/administer.ts', find: 'settledOf(memberships, now) : []', replace: 'memberships.filter(({ from }) => from <= now) : []', tests: [ACCOUNTS],
  },
  {
    id: 'P8', breaks: 'an identity is verified whose account somebody else holds',
    file: 'api/routes/signers.ts', find: '      await requireCode(deps, person, body.code);', replace: '', tests: [ACCOUNTS],
  },
  {
    id: 'P8', breaks: 'the code of an account outlives its password',
    file: 'domain/access/identityCode.ts', find: 'JSON.stringify([personId, passwordHash, rev, hour])', replace: 'JSON.stringify([personId, passwordHash.slice(0, 0), rev, hour])', tests: ['test/domain/access/identityCode.test.ts'],
  },
  {
    id: 'P8', breaks: 'a name that two give at one moment passes twice',
    file: 'store/printedNames.ts', find: '[...new Set(organisationIds)].toSorted()', replace: '[...new Set(organisationIds)].slice(0, 0)', tests: [ACCOUNTS],
  },
  {
    id: 'P8', breaks: 'a double made elsewhere is brought into the study',
    file: 'api/commands/printedNames.ts', find: 'if (confused.length > 0) throw', replace: 'if (confused.length > 1000) throw', tests: [ACCOUNTS],
  },
  {
    id: 'P14', breaks: 'the instance makes a second person of an organisation that it begins',
    file: 'api/routes/people.ts', find: 'if (inside.isBootstrap && (await', replace: "if (name === '' && (await", tests: [ACCOUNTS],
  },
  {
    id: 'P14', breaks: 'whom the maker of an account lets in vouches for it',
    file: 'domain/access/independence.ts', find: 'if (!areApart(control.hosts(actorId, personId), makers)) return', replace: 'if (makers.has(personId)) return', tests: [INDEPENDENCE],
  },
  {
    id: 'P8', breaks: 'every colleague reads when somebody signed in',
    file: 'api/routes/signInTrail.ts', find: 'if (person._id !== caller.personId) require', replace: "if (person._id === '') require", tests: [ACCOUNTS],
  },
  {
    id: 'P14', breaks: 'a person is not told what is done to their account',
    file: 'store/announcements.ts', find: 'return !person || told.some', replace: 'return person !== null || told.some', tests: [ACCOUNTS],
  },
  {
    id: 'P14', breaks: 'one person alone sends an organisation\'s receipts elsewhere',
    file: 'api/routes/organisations.ts', find: 'const waits = moves && before.receiptAddress !== null;', replace: "const waits = moves && before.receiptAddress === '';", tests: [WHO],
  },
  {
    id: 'P14', breaks: 'an organisation changes the hours that others count on without telling them',
    file: 'api/routes/calendars.ts', find: 'organisationIds: [params.id, ...concerned.organisationIds]', replace: 'organisationIds: [params.id]', tests: [TELLING],
  },
  {
    id: 'P14', breaks: 'a policy waits for a signature of which the other side hears nothing',
    file: 'store/policyTelling.ts', find: "to: missingSignatures(draft) };", replace: "to: [] };", tests: [TELLING],
  },
  {
    id: 'P14', breaks: 'a matrix row, a policy or a topic waits without those who decide being told',
    file: 'store/announcements.ts', find: '|| decides(seat));', replace: '|| (roles.length === 0 && decides(seat)));', tests: [TELLING],
  },
];
