import { expect, test } from 'vitest';
import { recordKeyOf, sessionTokensIn } from '../../packages/next-trpc-bff/src/session/secrets';
import { openDatabase } from '../../packages/next-trpc-bff/src/session/sqlite/driver';
import { sessionState } from '../../packages/next-trpc-bff/src/session/state';
import { signIn, startUpstream } from '../support/signed-in';

const upstream = await startUpstream();
const database = () => openDatabase(process.env['SESSION_STORE_URL']?.slice('file:'.length) ?? '');

test('S6 the store holds neither the session token nor a provider’s token in the clear', async () => {
  const alice = await signIn(upstream, 'alice');
  const state = await sessionState(alice);
  if (state.status !== 'live') throw new Error('not live');
  const [sessionToken = ''] = sessionTokensIn(alice);
  const row = JSON.stringify(
    database().prepare('SELECT * FROM sessions WHERE key = ?').get(recordKeyOf(sessionToken)),
  );
  expect(row).toContain(recordKeyOf(sessionToken));
  const { accessToken, refreshToken, idToken } = state.session.tokens;
  for (const secret of [
    sessionToken,
    sessionToken.slice(3),
    accessToken,
    refreshToken ?? 'none',
    idToken ?? 'none',
  ])
    expect(row).not.toContain(secret);
});
