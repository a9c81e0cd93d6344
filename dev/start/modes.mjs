import { chmodSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Whatever this process and its children make from now on is its user's alone: 600 and 700. */
export function keepToOurselves() {
  process.umask(0o077);
}

/**
 * Takes the rights of group and others from everything in a folder, as it was left by an earlier start. What belongs to
 * somebody else, or goes away meanwhile, stays as it is. Answers how many were open to others.
 */
export function closeToOthers(path) {
  let closed = 0;
  try {
    const { mode, isLink, isFolder } = lookAt(path);
    if (isLink) return 0;
    if ((mode & 0o077) !== 0) {
      chmodSync(path, mode & 0o700);
      closed += 1;
    }
    if (isFolder) for (const name of readdirSync(path)) closed += closeToOthers(join(path, name));
  } catch (error) {
    if (!['ENOENT', 'EPERM', 'EACCES'].includes(error.code)) throw error;
  }
  return closed;
}

function lookAt(path) {
  const stat = lstatSync(path);
  return { mode: stat.mode & 0o777, isLink: stat.isSymbolicLink(), isFolder: stat.isDirectory() };
}
