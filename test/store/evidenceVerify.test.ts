import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { mongo } from 'mongoose';
import { main } from '../../cli/verify';
import { createKeyRing } from '../../platform/keyRing';
import { CHUNK_BYTES } from '../../domain/evidence/framing';
import { verifyEvidence, type EvidenceProgress } from '../../store/evidenceVerify';
import { CRO, personOf } from '../support/cast';
import { openEvidenceSite, textOf, type EvidenceSite, type Uploader } from '../support/evidenceSite';
import { giveTrails } from '../support/trailOfPlaced';

const KEYS = path.join(__dirname, '../support/test-keys.json');
const FILE = textOf(CHUNK_BYTES + 10, 'verified');

describe('verify reads the evidence', () => {
  let site: EvidenceSite;
  let cro: Uploader;
  let folder: string;
  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'cro-verify-'));
    site = await openEvidenceSite();
    await giveTrails(site.fresh.store);
    cro = await site.as(personOf(CRO, 'quality'));
  });
  afterEach(async () => {
    rmSync(folder, { recursive: true });
    await site.close();
  });

  /** The command as a person runs it. */
  const command = async (argv: readonly string[], env: Readonly<Record<string, string>> = { CRO_KEYS_FILE: KEYS }) => {
    const said = { out: '', err: '' };
    const console = { out: (text: string) => { said.out += text; }, err: (text: string) => { said.err += text; } };
    const code = await main(argv, { MONGODB_URI: site.fresh.uri, CRO_DATA_DIR: folder, ...env }, console);
    return { code, ...said };
  };
  const kept = (name: string) => site.fresh.admin.audit.collection<{ _id: string; files_id: string; n: number; data: mongo.Binary }>(name);
  const flip = async (id: string) => {
    const chunk = await kept('evidence.chunks').findOne({ files_id: id, n: 1 });
    const data = Buffer.from(chunk?.data.value() ?? []);
    data[20] = (data[20] ?? 0) ^ 1;
    await kept('evidence.chunks').updateOne({ files_id: id, n: 1 }, { $set: { data: new mongo.Binary(data) } });
  };
  /** Records of the site have no trail of their own; what is said here is about evidence. */
  const evidenceLines = ({ out }: { out: string }) => out.split('\n').filter((line) => line.startsWith('evidence  '));

  it('B11 P2 a clean store passes, says how much was read, and how far it is meanwhile', async () => {
    await cro.upload(FILE);
    await cro.upload(textOf(100));
    expect(await command([])).toEqual({ code: 0, out: expect.stringMatching(/^intact: .*; evidence: 2 files, 1\.0 MiB\n$/) as string, err: '' });
    const progress: EvidenceProgress[] = [];
    await verifyEvidence(site.fresh.store, site.cipher, { onProgress: (one) => progress.push(one) });
    expect(progress.map(({ files, ofFiles }) => [files, ofFiles])).toEqual([[1, 2], [2, 2]]);
    expect(progress.at(-1)?.bytes).toBe(FILE.length + 100);
  });

  it('B11 P2 one flipped bit in one chunk is found, by file, with exit code 1', async () => {
    const { id } = await cro.upload(FILE);
    await cro.upload(textOf(100));
    await flip(id);
    const said = await command([]);
    expect(said.code).toBe(1);
    expect(evidenceLines(said)).toEqual([expect.stringContaining(`evidence/${id}: `)]);
    expect(said.out).toContain('NOT intact, 1 finding:');
  });

  it('B11 P2 evidence or a link of it that was taken away is found by what the trail says', async () => {
    const recordId = await site.record();
    const [linked, removed] = [await cro.upload(textOf(100), { recordId }), await cro.upload(textOf(50), { recordId })];
    await kept('evidence_links').deleteOne({ _id: `${linked.id}/${recordId}` });
    await kept('evidence').deleteOne({ _id: removed.id });
    expect(evidenceLines(await command([]))).toEqual([
      expect.stringContaining(`evidence/${linked.id}: its link to ${recordId} is gone`),
      expect.stringMatching(new RegExp(`evidence/${removed.id}: the audit trail says that it was stored at .*, and it is gone`)),
    ]);
    // Also when only the record is looked at, whose link is gone.
    expect(evidenceLines(await command(['--record', recordId]))).toHaveLength(2);
    await kept('evidence_links').insertOne({ _id: `${linked.id}/elsewhere`, evidenceId: linked.id, recordId: 'elsewhere', linkedAt: '2026-01-01T00:00:00.000Z' } as never);
    expect(evidenceLines(await command([]))).toContainEqual(expect.stringContaining('does not know of its link to elsewhere'));
  });

  it('B11 of one record only its own evidence is read', async () => {
    const [one, other] = [await site.record(), await site.record()];
    await cro.upload(FILE, { recordId: one });
    const { id } = await cro.upload(FILE, { recordId: other });
    await flip(id);
    expect(evidenceLines(await command(['--record', one]))).toEqual([]);
    expect(evidenceLines(await command(['--record', other]))).toHaveLength(1);
  });

  it('B11 without a key ring it says so, and fails where it was to read; it leaves the evidence alone where it was told to', async () => {
    const { id } = await cro.upload(FILE);
    await flip(id);
    expect(await command([], {})).toMatchObject({ code: 0, out: expect.stringContaining('evidence NOT read: no key ring is at hand, set CRO_KEYS_FILE') as string });
    expect(await command(['--evidence'], {})).toMatchObject({ code: 2, err: expect.stringContaining('CRO_KEYS_FILE') as string });
    expect(await command(['--skip-evidence'])).toMatchObject({ code: 0, out: expect.stringContaining('evidence NOT read: as asked') as string });
    expect(await command(['--evidence', '--skip-evidence'])).toMatchObject({ code: 2 });
    expect(await command([], { CRO_KEYS_FILE: '/nowhere.json' })).toMatchObject({ code: 2, err: expect.stringContaining('/nowhere.json') as string });
  });

  it('B11 the key ring of a stack in this folder is not taken for records that are named apart; one without the key says which', async () => {
    await cro.upload(FILE);
    const other = path.join(folder, 'other.json');
    createKeyRing(other, 'another');
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'env.json'), JSON.stringify({ MONGODB_URI: 'mongodb://elsewhere/cro', CRO_KEYS_FILE: other }));
    expect((await command([], {})).out).toContain('no key ring is at hand');
    expect(evidenceLines(await command([], { CRO_KEYS_FILE: other }))).toEqual([expect.stringContaining('does not hold the key')]);
  });
});
