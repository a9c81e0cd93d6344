import { existsSync } from 'node:fs';
import { isNativeError } from 'node:util/types';
import { loadClientConnectConfig, type ClientConnectConfig } from '@temporalio/envconfig';
import { ConfigError, type ConfigProblem } from './environment';

/** Where Temporal is and how to reach it; the same for clients and workers. */
export interface TemporalTarget {
  readonly namespace: string;
  readonly connection: Readonly<ClientConnectConfig['connectionOptions']>;
}

const BOOLEANS: readonly string[] = ['1', 'true', '0', 'false'];

/**
 * Reads the standard TEMPORAL_* variables. A profile file counts only when TEMPORAL_CONFIG_FILE or
 * TEMPORAL_PROFILE names one: a file in somebody's home directory must not redirect the product.
 * Throws ConfigError.
 */
export function temporalTarget(env: Readonly<Record<string, string>>): TemporalTarget {
  const { connectionOptions, namespace } = load(env);
  const problems = misunderstandings(env);
  const tlsOff = connectionOptions.tls === false || connectionOptions.tls === undefined;
  if (connectionOptions.apiKey !== undefined && tlsOff) {
    problems.push({ variable: 'TEMPORAL_TLS', expected: 'not switched off, because an API key travels only over TLS' });
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return { namespace: namespace ?? 'default', connection: connectionOptions };
}

function load(env: Readonly<Record<string, string>>): ClientConnectConfig {
  const disableFile = env['TEMPORAL_CONFIG_FILE'] === undefined && env['TEMPORAL_PROFILE'] === undefined;
  try {
    return loadClientConnectConfig({ overrideEnvVars: { ...env }, disableFile });
  } catch (error) {
    // Reading a file or parsing TOML; neither message quotes a secret variable.
    const reason = isNativeError(error) ? error.message.split('\n')[0] : 'unknown';
    throw new ConfigError([{ variable: 'TEMPORAL_*', expected: `settings that can be read (${reason ?? 'unknown'})` }]);
  }
}

/** Settings that envconfig 1.24 takes silently for something else than their author meant. */
function misunderstandings(env: Readonly<Record<string, string>>): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const tls = env['TEMPORAL_TLS'];
  // Any other word, `yes` for one, would switch TLS off.
  if (tls !== undefined && !BOOLEANS.includes(tls)) {
    problems.push({ variable: 'TEMPORAL_TLS', expected: '1, true, 0 or false' });
  }
  if (env['TEMPORAL_TLS_DISABLE_HOST_VERIFICATION'] !== undefined) {
    problems.push({
      variable: 'TEMPORAL_TLS_DISABLE_HOST_VERIFICATION',
      expected: 'not set: certificates are always verified; trust your own with TEMPORAL_TLS_SERVER_CA_CERT_PATH',
    });
  }
  const given = (part: string): boolean => env[`TEMPORAL_TLS_CLIENT_${part}_PATH`] !== undefined || env[`TEMPORAL_TLS_CLIENT_${part}_DATA`] !== undefined;
  // With half of it the SDK would connect without any client certificate.
  if (given('CERT') !== given('KEY')) {
    problems.push({ variable: 'TEMPORAL_TLS_CLIENT_*', expected: 'the client certificate and its key, or neither' });
  }
  const file = env['TEMPORAL_CONFIG_FILE'];
  if (file !== undefined && !existsSync(file)) problems.push({ variable: 'TEMPORAL_CONFIG_FILE', expected: 'a file that exists' });
  return problems;
}
