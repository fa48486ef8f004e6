import { beforeEach, describe, expect, test } from 'vitest';
import { bareAuthJs } from '../support/auth-js';
import { configure } from '../support/environment';
import { keepLogLines } from '../support/log-lines';
import { startScriptedIssuer } from '../support/scripted-issuer';
import { APP_ORIGIN } from '../support/signed-in';

const provider = await startScriptedIssuer();
configure({ AUTH_URL: APP_ORIGIN, AUTH_OIDC_ISSUER: provider.origin, AUTH_OIDC_ID: 'the-client' });
const logLines = keepLogLines();
const authJs = bareAuthJs();

const seconds = () => Math.floor(Date.now() / 1000);

/** Signs in with these claims beside the subject. */
async function signIn(more: Record<string, unknown>): Promise<URL> {
  const begun = await authJs.begin();
  const claims = { iss: provider.origin, aud: 'the-client', sub: 'alice', ...more };
  const nonce = begun.location.searchParams.get('nonce');
  const id_token = await provider.sign({ ...claims, nonce, iat: seconds(), exp: seconds() + 60 });
  provider.tokenAnswer = { access_token: 'new', token_type: 'bearer', id_token };
  return begun.finish();
}

beforeEach(() => {
  Object.assign(provider, { publishes: 'everything', userinfo: null });
  provider.requests.userinfos = 0;
  Reflect.deleteProperty(globalThis, Symbol.for('next-trpc-bff.oidc'));
  logLines.length = 0;
  authJs.signIns.length = 0;
});

describe('T19 the user of an id token', () => {
  const NAMES: [claims: Record<string, unknown>, name: string | null][] = [
    [{ name: 'Alice Archer', preferred_username: 'alice' }, 'Alice Archer'],
    [{ given_name: 'Alice', family_name: 'Archer', preferred_username: 'alice' }, 'Alice Archer'],
    [{ given_name: 'Alice', family_name: '' }, 'Alice'],
    [{ name: ' ', preferred_username: 'alice' }, 'alice'],
    [{ name: null, nickname: 'al' }, 'al'],
    [{ name: { formatted: 'Alice' }, given_name: ['Alice'], family_name: 7, nickname: true }, null],
    [{ name: 'x'.repeat(257) }, null],
    [{}, null],
  ];
  test.each(NAMES)('%j is shown as %j', async (more, name) => {
    expect((await signIn(more)).pathname).toBe('/');
    expect(authJs.signIns[0]).toMatchObject({ subject: 'alice', profile: { name } });
  });

  test.each([
    [
      { email: ['a@example.com'], picture: 17 },
      { email: null, picture: null },
    ],
    [
      { email: 'A@example.com', picture: 'https://example.com/a.png' },
      { email: 'A@example.com', picture: 'https://example.com/a.png' },
    ],
    [{ picture: 'data:image/png;base64,AAAA' }, { picture: null }],
    [{ picture: `https://example.com/${'a'.repeat(2_000)}` }, { picture: null }],
  ])('%j has %j', async (more, profile) => {
    expect((await signIn(more)).pathname).toBe('/');
    expect(authJs.signIns[0]).toMatchObject({ profile });
  });
});

describe('S16 what the id token does not say of a user', () => {
  const alice = { sub: 'alice', name: 'Alice Archer', email: 'alice@example.com' };
  const profileIn = async (more: Record<string, unknown> = {}) => {
    expect((await signIn(more)).pathname).toBe('/');
    return authJs.signIns[0]?.profile;
  };

  test('is asked of userinfo, and the id token counts where both say something', async () => {
    provider.userinfo = { ...alice, name: 'Another' };
    expect(await profileIn({ name: 'Alice Archer' })).toMatchObject({
      name: 'Alice Archer',
      email: alice.email,
    });
    expect(provider.requests.userinfos).toBe(1);
  });

  test('is not asked where nothing is missing', async () => {
    provider.userinfo = alice;
    expect(await profileIn({ name: 'A', email: 'a@example.com' })).toMatchObject({ name: 'A' });
    expect(provider.requests.userinfos).toBe(0);
  });

  test.each([
    ['of somebody else', { ...alice, sub: 'bob' }],
    ['of nobody', { name: 'Alice Archer' }],
    ['that is signed', 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.x'],
    ['that is a refusal', null],
  ])('stays unknown after an answer %s, which is logged without its text', async (_, userinfo) => {
    provider.userinfo = userinfo;
    expect(await profileIn()).toEqual({ name: null, email: null, picture: null });
    const status = userinfo === null ? 403 : 200;
    expect(logLines).toContainEqual(expect.objectContaining({ event: 'userinfo_unusable', status }));
    expect(JSON.stringify(logLines)).not.toMatch(/Archer|eyJ/);
  });

  test('stays unknown without a userinfo endpoint', async () => {
    provider.publishes = 'no-userinfo';
    expect(await profileIn()).toEqual({ name: null, email: null, picture: null });
    expect(provider.requests.userinfos).toBe(0);
  });
});
