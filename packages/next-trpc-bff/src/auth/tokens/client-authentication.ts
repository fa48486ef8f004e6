import { env } from '../../runtime/process.js';
import { configuredClient } from './provider/discovery.js';

/** How a client authenticates. @see https://www.rfc-editor.org/rfc/rfc7591#section-2 */
type Method = 'client_secret_basic' | 'client_secret_post' | 'none';

/** In the order of preference. */
const METHODS: readonly Method[] = ['client_secret_basic', 'client_secret_post'];

/**
 * Authenticates a request to the identity provider: code exchange, refresh and revocation alike, with the same bytes. By
 * `AUTH_OIDC_CLIENT_AUTH`, else by what the provider's metadata offers, else by HTTP Basic. Libraries differ in how they
 * encode `-_.!~*'()`, and servers that compare without decoding would let people in and then refuse every refresh.
 *
 * @param offered - `token_endpoint_auth_methods_supported` of the metadata
 * @param headers - The request's, to be changed
 * @param form - The request's, to be changed: what a library has put there of the client is removed
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1
 */
export function authenticate(
  offered: readonly string[] | undefined,
  headers: Headers,
  form: URLSearchParams,
): void {
  const { AUTH_OIDC_ID, AUTH_OIDC_SECRET } = configuredClient();
  const method = env().AUTH_OIDC_CLIENT_AUTH ?? METHODS.find((name) => offered?.includes(name)) ?? METHODS[0];
  headers.delete('authorization');
  form.delete('client_id');
  form.delete('client_secret');
  if (method !== 'client_secret_basic') form.set('client_id', AUTH_OIDC_ID);
  if (AUTH_OIDC_SECRET === null) return;
  if (method === 'client_secret_post') form.set('client_secret', AUTH_OIDC_SECRET);
  else headers.set('authorization', basic(AUTH_OIDC_ID, AUTH_OIDC_SECRET));
}

const basic = (id: string, secret: string) =>
  `Basic ${Buffer.from(`${formEncoded(id)}:${formEncoded(secret)}`).toString('base64')}`;

const formEncoded = (text: string) => encodeURIComponent(text).replaceAll('%20', '+');
