import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  ClientSecretBasic,
  calculatePKCECodeChallenge,
  discovery,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import { afterAll } from 'vitest';
import { type DemoServices, startDemoServices } from '../../packages/demo/src/services';
import { startSession } from '../../packages/next-trpc-bff/src/auth/sign-in/start-session';
import { lifetime } from '../../packages/next-trpc-bff/src/auth/tokens/issuer-answers';
import { browserHeaders } from './browser-headers';
import { configure } from './environment';
import { signInAtProvider } from './provider-login';

export const APP_ORIGIN = 'http://localhost:3000';
const SCOPE = 'openid profile email offline_access notes';

/** The demo's services for a test file, with the layer in this process configured to use them. */
export interface Upstream {
  readonly demo: DemoServices;
  control(command: 'knobs' | 'expire' | 'revoke' | 'reset', body?: unknown): Promise<void>;
  counters(): Promise<Record<string, number>>;
}

/** Starts provider and API, and configures this process for them. Stopped after the test file. */
export async function startUpstream(changes: Record<string, string> = {}): Promise<Upstream> {
  const demo = await startDemoServices({ port: 0, appUrl: APP_ORIGIN });
  afterAll(() => demo.stop());
  configure({
    AUTH_URL: APP_ORIGIN,
    AUTH_OIDC_ISSUER: demo.issuer,
    AUTH_OIDC_ID: demo.clientId,
    AUTH_OIDC_SECRET: demo.clientSecret,
    AUTH_OIDC_SCOPE: SCOPE,
    UPSTREAM_URL: demo.apiUrl,
    ...changes,
  });
  return {
    demo,
    async control(command, body = {}) {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(`${demo.origin}/__demo/${command}`, {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
      });
      if (!response.ok) throw new Error(`The demo refused ${command}: ${await response.text()}`);
    },
    counters: async () => (await fetch(`${demo.origin}/__demo/counters`)).json(),
  };
}

/**
 * Signs a user in at the real provider and starts a session with the tokens it gave.
 *
 * @returns Request headers as the user's browser sends them
 */
export async function signIn({ demo }: Upstream, user: 'alice' | 'bob'): Promise<Headers> {
  const issuer = new URL(demo.issuer);
  const execute = [allowInsecureRequests];
  const client = await discovery(issuer, demo.clientId, undefined, ClientSecretBasic(demo.clientSecret), {
    execute,
  });
  const [verifier, state, nonce] = [randomPKCECodeVerifier(), randomState(), randomNonce()];
  const redirect_uri = `${APP_ORIGIN}/api/auth/callback/oidc`;
  const code_challenge = await calculatePKCECodeChallenge(verifier);
  const start = { redirect_uri, scope: SCOPE, code_challenge, code_challenge_method: 'S256', state, nonce };
  const callback = await signInAtProvider(buildAuthorizationUrl(client, start), {
    login: user,
    password: 'demo',
  });
  const answer = await authorizationCodeGrant(client, callback, {
    pkceCodeVerifier: verifier,
    expectedState: state,
    expectedNonce: nonce,
  });
  const sessionToken = await startSession(
    {
      subject: answer.claims()?.sub ?? '',
      issuer: demo.issuer,
      providerSid: null,
      profile: { name: user, email: null, picture: null },
      tokens: {
        accessToken: answer.access_token,
        refreshToken: answer.refresh_token ?? null,
        idToken: answer.id_token ?? null,
        ...lifetime(answer.expires_in),
      },
    },
    new Headers(),
  );
  return browserHeaders(`bff-session=${sessionToken}`);
}
