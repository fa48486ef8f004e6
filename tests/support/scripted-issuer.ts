import type { ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { startServer } from './http-server';
import { type Turnstile, turnstile } from './turnstile';

/** An answer as it goes over the wire; a body that is no text is sent as JSON, a text as HTML unless it has a type. */
export interface Refusal {
  readonly status: number;
  readonly challenge?: string;
  readonly body?: Readonly<Record<string, unknown>> | string;
  readonly type?: string;
}

/** What an endpoint does instead of answering: it resets the connection, is silent at once, or after its first byte, or has no end. */
type Misbehaviour = 'reset' | 'hang' | 'stall' | 'endless';

/** An identity provider that says what a test wants: the demo's real one is never wrong. */
export interface ScriptedIssuer {
  readonly origin: string;
  /** Signs claims as this provider would, or with another key. */
  sign(
    claims: Record<string, unknown>,
    header?: { kid?: string; typ?: string; key?: CryptoKey },
  ): Promise<string>;
  /** What the token endpoint answers to the next requests. */
  tokenAnswer: Record<string, unknown> | Misbehaviour;
  /** What the token and the revocation endpoint answer instead, when set. */
  refusal: Refusal | null;
  /** What the revocation endpoint does. */
  revocationAnswer: 'confirm' | 'fail' | 'reset' | 'hang';
  /** What its userinfo endpoint answers the access token `new`; with null it refuses. */
  userinfo: Record<string, unknown> | string | null;
  /** What it answers whoever asks for its metadata or its keys. */
  publishes: 'everything' | 'no-revocation' | 'no-userinfo' | 'no-keys' | 'nothing' | Misbehaviour;
  /** Where its endpoints are, but for the metadata: a path before theirs. At other places it answers 404. */
  place: string;
  /** Stops it: connections are refused from then on. */
  stop(): Promise<void>;
  /** The `Authorization` of the requests to its token and revocation endpoint. */
  readonly authentications: (string | undefined)[];
  /** The forms that came to its token and revocation endpoint. */
  readonly forms: URLSearchParams[];
  /** What its metadata says of authentications, if anything. */
  clientAuthentications: readonly string[] | undefined;
  readonly requests: {
    metadata: number;
    keys: number;
    tokens: number;
    revocations: number;
    userinfos: number;
  };
  /** The tokens that it was asked to revoke. */
  readonly revoked: string[];
  /** What revocations pass through. */
  readonly revoking: Turnstile;
}

/** Starts it on loopback; stopped after the test file. */
export async function startScriptedIssuer(): Promise<ScriptedIssuer> {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'RS256' };
  const requests = { metadata: 0, keys: 0, tokens: 0, revocations: 0, userinfos: 0 };
  const revoked: string[] = [];
  const authentications: (string | undefined)[] = [];
  const forms: URLSearchParams[] = [];
  const revoking = turnstile();

  const { origin, stop } = await startServer(async (request, response) => {
    const json = (body: unknown) =>
      response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
    const { pathname } = new URL(request.url ?? '/', origin);
    const isMetadata = pathname === '/.well-known/openid-configuration';
    if (!isMetadata && !pathname.startsWith(`${issuer.place}/`)) return response.writeHead(404).end();
    const endpoint = pathname.slice(issuer.place.length);
    const form = new URLSearchParams(await text(request));
    if (endpoint === '/token' || endpoint === '/revoke') {
      authentications.push(request.headers.authorization);
      forms.push(form);
    }
    if (endpoint === '/jwks') {
      requests.keys += 1;
      if (issuer.publishes === 'nothing') return response.writeHead(503).end();
      if (issuer.publishes === 'no-keys') return json({ error: 'server_error' });
      if (isMisbehaviour(issuer.publishes)) return misbehave(response, issuer.publishes);
      return json({ keys: [jwk] });
    }
    if (endpoint === '/revoke') {
      requests.revocations += 1;
      revoked.push(form.get('token') ?? '');
      if (issuer.refusal) return refuse(response, issuer.refusal);
      if (issuer.revocationAnswer === 'hang') return undefined;
      await revoking.enter(response);
      if (issuer.revocationAnswer === 'reset') return request.socket.resetAndDestroy();
      return response.writeHead(issuer.revocationAnswer === 'fail' ? 503 : 200).end();
    }
    if (endpoint === '/userinfo') {
      requests.userinfos += 1;
      const isSigned = request.headers.authorization === 'Bearer new';
      if (issuer.userinfo === null || !isSigned) return response.writeHead(403).end();
      return json(issuer.userinfo);
    }
    if (endpoint === '/token') {
      requests.tokens += 1;
      if (issuer.refusal) return refuse(response, issuer.refusal);
      if (isMisbehaviour(issuer.tokenAnswer)) return misbehave(response, issuer.tokenAnswer);
      return json(issuer.tokenAnswer);
    }
    requests.metadata += 1;
    if (issuer.publishes === 'nothing') return response.writeHead(503).end();
    if (isMisbehaviour(issuer.publishes)) return misbehave(response, issuer.publishes);
    const base = origin + issuer.place;
    return json({
      issuer: origin,
      jwks_uri: `${base}/jwks`,
      authorization_endpoint: `${base}/auth`,
      token_endpoint: `${base}/token`,
      ...(issuer.publishes !== 'no-revocation' && { revocation_endpoint: `${base}/revoke` }),
      ...(issuer.publishes !== 'no-userinfo' && { userinfo_endpoint: `${base}/userinfo` }),
      end_session_endpoint: `${base}/end`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      token_endpoint_auth_methods_supported: issuer.clientAuthentications,
    });
  });

  const issuer: ScriptedIssuer = {
    origin,
    requests,
    revoked,
    authentications,
    forms,
    clientAuthentications: undefined,
    revoking,
    stop,
    tokenAnswer: {},
    refusal: null,
    revocationAnswer: 'confirm',
    publishes: 'everything',
    userinfo: null,
    place: '',
    sign: (claims, { kid = 'k1', typ = 'JWT', key = privateKey } = {}) =>
      new SignJWT(claims).setProtectedHeader({ alg: 'RS256', typ, kid }).sign(key),
  };
  return issuer;
}

const MISBEHAVIOURS = new Set<unknown>(['reset', 'hang', 'stall', 'endless']);
const isMisbehaviour = (answer: unknown): answer is Misbehaviour => MISBEHAVIOURS.has(answer);

function misbehave(response: ServerResponse, misbehaviour: Misbehaviour): void {
  if (misbehaviour === 'reset') response.socket?.resetAndDestroy();
  if (misbehaviour === 'reset' || misbehaviour === 'hang') return;
  response.setHeader('content-type', 'application/json').write('{"a":"');
  if (misbehaviour === 'endless') writeOn(response);
}

/** Writes as fast as it is read, until the reader goes away. */
function writeOn(response: ServerResponse): void {
  const page = Buffer.alloc(65_536, 'x');
  const write = () => {
    while (!response.destroyed && response.write(page));
  };
  response.on('drain', write);
  write();
}

function refuse(response: ServerResponse, { status, challenge, body = '', type }: Refusal): void {
  response.statusCode = status;
  if (challenge !== undefined) response.setHeader('www-authenticate', challenge);
  const defaultType = typeof body === 'string' ? 'text/html' : 'application/json';
  response.setHeader('content-type', type ?? defaultType);
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}
