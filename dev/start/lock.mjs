import { execFileSync } from 'node:child_process';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Refused } from './refused.mjs';

/**
 * A token that one life of a process keeps and no later process with the same id shares: its start
 * time. Undefined when no such process runs.
 */
export function identify(pid) {
  if (process.platform === 'linux') {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      // The name in parentheses may hold spaces; field 3 (state) follows it, field 22 is the start time in ticks.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return fields[0] === 'Z' ? undefined : `ticks:${fields[19]}:${bootId()}`;
    } catch {
      return undefined;
    }
  }
  try {
    return `started:${execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()}`;
  } catch {
    return undefined;
  }
}

/**
 * Takes the data folder for this process. A lock whose process is gone is taken over.
 * Throws Refused when another instance lives. Returns a function that gives the lock back.
 */
export function takeLock(dataDir, facts = { pid: process.pid, identify }) {
  const file = join(dataDir, 'lock.json');
  const mine = `${JSON.stringify({ pid: facts.pid, identity: facts.identify(facts.pid) })}\n`;
  for (let attempt = 0; attempt < 5; attempt += 1) {
    try {
      writeFileSync(file, mine, { flag: 'wx' });
      return () => {
        if (read(file)?.pid === facts.pid) rmSync(file, { force: true });
      };
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const holder = read(file);
    if (holder?.identity !== undefined && facts.identify(holder.pid) === holder.identity) {
      throw new Refused(`Another instance (process ${holder.pid}) already uses ${dataDir}: stop it with Ctrl-C, or with \`kill ${holder.pid}\` if its terminal is gone, or start this one with CRO_DATA_DIR set to another folder and --port to another port.`);
    }
    setAside(file, facts.pid);
  }
  throw new Refused(`Another instance is starting on ${dataDir} at this moment: wait for it, or stop it and start again.`);
}

/** Whether processes of an earlier start of this data folder still run; the supervisor will end them. */
export function hasOrphans(dataDir, lives = identify) {
  const entries = read(join(dataDir, 'pids.json'));
  return Array.isArray(entries) && entries.some(({ pid, identity }) => identity !== undefined && lives(pid) === identity);
}

/** By renaming, so that of two that find the same stale lock only one removes it. */
function setAside(file, pid) {
  const aside = `${file}.stale.${pid}`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  rmSync(aside, { force: true });
}

function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Start ticks count from boot, so the same pair may return after one. */
function bootId() {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return 'unknown';
  }
}
