import { readFileSync, readdirSync } from 'node:fs';

const MARK = 'CRO_TEST_RUN';

/** Environment that marks every process of this run, however it came to be started. */
export function mark(id) {
  return { [MARK]: id };
}

/**
 * Kills what still carries the mark of this run: engines of a test that was cut off. Linux only;
 * elsewhere nothing is found. Returns their names.
 */
export function killLeftovers(id) {
  return processesWith(`${MARK}=${id}`).map((pid) => {
    const name = read(`/proc/${pid}/comm`).trim();
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended by itself meanwhile.
    }
    return name;
  });
}

function processesWith(variable) {
  const pids = process.platform === 'linux' ? readdirSync('/proc').filter((name) => /^\d+$/.test(name)) : [];
  return pids.map(Number).filter((pid) => pid !== process.pid && read(`/proc/${pid}/environ`).split('\0').includes(variable));
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
