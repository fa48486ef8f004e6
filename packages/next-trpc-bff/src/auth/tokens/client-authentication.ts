import type { ClientAuth } from 'openid-client';

/**
 * Returns how this client authenticates at the identity provider: `client_secret_basic` with the same bytes that
 * Auth.js sends at sign-in. openid-client's own percent-encodes `-_.!~*'()` as well, and servers that compare without
 * decoding would let people in and then refuse every refresh and revocation.
 *
 * @param id - The client id
 * @param secret - The client secret
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1
 */
export function clientSecretBasic(id: string, secret: string): ClientAuth {
  const credentials = Buffer.from(`${formEncoded(id)}:${formEncoded(secret)}`).toString('base64');
  return (_server, _client, _body, headers) => headers.set('authorization', `Basic ${credentials}`);
}

const formEncoded = (text: string) => encodeURIComponent(text).replaceAll('%20', '+');
