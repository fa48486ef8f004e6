import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { BASE_PATH } from '../runtime/base-path.js';
import { secretsOf } from '../runtime/env.js';
import { env, onePerProcess } from '../runtime/process.js';
import type { Tokens } from './record.js';

// A session has two secrets: the token in the browser's cookie, and the provider's tokens, sealed, in the store.

const SESSION_TOKEN = /^v1\.[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;
const MAX_CANDIDATES = 4;

/** Returns whether the application is served over https, which decides the cookies' names and `Secure`. */
export const isSecure = (): boolean => env().AUTH_URL.startsWith('https:');

/**
 * Returns the name of a cookie of ours, one that other applications on the same host (localhost, say) do not use.
 * `__Host-` binds it to this host over https; plain http on loopback cannot carry the prefix. The prefix requires
 * `Path=/`, so below a base path the path is part of the name. It stands in front, since Auth.js reads a cookie whose
 * name begins with that of another one as a chunk of it.
 *
 * @param name - What the cookie is for, e.g. `session`
 * @see https://www.rfc-editor.org/rfc/rfc6265bis (section 4.1.3.2)
 */
export function cookieName(name: string): string {
  const place = BASE_PATH === '' ? '' : `${BASE_PATH.slice(1).replaceAll('/', '~')}~`;
  return `${isSecure() ? '__Host-' : ''}${place}bff-${name}`;
}

/** Returns the name of the session cookie. */
export const sessionCookieName = (): string => cookieName('session');

/** Returns a request's cookies as they came, `name=value` each. */
export const cookiePairs = (headers: Headers): string[] =>
  (headers.get('cookie') ?? '').split(';').map((pair) => pair.trim());

/** Returns the value of a cookie, the first of several of that name, or null. */
export const cookieValue = (headers: Headers, name: string): string | null =>
  cookiePairs(headers)
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1) ?? null;

/** Makes a new session token: a version and 256 random bits, base64url. */
export const newSessionToken = (): string => `v1.${randomBytes(32).toString('base64url')}`;

/** Returns the store's key for a session token: SHA-256, base64url. The cookie cannot be computed from it. */
export const recordKeyOf = (sessionToken: string): string =>
  createHash('sha256').update(sessionToken).digest('base64url');

/** Returns whether a text is a well-formed session token; its session need not be live. */
export const isSessionToken = (text: string): boolean => SESSION_TOKEN.test(text);

/**
 * Returns the well-formed session tokens among a request's cookies, in the browser's order. Usually there is one; a
 * stale copy on another path or domain makes more. Malformed ones are skipped.
 *
 * @param headers - The request's headers
 * @returns At most four distinct tokens, so that a forged header cannot make many store reads
 */
export function sessionTokensIn(headers: Headers): string[] {
  const prefix = `${sessionCookieName()}=`;
  const values = cookiePairs(headers)
    .filter((pair) => pair.startsWith(prefix))
    .map((pair) => pair.slice(prefix.length));
  return [...new Set(values.filter(isSessionToken))].slice(0, MAX_CANDIDATES);
}

const FORMAT = 'v1';
const IV_BYTES = 12;
const TAG_BYTES = 16;

const tokensSchema = z.object({
  accessToken: z.string(),
  refreshToken: z.string().nullable(),
  idToken: z.string().nullable(),
  expiresAt: z.number().nullable(),
  renewAt: z.number().nullable(),
});

interface Keyring {
  readonly keys: readonly Buffer[];
}

/**
 * Derives the encryption keys, one from each secret, newest first.
 *
 * @param secrets - As from `secretsOf`; the first one encrypts, all of them decrypt
 * @see https://www.rfc-editor.org/rfc/rfc5869 (HKDF)
 */
export function keyringFrom(secrets: readonly string[]): Keyring {
  const derive = (secret: string) =>
    Buffer.from(hkdfSync('sha256', secret, 'next-trpc-bff', 'session tokens', 32));
  return { keys: secrets.map(derive) };
}

const ownKeyring = () => onePerProcess('keyring', () => keyringFrom(secretsOf(env())));

/**
 * Encrypts a text with AES-256-GCM.
 *
 * @param text - What nobody but this application may read or make
 * @param context - What it is for, authenticated with it: in another context it cannot be decrypted
 * @returns `v1.` and base64url of iv, tag and ciphertext
 */
export function seal(text: string, context: string, { keys: [newest] } = ownKeyring()): string {
  if (!newest) throw new TypeError('A keyring needs at least one key.');
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', newest, iv).setAAD(Buffer.from(context));
  const encrypted = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return `${FORMAT}.${Buffer.concat([iv, cipher.getAuthTag(), encrypted]).toString('base64url')}`;
}

/**
 * Decrypts what {@link seal} made, by trying each key.
 *
 * @returns The text, or null when no key decrypts it: another secret, another context, or tampered with
 */
export function unseal(sealed: string, context: string, { keys } = ownKeyring()): string | null {
  const [format, payload] = sealed.split('.');
  if (format !== FORMAT || !payload) return null;
  const bytes = Buffer.from(payload, 'base64url');
  if (bytes.length <= IV_BYTES + TAG_BYTES) return null;
  const iv = bytes.subarray(0, IV_BYTES);
  const tag = bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES);
  const encrypted = bytes.subarray(IV_BYTES + TAG_BYTES);
  for (const key of keys) {
    const decipher = createDecipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(context)).setAuthTag(tag);
    try {
      return decipher.update(encrypted, undefined, 'utf8') + decipher.final('utf8');
    } catch {
      // Not this key: try the next one.
    }
  }
  return null;
}

/** Encrypts a user's tokens for the record with this key: moved to another record they cannot be decrypted. */
export const sealTokens = (tokens: Tokens, recordKey: string, keyring?: Keyring): string =>
  seal(JSON.stringify(tokens), recordKey, keyring);

/** Decrypts what {@link sealTokens} made. Returns null where {@link unseal} does. */
export function openTokens(sealed: string, recordKey: string, keyring?: Keyring): Tokens | null {
  const text = unseal(sealed, recordKey, keyring);
  return text === null ? null : tokensSchema.parse(JSON.parse(text));
}
