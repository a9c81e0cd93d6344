/** What people write is in the trail, and who may read it. */
export const CONTENT = [
  {
    id: 'P1', breaks: 'a part of a state that nobody listed stays out of the trail',
    file: 'domain/records/content.ts', find: '.filter(([field]) => !none.includes(field))', replace: ".filter(([field]) => !none.includes(field) && field !== 'brandNew')", tests: ['test/domain/audit/versions.test.ts'],
  },
  {
    id: 'P1', breaks: 'steps leave no entry of what they change in the content',
    file: 'store/records.ts', find: '...(stored && prepared.contentDrafts?.(stored) || [])', replace: '', tests: ['test/store/contentTrail.test.ts'],
  },
  {
    id: 'P2', breaks: 'a list that changes its order cannot be rebuilt from the trail',
    file: 'domain/audit/changes.ts', find: 'follows.every((id, index) => id === wanted[index])', replace: 'follows.length === wanted.length', tests: ['test/domain/audit/changes.test.ts'],
  },
  {
    id: 'P1', breaks: 'what was returned is changed without a reason',
    file: 'domain/capa/reasons.ts', find: "plan: (state) => returned(state, 'plan'),", replace: 'plan: () => false,', tests: ['test/domain/capa/reasons.test.ts'],
  },
  {
    id: 'P2', breaks: 'the trail of a thing is told to whoever asks',
    file: 'api/routes/trails.ts', find: 'const { body } = await showing.handle(askedAs(req, given, query), { caller, correlationId });', replace: 'const { body } = await Promise.resolve(showing.handle(askedAs(req, given, query), { caller, correlationId })).catch(() => ({ body: {} }));', tests: ['test/api/trails.test.ts'],
  },
  {
    id: 'P1', breaks: 'a field that holds more than a value is told as a whole',
    file: 'store/administration.ts', find: 'return changesBetween({ [field]: old } as Content, { [field]: value } as Content).map(leafOf);', replace: 'return JSON.stringify(old) === JSON.stringify(value) ? [] : [{ field, old: old as Json, new: value as Json }];',
    tests: ['test/api/trails.test.ts'],
  },
  {
    id: 'P1', breaks: 'the API takes a change of what was submitted without its reason',
    file: 'api/commands/capaNames.ts', find: "command.act === 'save' || command.act === 'submit' ? reasonFaults(state, command.body) : []", replace: '[] as ReturnType<typeof reasonFaults>', tests: ['test/api/capas.test.ts'],
  },
  {
    id: 'P1', breaks: 'versions of what is administered keep what a later version replaced',
    file: 'domain/audit/administeredVersions.ts', find: 'return group.filter(isDisclosed).reduce(changedBy, reading);', replace: 'return reading;', tests: ['test/domain/audit/administeredVersions.test.ts'],
  },
  {
    id: 'P2', breaks: 'versions tell what the thing itself does not show',
    file: 'api/routes/trailVersions.ts', find: "entry({ action: `${kind}.created`, detail: version.content })?.detail ?? {}", replace: 'version.content', tests: ['test/api/trails.test.ts'],
  },
  {
    id: 'P2', breaks: 'what was refused about an organisation is told to whoever knows it',
    file: 'api/routes/refusals.ts', find: 'if (!organisationSeat(caller, params.id, deps.now())) throw (await knownTo(deps, caller)).has(params.id) ? notPermitted() : notFound();', replace: 'if (!(await knownTo(deps, caller)).has(params.id)) throw notFound();', tests: ['test/api/trails.test.ts'],
  },
];
