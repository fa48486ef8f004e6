import { z } from 'zod';
import { isAllowedAddress, USE_HTTPS } from '../../../runtime/http-hosts.js';
import { describeError, env, log } from '../../../runtime/process.js';

/** The identity provider is, or says that it is, at an address that may not be asked. */
export class InsecureAddress extends Error {
  override readonly name = 'InsecureAddress';
  readonly code = 'INSECURE_ADDRESS';

  /** @param what - Which of its addresses: `token_endpoint` */
  constructor(what: string) {
    super(`The ${what} of the identity provider ${USE_HTTPS}.`);
  }
}

/** The addresses in a provider's metadata that we ask, or send a browser to. */
const ENDPOINTS = [
  'authorization_endpoint',
  'token_endpoint',
  'userinfo_endpoint',
  'jwks_uri',
  'revocation_endpoint',
  'end_session_endpoint',
] as const;

const metadata = z.record(z.string(), z.unknown());

/**
 * Sends a request to the identity provider, for Auth.js and openid-client alike. The libraries are told to accept http:
 * it is here that an address is refused, whoever named it, the provider's own metadata included.
 *
 * @returns The answer, its body unread
 * @throws {InsecureAddress} before anything is sent there; and what `fetch` throws
 */
export async function guardedFetch(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
  const { url, method } = input instanceof Request ? input : { url: String(input), method: init.method };
  assertAllowed('address', url);
  const response = await fetch(input, init);
  if (method === undefined || method === 'GET') {
    const body: unknown = await response
      .clone()
      .json()
      .catch(() => null);
    const named = metadata.safeParse(body).data ?? {};
    for (const name of ENDPOINTS) assertAllowed(name, named[name]);
  }
  return response;
}

function assertAllowed(what: string, address: unknown): void {
  if (typeof address !== 'string' || !URL.canParse(address)) return;
  if (isAllowedAddress(new URL(address), env().HTTP_HOSTS)) return;
  const error = new InsecureAddress(what);
  // What the libraries make of it names neither the endpoint nor the variable.
  log().error({ event: 'insecure_address', error: describeError(error) });
  throw error;
}
