import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { ApplicationFailure, defaultPayloadConverter } from '@temporalio/common';
import { failureConverter } from '../../contracts/failureConverter';
import { createDataConverter, failureConverterPath } from '../../platform/dataConverter';
import { openKeyRing } from '../../platform/keyRing';
import { compile } from './compiled';

const KEYS = path.join(__dirname, '..', 'support', 'test-keys.json');

describe('data converter', () => {
  test('from sources the failure converter is the TypeScript file', () => {
    expect(failureConverterPath).toBe(path.join(__dirname, '..', '..', 'contracts', 'failureConverter.ts'));
    const { payloadCodecs, failureConverterPath: given } = createDataConverter(openKeyRing(KEYS));
    expect(given).toBe(failureConverterPath);
    expect(payloadCodecs).toHaveLength(1);
  });

  test('from a compiled release it is the compiled file, and plain Node loads it', () => {
    const folder = compile(['platform/dataConverter', 'platform/payloadCodec', 'platform/keyRing', 'contracts/failureConverter']);
    try {
      const script = `
        const { createDataConverter } = require('./platform/dataConverter');
        const { openKeyRing } = require('./platform/keyRing');
        const { failureConverterPath } = createDataConverter(openKeyRing(process.argv[1]));
        console.log(failureConverterPath, typeof require(failureConverterPath).failureConverter.errorToFailure);`;
      const out = execFileSync(process.execPath, ['-e', script, KEYS], { cwd: folder, encoding: 'utf8' });
      expect(out).toContain(`${path.join('contracts', 'failureConverter.js')} function`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('a failure keeps its type readable and hides its message', () => {
    const failure = failureConverter.errorToFailure(ApplicationFailure.nonRetryable('Grace acted twice', 'separation_of_duties'), defaultPayloadConverter);
    expect(failure.applicationFailureInfo?.type).toBe('separation_of_duties');
    expect(failure.message).not.toContain('Grace');
    expect(failure.encodedAttributes).toBeDefined();
  });
});
