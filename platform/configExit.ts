import { ConfigError } from './environment';

/** Ends a process that could not start: every wrong variable in plain words, any other defect with its stack. */
export function exitOnConfigError(error: unknown): void {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exitCode = 1;
  // Open handles of a half-started process must not keep it alive.
  setTimeout(() => process.exit(1), 500).unref();
}
