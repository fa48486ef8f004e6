import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import {
  keyringFrom,
  newSessionToken,
  recordKeyOf,
  sealTokens,
} from '../../packages/next-trpc-bff/src/session/secrets';
import { openSqliteStore } from '../../packages/next-trpc-bff/src/session/sqlite/store';
import { AUTH_SECRET } from '../support/app';
import { startInstances } from '../support/instances';
import { plainRequest } from '../support/plain-http';

const SESSIONS = 10;

/** An API that was told to forget tokens, and has not answered yet. */
async function startSilentApi() {
  const unanswered: ServerResponse[] = [];
  let isSilent = true;
  let asked = 0;
  const server = createServer((_request, response) => {
    asked += 1;
    if (isSilent) unanswered.push(response);
    else response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The system gave no port.');
  return {
    origin: `http://127.0.0.1:${address.port}`,
    asked: () => asked,
    answerAll() {
      isSilent = false;
      for (const response of unanswered.splice(0)) response.end();
    },
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** An instance on which a user has just ended all sessions but one, and none of their tokens is revoked yet. */
async function startRevoking() {
  const folder = mkdtempSync(join(tmpdir(), 'bff-stopping-'));
  const api = await startSilentApi();
  const file = join(folder, 'sessions.db');
  const app = await startInstances(1, {
    UPSTREAM_URL: api.origin,
    UPSTREAM_LOGOUT_PATH: '/logout',
    SESSION_STORE_URL: `file:${file}`,
  });
  const [instance] = app.instances;
  if (!instance) throw new Error('There is no instance.');
  const store = openSqliteStore(file);
  const sessionTokens = Array.from({ length: SESSIONS + 1 }, newSessionToken);
  for (const sessionToken of sessionTokens) await store.create(sessionOf(sessionToken, api.origin));
  await store.close();
  const answer = await plainRequest(`${app.origin}/api/trpc/session.revokeOthers`, {
    method: 'POST',
    headers: {
      cookie: `bff-session=${sessionTokens[0]}`,
      'content-type': 'application/json',
      'sec-fetch-site': 'same-origin',
    },
  });
  expect(JSON.parse(answer.body)).toEqual({ result: { data: { ended: SESSIONS } } });
  await expect.poll(api.asked).toBeGreaterThan(0);
  return {
    api,
    instance,
    gone: once(instance.child, 'exit'),
    async stop() {
      api.stop();
      await app.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function sessionOf(sessionToken: string, issuer: string) {
  const [now, key] = [Date.now(), recordKeyOf(sessionToken)];
  const tokens = {
    accessToken: 'a',
    refreshToken: sessionToken,
    idToken: null,
    expiresAt: null,
    renewAt: null,
  };
  return {
    key,
    publicId: key.slice(0, 16),
    ...{ subject: 'alice', issuer, providerSid: null, userAgent: null },
    profile: { name: null, email: null, picture: null },
    ...{ createdAt: now, seenAt: now, idleDeadline: now + 600_000, absoluteDeadline: now + 600_000 },
    ...{ endedAt: null, endReason: null, tokenVersion: 1 },
    sealedTokens: sealTokens(tokens, key, keyringFrom([AUTH_SECRET])),
  };
}

const isServing = (origin: string) =>
  plainRequest(`${origin}/api/health`).then(
    () => true,
    () => false,
  );

test('R1 S21 a process that stops finishes the queued revocations and exits with 0', async () => {
  const { api, instance, gone, stop } = await startRevoking();
  expect(api.asked()).toBeLessThan(SESSIONS);
  instance.child.kill('SIGTERM');
  await expect.poll(() => isServing(instance.origin)).toBe(false);
  api.answerAll();
  expect(await gone).toEqual([0, null]);
  expect(api.asked()).toBe(SESSIONS);
  await stop();
});

test('R1 S21 a process that stops does not wait for ever for an API that does not answer', async () => {
  const { api, instance, gone, stop } = await startRevoking();
  instance.child.kill('SIGTERM');
  expect(await gone).toEqual([0, null]);
  expect(instance.output()).toContain('"event":"revocations_abandoned"');
  expect(api.asked()).toBeLessThan(SESSIONS);
  await stop();
});
