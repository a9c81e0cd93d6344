import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stringify } from 'yaml';
import { freePort } from '../../dev/engines/ports';
import { ManagedProcess } from '../../dev/process';

/** Debian's name, then upstream's; undefined where neither is on the PATH. */
export const alertmanagerExecutable: string | undefined = ['prometheus-alertmanager', 'alertmanager'].find((name) => spawnSync(name, ['--version']).status === 0);
export const ALERTMANAGER_REMEDY = 'Alertmanager is not here: apt-get install prometheus-alertmanager';

export interface Alertmanager {
  /** The alert fires from now on; the same labels are the same alert. */
  fire(labels: Readonly<Record<string, string>>, annotations?: Readonly<Record<string, string>>): Promise<void>;
  resolve(labels: Readonly<Record<string, string>>): Promise<void>;
  readonly log: () => string;
  stop(): Promise<void>;
}

/** Starts a stock Alertmanager of the test's own with this configuration. */
export async function startAlertmanager(configuration: object): Promise<Alertmanager> {
  const folder = mkdtempSync(path.join(tmpdir(), 'cro-alertmanager-'));
  const [file, logFile] = [path.join(folder, 'alertmanager.yml'), path.join(folder, 'log')];
  writeFileSync(file, stringify(configuration));
  const address = `127.0.0.1:${String(await freePort())}`;
  const running = new ManagedProcess({
    name: 'alertmanager', command: alertmanagerExecutable ?? 'alertmanager', logFile,
    args: [`--config.file=${file}`, `--storage.path=${path.join(folder, 'data')}`, `--web.listen-address=${address}`, '--cluster.listen-address='],
  });
  running.start();
  const post = async (alert: object): Promise<void> => {
    const answer = await fetch(`http://${address}/api/v2/alerts`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify([alert]) });
    if (!answer.ok) throw new Error(`Alertmanager answers ${String(answer.status)}: ${await answer.text()}`);
  };
  const log = () => readFileSync(logFile, 'utf8');
  await untilReady(`http://${address}/-/ready`, log);
  return {
    log,
    fire: (labels, annotations = {}) => post({ labels, annotations }),
    resolve: (labels) => post({ labels, endsAt: new Date().toISOString() }),
    stop: async () => {
      await running.stop(5000);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function untilReady(url: string, log: () => string): Promise<void> {
  for (const until = Date.now() + 15_000; ;) {
    const ready = await fetch(url).then(({ ok }) => ok, () => false);
    if (ready) return;
    if (Date.now() > until) throw new Error(`Alertmanager is not ready:\n${log()}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
