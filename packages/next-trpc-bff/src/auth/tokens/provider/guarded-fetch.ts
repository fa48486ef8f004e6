import { assertAllowedAddress, assertAllowedEndpoints } from './allowed-address.js';

/**
 * Sends a request to the identity provider, for Auth.js and openid-client alike. The libraries are told to accept http:
 * it is here that an address is refused, whoever named it, the provider's own metadata included.
 *
 * @returns The answer, its body unread
 * @throws {InsecureAddress} before anything is sent there; and what `fetch` throws
 */
export async function guardedFetch(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
  const { url, method } = input instanceof Request ? input : { url: String(input), method: init.method };
  assertAllowedAddress('address', url);
  const response = await fetch(input, init);
  if (method === undefined || method === 'GET') {
    const body: unknown = await response
      .clone()
      .json()
      .catch(() => null);
    assertAllowedEndpoints(body);
  }
  return response;
}
