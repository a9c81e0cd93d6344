import type { LogLevel, LogMetadata, Logger as TemporalLogger } from '@temporalio/common';
import { pino, type DestinationStream, type Level, type Logger } from 'pino';
import { redactLine } from './redaction';

/** A structured logger; `child({ recordId })` adds fields to every line. */
export type { Logger } from 'pino';

export interface LoggerOptions {
  /** Which process speaks: `api`, `worker`. */
  readonly name: string;
  readonly level: Level | 'silent';
  /** Standard output when absent. */
  readonly destination?: DestinationStream;
}

/** JSON lines with UTC time and level names; secrets are taken out of each line before it is written. */
export function createLogger({ name, level, destination }: LoggerOptions): Logger {
  const options = {
    name,
    level,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    hooks: { streamWrite: redactLine },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

const LEVELS = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const satisfies Record<LogLevel, Level>;

/** The logger as the Temporal SDK wants one, for `Runtime.install({ logger })`; workflow and activity logs arrive here too. */
export function temporalLogger(logger: Logger): TemporalLogger {
  const log = (level: LogLevel, message: string, meta: LogMetadata = {}): void => {
    const { error, ...fields } = meta;
    logger[LEVELS[level]](error === undefined ? fields : { ...fields, err: error as unknown }, message);
  };
  return {
    log,
    trace: (message, meta) => { log('TRACE', message, meta); },
    debug: (message, meta) => { log('DEBUG', message, meta); },
    info: (message, meta) => { log('INFO', message, meta); },
    warn: (message, meta) => { log('WARN', message, meta); },
    error: (message, meta) => { log('ERROR', message, meta); },
  };
}
