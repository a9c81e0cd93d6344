'use strict';

const sdk = (...names) => `node_modules/@temporalio/(${names.join('|')})/`;
const allBut = (...allowed) => ({ pathNot: allowed });
/** Rooms that hold rules, and must give the same answer in a sandbox and in a replay. */
const PURE = '^(contracts|domain|workflows)/';
const SHIPPED = '^(contracts|domain|workflows|activities|store|platform|worker|api|dev|cli)/';
const MONGO = ['node_modules/mongoose/', 'node_modules/mongodb/'];

/** Who may import whom: design §4. `test/architecture/dependencies.test.ts` shows that each rule bites. */
module.exports = {
  forbidden: [
    {
      name: 'R1-workflows-are-a-sandbox',
      comment: 'Workflows see rules and contracts; everything else reaches them by name through a proxy.',
      severity: 'error',
      from: { path: '^workflows/' },
      to: allBut('^(workflows|domain|contracts)/', sdk('workflow', 'common'), 'node_modules/zod/'),
    },
    { name: 'R2-no-node-in-pure-code', severity: 'error', from: { path: PURE }, to: { dependencyTypes: ['core'] } },
    {
      name: 'R3-domain-is-pure',
      severity: 'error',
      from: { path: '^domain/' },
      to: allBut('^(domain|contracts)/', 'node_modules/(temporal-polyfill|canonicalize|@noble/hashes|@casl/ability)/'),
    },
    {
      name: 'R4-contracts-are-leaves',
      severity: 'error',
      from: { path: '^contracts/' },
      to: allBut('^contracts/', 'node_modules/zod/', sdk('common', 'workflow')),
    },
    {
      name: 'R5-one-home-for-mongoose',
      comment: 'dev/engines initiates the replica set: a server that nobody can use yet has no store.',
      severity: 'error',
      from: { pathNot: ['^(store|test)/', '^dev/engines/replicaSet\\.ts$', 'node_modules/'] },
      to: { path: MONGO },
    },
    { name: 'R6-one-home-for-express', severity: 'error', from: { pathNot: ['^(api|test)/', 'node_modules/'] }, to: { path: 'node_modules/(express|@types/express)/' } },
    {
      name: 'R7-api-is-thin',
      severity: 'error',
      from: { path: '^api/' },
      to: { path: '^(activities|worker|workflows|dev|cli)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'R8-no-sdk-internals',
      comment: 'proto-utils is the documented, and only, way to read and write histories as JSON.',
      severity: 'error',
      from: { path: SHIPPED },
      to: { path: 'node_modules/@temporalio/[^/]+/lib/(?!index\\.)', pathNot: 'node_modules/@temporalio/common/lib/proto-utils', dependencyTypesNot: ['type-only'] },
    },
    { name: 'R9-no-cycles', severity: 'error', from: { path: SHIPPED }, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
    {
      name: 'R10-no-orphans',
      severity: 'error',
      // Entry points, and files that are loaded by name.
      from: { orphan: true, path: SHIPPED, pathNot: ['/main\\.ts$', '\\.d\\.m?ts$', '^store/migrations/', '^workflows/index\\.ts$', '^dev/(supervisor|seed)\\.ts$', '^worker/(provision|rebuild|bundle)\\.ts$'] },
      to: {},
    },
    { name: 'R11-no-tests-in-the-product', severity: 'error', from: { path: SHIPPED }, to: { path: '^test/|node_modules/(jest|@jest|fast-check|supertest|@temporalio/testing)/' } },
    { name: 'arrows-store', severity: 'error', from: { path: '^store/' }, to: { path: '^(activities|platform|worker|api|workflows|dev|cli)/', dependencyTypesNot: ['type-only'] } },
    { name: 'arrows-platform', severity: 'error', from: { path: '^platform/' }, to: { path: '^(activities|store|worker|api|workflows|dev|cli|domain)/', dependencyTypesNot: ['type-only'] } },
    { name: 'arrows-activities', severity: 'error', from: { path: '^activities/' }, to: { path: '^(worker|api|workflows|dev|cli)/', dependencyTypesNot: ['type-only'] } },
    { name: 'arrows-worker', severity: 'error', from: { path: '^worker/' }, to: { path: '^(api|dev|cli)/', dependencyTypesNot: ['type-only'] } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|\\.data|console)' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['require', 'node', 'default', 'types'], mainFields: ['main', 'types'] },
  },
};
