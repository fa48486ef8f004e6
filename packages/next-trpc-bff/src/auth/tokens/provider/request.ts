import { readText } from '../../../http/body.js';
import { env } from '../../../runtime/process.js';
import { ISSUER_TIMEOUT_MS } from '../issuer-answers.js';
import { assertAllowedAddress } from './allowed-address.js';
import { IdentityProviderFailed } from './failed.js';

/** Longest answer, bytes: metadata, keys and tokens of the largest providers have a tenth of it. */
const MAX_BODY_BYTES = 1_048_576;

/** The answer of an identity provider, read whole. */
export interface ProviderAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/**
 * Sends a request to the identity provider: every one goes through here. It takes no longer than
 * {@link ISSUER_TIMEOUT_MS} with its body, and follows no redirection.
 *
 * @param url - Its endpoint
 * @param init - As for `fetch`
 * @throws {IdentityProviderFailed} when there is no answer in time, or one of more than 1 MB
 */
export async function askProvider(url: string | URL, init: RequestInit): Promise<ProviderAnswer> {
  try {
    const address = addressForServers(new URL(url));
    assertAllowedAddress('address', address.href);
    const response = await fetch(address, {
      ...init,
      redirect: 'manual',
      cache: 'no-store',
      signal: AbortSignal.timeout(ISSUER_TIMEOUT_MS),
    });
    const { status, headers } = response;
    const text = await readText(response.body, MAX_BODY_BYTES);
    if (text === null) throw new AnswerTooLarge();
    return { status, headers, text };
  } catch (cause) {
    throw new IdentityProviderFailed(cause);
  }
}

/** The issuer's origin is the browser's: servers may know the provider by another one. */
function addressForServers(url: URL): URL {
  const { oidc, AUTH_OIDC_BACKCHANNEL_ORIGIN } = env();
  if (!oidc || !AUTH_OIDC_BACKCHANNEL_ORIGIN || url.origin !== new URL(oidc.AUTH_OIDC_ISSUER).origin)
    return url;
  return new URL(url.pathname + url.search, AUTH_OIDC_BACKCHANNEL_ORIGIN);
}

/** Returns an answer as libraries want it. */
export function responseOf({ status, headers, text }: ProviderAnswer): Response {
  const type = headers.get('content-type');
  const challenge = headers.get('www-authenticate');
  const isBodiless = status === 204 || status === 304;
  return new Response(isBodiless ? null : text, {
    status,
    headers: { ...(type && { 'content-type': type }), ...(challenge && { 'www-authenticate': challenge }) },
  });
}

class AnswerTooLarge extends Error {
  override readonly name = 'AnswerTooLarge';
}
