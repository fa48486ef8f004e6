import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { text } from 'node:stream/consumers';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  endSessionUrl,
  redeemRefreshToken,
  revokeTokens,
} from '../../packages/next-trpc-bff/src/auth/tokens/oidc';
import { createContext } from '../../packages/next-trpc-bff/src/procedures/trpc';
import { createUpstream } from '../../packages/next-trpc-bff/src/upstream/client';
import { withoutToken } from '../../packages/next-trpc-bff/src/upstream/token-source';
import { bareAuthJs } from '../support/auth-js';
import { type Certificate, makeCertificate, trustedCertificate } from '../support/certificate';
import { configure, temporaryFolder } from '../support/environment';
import { APP_ORIGIN } from '../support/signed-in';

configure({ AUTH_URL: APP_ORIGIN });

/** A provider, which is an API too. */
interface Service {
  readonly origin: string;
  /** Methods and paths of the requests that it had. */
  readonly lines: string[];
}

/** What its metadata says otherwise. */
let named: Record<string, string> = {};

/** Starts a provider under any name of this machine, with TLS if it has a certificate. */
async function serve(host: string, certificate?: Certificate): Promise<Service> {
  const lines: string[] = [];
  const listener: RequestListener = async (request, response) => {
    lines.push(`${request.method} ${request.url}`);
    await text(request);
    response.setHeader('content-type', 'application/json');
    if (request.url === '/token')
      return response.end(JSON.stringify({ access_token: 'a2', token_type: 'bearer', expires_in: 60 }));
    const metadata = {
      issuer: origin,
      authorization_endpoint: `${origin}/auth`,
      token_endpoint: `${origin}/token`,
      revocation_endpoint: `${origin}/revoke`,
      userinfo_endpoint: `${origin}/userinfo`,
      end_session_endpoint: `${origin}/end`,
      jwks_uri: `${origin}/jwks`,
      ...named,
    };
    return response.end(JSON.stringify(metadata));
  };
  const server: Server = certificate
    ? createSecureServer(
        { cert: readFileSync(certificate.certificateFile), key: readFileSync(certificate.keyFile) },
        listener,
      )
    : createServer(listener);
  await once(server.listen(0), 'listening');
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const origin = `${certificate ? 'https' : 'http'}://${host}:${port}`;
  return { origin, lines };
}

/** Makes a service provider and API of this process. */
function use({ origin }: Service, HTTP_HOSTS = ''): void {
  Object.assign(process.env, { AUTH_OIDC_ISSUER: origin, UPSTREAM_URL: origin, HTTP_HOSTS });
  for (const memo of ['env', 'oidc', 'provider-keys'])
    Reflect.deleteProperty(globalThis, Symbol.for(`next-trpc-bff.${memo}`));
}

const authJs = bareAuthJs();

/** Begins a sign-in and comes back with a code, as Auth.js does. Returns where the browser was sent. */
async function signInByAuthJs(): Promise<string> {
  const { location, finish } = await authJs.begin();
  if (location.searchParams.has('state')) await finish();
  return location.href;
}

const tokens = { accessToken: 'a', refreshToken: 'r', idToken: 'i', expiresAt: null, renewAt: null };

const callApi = () =>
  createUpstream(createContext({ headers: new Headers() }).upstreamContext, withoutToken).get('/', {
    output: z.object({ issuer: z.string() }),
  });

/** Everything by which the process talks to provider and API. */
async function talk() {
  const location = await signInByAuthJs();
  const [refresh, revocation] = [await redeemRefreshToken('r', tokens), await revokeTokens(tokens)];
  const ends = await endSessionUrl('id').catch(() => null);
  return { location, refresh: refresh.kind, revocation: revocation.kind, ends };
}

const DISCOVERY = 'GET /.well-known/openid-configuration';
const isSent = ({ lines }: Service, path: string) => lines.includes(`POST ${path}`);

beforeEach(() => {
  named = {};
});

describe.each([
  ['http to a host that HTTP_HOSTS names', () => serve('0.0.0.0'), '0.0.0.0'],
  ['https under an authority of NODE_EXTRA_CA_CERTS', () => serve('localhost', trustedCertificate()), ''],
])('S15 %s', (_, start, hosts) => {
  test('reaches provider and API, at sign-in, refresh, revocation and sign-out', async () => {
    const service = await start();
    use(service, hosts);
    expect(await callApi()).toEqual({ issuer: service.origin });
    const talked = await talk();
    expect(talked).toMatchObject({ refresh: 'granted', revocation: 'confirmed' });
    expect(talked.location).toContain(`${service.origin}/auth?`);
    expect(talked.ends).toContain(`${service.origin}/end?`);
    // Once by Auth.js, once by us.
    expect(service.lines.filter((line) => line === 'POST /token')).toHaveLength(2);
    expect(isSent(service, '/revoke')).toBe(true);
  });
});

test('S15 an authority that nobody trusts gets no secret and no token', async () => {
  const service = await serve('localhost', makeCertificate(temporaryFolder()));
  use(service);
  await expect(callApi()).rejects.toMatchObject({ code: 'BAD_GATEWAY' });
  expect(await talk()).toMatchObject({ refresh: 'failed', revocation: 'failed', ends: null });
  expect(service.lines).toEqual([]);
});

test.each([
  'authorization_endpoint',
  'token_endpoint',
  'userinfo_endpoint',
  'revocation_endpoint',
  'end_session_endpoint',
  'jwks_uri',
])(
  'S15 a provider with TLS whose metadata names a %s without gets no secret, and no browser',
  async (name) => {
    const [service, clear] = [await serve('localhost', trustedCertificate()), await serve('0.0.0.0')];
    named = { [name]: `${clear.origin}/clear` };
    use(service);
    const talked = await talk();
    expect(talked).toMatchObject({ refresh: 'failed', revocation: 'failed', ends: null });
    expect(talked.location).toMatch(new RegExp(`^${APP_ORIGIN}/login\\?error=`));
    expect(clear.lines).toEqual([]);
    expect(new Set(service.lines)).toEqual(new Set([DISCOVERY]));

    use(service, '0.0.0.0');
    expect(await talk()).toMatchObject({ refresh: name === 'token_endpoint' ? 'failed' : 'granted' });
  },
);
