'use strict';

// Jest's own testTimeout counts for all projects alike.
jest.setTimeout(globalThis.testTimeoutMs);
