import type { ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { startServer } from './http-server';
import { type Turnstile, turnstile } from './turnstile';

/** An answer that is none of the good ones; a body that is no text is sent as JSON, of that type unless `type` says another. */
export interface Refusal {
  readonly status: number;
  readonly type?: string;
  readonly challenge?: string;
  readonly body?: Readonly<Record<string, unknown>> | string;
}

/** An identity provider that says what a test wants: the demo's real one is never wrong. */
export interface ScriptedIssuer {
  readonly origin: string;
  /** Signs claims as this provider would, or with another key. */
  sign(
    claims: Record<string, unknown>,
    header?: { kid?: string; typ?: string; key?: CryptoKey },
  ): Promise<string>;
  /** What the token endpoint answers to the next requests. */
  tokenAnswer: Record<string, unknown> | 'reset' | 'hang';
  /** How the token and the revocation endpoint refuse requests instead, when set. */
  refusal: Refusal | null;
  /** What the revocation endpoint does. */
  revocationAnswer: 'confirm' | 'fail' | 'reset' | 'hang';
  /** What it answers whoever asks for its metadata or its keys. */
  publishes: 'everything' | 'no-revocation' | 'no-keys' | 'nothing';
  /** Stops it: connections are refused from then on. */
  stop(): Promise<void>;
  /** The `Authorization` of the requests to its token and revocation endpoint. */
  readonly authentications: (string | undefined)[];
  readonly requests: { keys: number; tokens: number; revocations: number };
  /** The tokens that it was asked to revoke. */
  readonly revoked: string[];
  /** What revocations pass through. */
  readonly revoking: Turnstile;
}

/** Starts it on loopback; stopped after the test file. */
export async function startScriptedIssuer(): Promise<ScriptedIssuer> {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'RS256' };
  const requests = { keys: 0, tokens: 0, revocations: 0 };
  const revoked: string[] = [];
  const authentications: (string | undefined)[] = [];
  const revoking = turnstile();

  const { origin, stop } = await startServer(async (request, response) => {
    const json = (body: unknown) =>
      response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
    if (request.url === '/token' || request.url === '/revoke')
      authentications.push(request.headers.authorization);
    if (request.url === '/jwks') {
      requests.keys += 1;
      if (issuer.publishes === 'nothing') return response.writeHead(503).end();
      if (issuer.publishes === 'no-keys') return json({ error: 'server_error' });
      return json({ keys: [jwk] });
    }
    if (request.url === '/revoke') {
      requests.revocations += 1;
      revoked.push(new URLSearchParams(await text(request)).get('token') ?? '');
      if (issuer.refusal) return refuse(response, issuer.refusal);
      if (issuer.revocationAnswer === 'hang') return undefined;
      await revoking.enter(response);
      if (issuer.revocationAnswer === 'reset') return request.socket.resetAndDestroy();
      return response.writeHead(issuer.revocationAnswer === 'fail' ? 503 : 200).end();
    }
    if (request.url === '/token') {
      requests.tokens += 1;
      if (issuer.refusal) return refuse(response, issuer.refusal);
      if (issuer.tokenAnswer === 'hang') return undefined;
      return issuer.tokenAnswer === 'reset' ? request.socket.resetAndDestroy() : json(issuer.tokenAnswer);
    }
    if (issuer.publishes === 'nothing') return response.writeHead(503).end();
    return json({
      issuer: origin,
      jwks_uri: `${origin}/jwks`,
      authorization_endpoint: `${origin}/auth`,
      token_endpoint: `${origin}/token`,
      ...(issuer.publishes !== 'no-revocation' && { revocation_endpoint: `${origin}/revoke` }),
      userinfo_endpoint: `${origin}/userinfo`,
      end_session_endpoint: `${origin}/end`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
    });
  });

  const issuer: ScriptedIssuer = {
    origin,
    requests,
    revoked,
    authentications,
    revoking,
    stop,
    tokenAnswer: {},
    refusal: null,
    revocationAnswer: 'confirm',
    publishes: 'everything',
    sign: (claims, { kid = 'k1', typ = 'JWT', key = privateKey } = {}) =>
      new SignJWT(claims).setProtectedHeader({ alg: 'RS256', typ, kid }).sign(key),
  };
  return issuer;
}

function refuse(response: ServerResponse, { status, challenge, type, body = '' }: Refusal): void {
  response.statusCode = status;
  if (challenge !== undefined) response.setHeader('www-authenticate', challenge);
  response.setHeader('content-type', type ?? (typeof body === 'string' ? 'text/html' : 'application/json'));
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}
