'use strict';

const { statSync } = require('node:fs');
const { default: Sequencer } = require('@jest/test-sequencer');

/** Their tests wait for processes, outages and deadlines, up to minutes; those of the others compute. */
const WAITING = ['e2e', 'faults'];

/**
 * Spreads the tests that wait evenly over those that compute, the long ones first: two beside each other then
 * seldom wait for the same thing, a core, and neither worker is left with a long test at the end.
 */
class Mixed extends Sequencer {
  sort(tests) {
    const waits = ({ context }) => WAITING.includes(context.config.displayName.name);
    const placed = [tests.filter(waits), tests.filter((test) => !waits(test))].flatMap((group) => {
      const bySize = group.map((test) => ({ test, bytes: statSync(test.path).size })).sort((a, b) => b.bytes - a.bytes);
      return bySize.map(({ test }, index) => ({ test, place: (index + 0.5) / bySize.length }));
    });
    return placed.sort((a, b) => a.place - b.place).map(({ test }) => test);
  }
}

module.exports = Mixed;
