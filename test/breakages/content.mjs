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
    file: 'api/routes/trails.ts', find: 'const { body } = await showing.handle(askedAs(req, params, asked), { caller, correlationId });', replace: 'const { body } = await Promise.resolve(showing.handle(askedAs(req, params, asked), { caller, correlationId })).catch(() => ({ body: {} }));', tests: ['test/api/trails.test.ts'],
  },
  {
    id: 'P1', breaks: 'a field that holds more than a value is told as a whole',
    file: 'store/administration.ts', find: 'return changesBetween({ [field]: old } as Content, { [field]: value } as Content).map(leafOf);', replace: 'return JSON.stringify(old) === JSON.stringify(value) ? [] : [{ field, old: old as Json, new: value as Json }];',
    tests: ['test/api/trails.test.ts'],
  },
];
