import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A folder that is gone after the test file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bff-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A complete configuration; nothing listens at its addresses until a test starts something there. */
export const completeEnvironment = (): Record<string, string> => ({
  AUTH_SECRET: 'a-secret-for-tests-only-0123456789abcdef',
  AUTH_URL: 'http://localhost:3000',
  AUTH_OIDC_ISSUER: 'http://localhost:4000',
  AUTH_OIDC_ID: 'test-client',
  AUTH_OIDC_SECRET: 'test-client-secret',
  UPSTREAM_URL: 'http://localhost:4000/api',
  LOG_LEVEL: 'silent',
});

/** Configures this test file's process. Call before anything asks for the configuration. */
export function configure(changes: Record<string, string> = {}): void {
  const storeUrl = `file:${join(temporaryFolder(), 'sessions.db')}`;
  Object.assign(process.env, completeEnvironment(), { SESSION_STORE_URL: storeUrl }, changes);
}
