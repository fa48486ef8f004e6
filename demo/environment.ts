import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import nextEnv from '@next/env';
import { isErrorWithCode } from '../packages/demo/src/loopback';
import type { DemoServices } from '../packages/demo/src/services';

export type Environment = Record<string, string | undefined>;

const DATA_DIRECTORY = '.data';

/** Returns an environment together with what Next will add to it from `.env.local`, `.env` and their like. */
export function readEnvFiles(environment: Environment): Environment {
  const silent = { info: () => undefined, error: () => undefined };
  return { ...nextEnv.loadEnvConfig(process.cwd(), true, silent).combinedEnv, ...environment };
}

/** Returns what Next needs and neither the caller nor an `.env` file sets; `demo` is null with services of one's own. */
export function defaultsFor(port: number, demo: DemoServices | null, settings: Environment): Environment {
  const defaults: Environment = {
    NEXT_TELEMETRY_DISABLED: '1',
    AUTH_URL: `http://localhost:${port}`,
    AUTH_SECRET: settings['AUTH_SECRET'] ?? readOrCreateSecret(join(DATA_DIRECTORY, 'auth-secret')),
    SESSION_STORE_URL: `file:./${DATA_DIRECTORY}/sessions.db`,
    ...(demo && {
      AUTH_OIDC_ISSUER: demo.issuer,
      AUTH_OIDC_ID: demo.clientId,
      AUTH_OIDC_SECRET: demo.clientSecret,
      AUTH_OIDC_SCOPE: 'openid profile email offline_access notes',
      UPSTREAM_URL: demo.apiUrl,
      ...(settings['UPSTREAM_URL'] === undefined && demo.loginPaths),
    }),
  };
  return Object.fromEntries(Object.entries(defaults).filter(([name]) => settings[name] === undefined));
}

function readOrCreateSecret(file: string): string {
  mkdirSync(DATA_DIRECTORY, { recursive: true });
  chmodSync(DATA_DIRECTORY, 0o700);
  try {
    writeFileSync(file, randomBytes(32).toString('base64url'), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (!isErrorWithCode(error, 'EEXIST')) throw error;
  }
  return readFileSync(file, 'utf8').trim();
}
