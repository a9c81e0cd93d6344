'use strict';

/**
 * Six projects, one per rung of the test ladder. `npm test` starts the engines once and runs all of
 * them; `npm test -- --only unit` or `npm test -- <path>` runs a part.
 * These packages ship ES modules only, which Node 20 cannot require inside jest.
 */
const ESM_ONLY = ['@noble', 'temporal-polyfill', 'temporal-utils', 'temporal-spec'];
/** The MongoDB driver loads `os` by a dynamic import here, which jest's sandbox cannot do; transformed, it is a require. */
const DRIVER_RUNTIME = '(?:.*/)?mongodb/lib/runtime_adapters\\.js$';

const shared = {
  rootDir: __dirname,
  testEnvironment: 'node',
  transform: {
    '^.+\\.[cm]?[jt]s$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2023' },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
  },
  transformIgnorePatterns: [`/node_modules/(?!(?:${ESM_ONLY.join('|')})/|${DRIVER_RUNTIME})`],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/\\.data/'],
};

/** Which folders of test/ belong to which project; `test/run.mjs` reads it too. The longest prefix wins. */
const FOLDERS = {
  unit: ['contracts', 'domain', 'platform', 'dev', 'api/unit', 'activities/unit', 'worker/unit', 'architecture'],
  store: ['store', 'api', 'activities', 'worker', 'dev/engines'],
  workflow: ['workflows'],
  replay: ['replay'],
  e2e: ['e2e'],
  faults: ['faults', 'upgrade'],
};

const TIMEOUT_MS = { unit: 30_000, store: 60_000, workflow: 120_000, replay: 120_000, e2e: 180_000, faults: 300_000 };

/** Folders inside this one that another project owns. */
const ownedByOthers = (name, folder) =>
  Object.entries(FOLDERS)
    .filter(([other]) => other !== name)
    .flatMap(([, folders]) => folders)
    .filter((other) => other.startsWith(`${folder}/`));

const project = (name) => ({
  ...shared,
  displayName: name,
  globals: { testTimeoutMs: TIMEOUT_MS[name] },
  setupFilesAfterEnv: ['<rootDir>/test/support/timeout.cjs'],
  testMatch: FOLDERS[name].map((folder) => `<rootDir>/test/${folder}/**/*.test.{ts,mjs}`),
  testPathIgnorePatterns: [
    '/node_modules/',
    ...FOLDERS[name].flatMap((folder) => ownedByOthers(name, folder)).map((folder) => `<rootDir>/test/${folder}/`),
  ],
});

module.exports = { maxWorkers: 2, testSequencer: '<rootDir>/test/runner/sequencer.cjs', projects: Object.keys(FOLDERS).map(project) };
Object.defineProperty(module.exports, 'FOLDERS', { value: FOLDERS, enumerable: false });
