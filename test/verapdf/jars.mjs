import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Beside the engines' cache. */
export function verapdfFolder(env = process.env) {
  const cache = env.XDG_CACHE_HOME;
  return path.join(cache ? cache : path.join(homedir(), '.cache'), 'cro-oversight', 'verapdf-1.28.2');
}

/** What is wrong with the jars of a folder; undefined: they are those that were pinned, and no others. */
export function faultOf(folder) {
  const pinned = readFileSync(path.join(path.dirname(fileURLToPath(import.meta.url)), 'jars.sha256'), 'utf8').trim().split('\n').map((line) => line.split(/\s+/));
  let found;
  try {
    found = readdirSync(folder).sort();
  } catch {
    return `${folder} is not there`;
  }
  const other = found.filter((file) => !pinned.some(([, name]) => name === file));
  if (other.length > 0) return `${other.join(', ')}: not pinned`;
  const wrong = pinned.find(([hash, name]) => !found.includes(name) || createHash('sha256').update(readFileSync(path.join(folder, name))).digest('hex') !== hash);
  return wrong && `${wrong[1]} is not the one that was pinned`;
}
