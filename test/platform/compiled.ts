import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { transformSync } from '@swc/core';

const ROOT = path.join(__dirname, '..', '..');

/** Compiles some sources (paths without `.ts`) as a release does, for tests of what plain Node sees. Returns the folder. */
export function compile(sources: readonly string[]): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'compiled-'));
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
  for (const source of sources) {
    const { code } = transformSync(readFileSync(path.join(ROOT, `${source}.ts`), 'utf8'), {
      jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
      module: { type: 'commonjs' },
      swcrc: false,
    });
    mkdirSync(path.join(folder, path.dirname(source)), { recursive: true });
    writeFileSync(path.join(folder, `${source}.js`), code);
  }
  return folder;
}
