const OWNERS = 'test/domain/capa/owners.test.ts';

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
];
