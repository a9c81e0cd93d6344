/** Rules of what strangers, storms and slips of the finger may cost. */
export const BOUNDS = [
  {
    id: 'P19', breaks: 'a simulation counts deadlines of the year 10000',
    file: 'domain/simulation/bounds.ts', find: "if (!raisedAt || raisedAt < FIRST || raisedAt > LAST) throw", replace: 'if (!raisedAt) throw', tests: ['test/domain/simulation/bounds.test.ts'],
  },
  {
    id: 'E10', breaks: 'messages go to networks inside that carry an IPv4 address in an IPv6 one',
    file: 'platform/outboundNetworks.ts', find: "'::/96', '::ffff:0:0:0/96', ", replace: "'::1/128', ", tests: ['test/platform/webhooks.test.ts'],
  },
  {
    id: 'E10', breaks: 'a receiver that is down is tried for every notice of a storm',
    file: 'domain/notices/breaker.ts', find: 'if (failures < FAILURES_TO_OPEN) return null;', replace: 'if (failures >= 0) return null;', tests: ['test/domain/notices/breaker.test.ts'],
  },
];
