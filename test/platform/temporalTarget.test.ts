import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { temporalTarget } from '../../platform/temporalTarget';

describe('where Temporal is', () => {
  test('the standard variables', () => {
    expect(temporalTarget({ TEMPORAL_ADDRESS: 'temporal.example.org:7233', TEMPORAL_NAMESPACE: 'oversight', TEMPORAL_GRPC_META_X_TRACE: 'a' }))
      .toMatchObject({ namespace: 'oversight', connection: { address: 'temporal.example.org:7233', tls: undefined, metadata: { 'x-trace': 'a' } } });
  });

  test('an API key switches TLS on', () => {
    expect(temporalTarget({ TEMPORAL_API_KEY: 'k' }).connection).toMatchObject({ apiKey: 'k', tls: true });
  });

  test('an API key never travels in clear', () => {
    expect(() => temporalTarget({ TEMPORAL_API_KEY: 'k', TEMPORAL_TLS: 'false' })).toThrow(/TEMPORAL_TLS: not switched off/);
  });

  test.each(['yes', 'on', 'TRUE'])('TEMPORAL_TLS=%s, which the SDK would read as off, is refused', (value) => {
    expect(() => temporalTarget({ TEMPORAL_TLS: value })).toThrow(/TEMPORAL_TLS: 1, true, 0 or false/);
  });

  test('asking not to verify certificates is refused, not ignored', () => {
    expect(() => temporalTarget({ TEMPORAL_TLS: '1', TEMPORAL_TLS_DISABLE_HOST_VERIFICATION: '1' })).toThrow(/always verified/);
  });

  test('half a client certificate is refused', () => {
    expect(() => temporalTarget({ TEMPORAL_TLS_CLIENT_CERT_DATA: 'c' })).toThrow(/client certificate and its key, or neither/);
    expect(() => temporalTarget({ TEMPORAL_TLS_CLIENT_KEY_DATA: 'k' })).toThrow(/client certificate and its key, or neither/);
  });

  test('a CA file that does not exist is reported by its path', () => {
    expect(() => temporalTarget({ TEMPORAL_TLS_SERVER_CA_CERT_PATH: '/does/not/exist.pem' })).toThrow(/exist\.pem/);
  });

  test('a profile counts when it is asked for, not because it lies in the home directory', () => {
    const home = mkdtempSync(path.join(tmpdir(), 'home-'));
    try {
      const folder = path.join(home, '.config', 'temporalio');
      mkdirSync(folder, { recursive: true });
      const file = path.join(folder, 'temporal.toml');
      writeFileSync(file, '[profile.default]\naddress = "elsewhere.example.org:7233"\n');
      const env = { HOME: home, XDG_CONFIG_HOME: path.join(home, '.config') };
      expect(temporalTarget(env).connection.address).toBeUndefined();
      expect(temporalTarget({ ...env, TEMPORAL_CONFIG_FILE: file }).connection.address).toBe('elsewhere.example.org:7233');
      expect(() => temporalTarget({ ...env, TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: 'absent' })).toThrow(/absent/);
    } finally {
      rmSync(home, { recursive: true });
    }
  });

  test('a profile file that is named must exist, and its text is not quoted', () => {
    expect(() => temporalTarget({ TEMPORAL_CONFIG_FILE: '/does/not/exist.toml' })).toThrow(/TEMPORAL_CONFIG_FILE/);
    const home = mkdtempSync(path.join(tmpdir(), 'home-'));
    try {
      const file = path.join(home, 'broken.toml');
      writeFileSync(file, '[profile.default]\napi_key = s3cret\n');
      expect(() => temporalTarget({ TEMPORAL_CONFIG_FILE: file })).toThrow(/TEMPORAL_\*/);
      expect(() => temporalTarget({ TEMPORAL_CONFIG_FILE: file })).not.toThrow(/s3cret/);
    } finally {
      rmSync(home, { recursive: true });
    }
  });
});
