import { authenticate } from '../client-authentication.js';
import { askEndpoint, configuredClient, discovered } from './discovery.js';
import { responseOf } from './request.js';
import { readTokenAnswer } from './token-answer.js';

/**
 * The `fetch` with which Auth.js talks to the identity provider: the metadata is the one that all others use, and
 * every other request has their limits. The answer of the token endpoint is read as at a refresh.
 *
 * @param input - As for `fetch`
 * @param init - As for `fetch`
 * @throws {IdentityProviderFailed} when the provider refuses the code, or gives no valid answer in time
 * @see https://authjs.dev/reference/core#customfetch
 */
export async function signInFetch(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
  const url = input instanceof Request ? input.url : String(input);
  if (url === metadataUrl()) return Response.json(await metadata());
  if (!isTokenRequest(init)) return responseOf(await askEndpoint(url, init));
  const [headers, body] = [new Headers(init.headers), new URLSearchParams(init.body)];
  authenticate((await discovered()).serverMetadata().token_endpoint_auth_methods_supported, headers, body);
  const { issued, content } = readTokenAnswer(await askEndpoint(url, { ...init, headers, body }));
  const unread = { refresh_token: undefined, id_token: undefined, expires_in: undefined, scope: undefined };
  return Response.json({ ...content, ...unread, ...issued, token_type: 'bearer' });
}

/** The names come from the id token, but Auth.js insists on an address for more of them. */
async function metadata(): Promise<Record<string, unknown>> {
  const published = (await discovered()).serverMetadata();
  return { userinfo_endpoint: new URL('/userinfo', published.issuer).href, ...published };
}

/** As Auth.js derives it. */
function metadataUrl(): string {
  const url = new URL(configuredClient().AUTH_OIDC_ISSUER);
  url.pathname = `${url.pathname}/.well-known/openid-configuration`.replace('//', '/');
  return url.href;
}

const isTokenRequest = (init: RequestInit): init is RequestInit & { body: URLSearchParams } =>
  init.body instanceof URLSearchParams && init.body.has('grant_type');
