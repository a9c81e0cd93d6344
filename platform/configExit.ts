import { isNativeError } from 'node:util/types';
import { ConfigError } from './environment';

/** Ends a process that could not start: every wrong variable in plain words; any other defect with its stack, its reason as the last line. */
export function exitOnConfigError(error: unknown): void {
  if (error instanceof ConfigError) {
    console.error(error.message);
  } else {
    console.error(error);
    console.error(reasonOf(error));
  }
  process.exitCode = 1;
  // Open handles of a half-started process must not keep it alive.
  setTimeout(() => process.exit(1), 500).unref();
}

/** What happened and why, of an error and its causes, in one line. */
function reasonOf(error: unknown): string {
  if (!isNativeError(error)) return String(error);
  const message = `${error.name}: ${error.message}`.replaceAll(/\s*\n\s*/g, ' ');
  return isNativeError(error.cause) ? `${message}; ${reasonOf(error.cause)}` : message;
}
