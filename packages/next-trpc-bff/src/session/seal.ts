import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { env, secretsOf } from '../runtime/env.js';
import { onePerProcess } from '../runtime/one-per-process.js';
import type { Tokens } from './record.js';

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
 * Derives the sealing keys, one from each secret, newest first.
 *
 * @param secrets - As from `secretsOf`; the first one seals, all of them open
 * @see https://www.rfc-editor.org/rfc/rfc5869 (HKDF)
 */
export function keyringFrom(secrets: readonly string[]): Keyring {
  const derive = (secret: string) =>
    Buffer.from(hkdfSync('sha256', secret, 'next-trpc-bff', 'session tokens', 32));
  return { keys: secrets.map(derive) };
}

const ownKeyring = () => onePerProcess('keyring', () => keyringFrom(secretsOf(env())));

/**
 * Encrypts a user's tokens for the store with AES-256-GCM.
 *
 * @param tokens - What the identity provider gave
 * @param recordKey - The key of the record they belong to; sealed tokens moved to another record do not open
 * @returns `v1.` and base64url of iv, tag and ciphertext
 */
export function sealTokens(tokens: Tokens, recordKey: string, { keys: [newest] } = ownKeyring()): string {
  if (!newest) throw new TypeError('A keyring needs at least one key.');
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', newest, iv).setAAD(Buffer.from(recordKey));
  const text = Buffer.concat([cipher.update(JSON.stringify(tokens), 'utf8'), cipher.final()]);
  return `${FORMAT}.${Buffer.concat([iv, cipher.getAuthTag(), text]).toString('base64url')}`;
}

/**
 * Decrypts what {@link sealTokens} made, with whichever key of the ring fits.
 *
 * @returns The tokens, or null when no key opens it: another secret, another record, or tampered with
 */
export function openTokens(sealed: string, recordKey: string, { keys } = ownKeyring()): Tokens | null {
  const [format, payload] = sealed.split('.');
  if (format !== FORMAT || !payload) return null;
  const bytes = Buffer.from(payload, 'base64url');
  if (bytes.length <= IV_BYTES + TAG_BYTES) return null;
  const iv = bytes.subarray(0, IV_BYTES);
  const tag = bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES);
  const text = bytes.subarray(IV_BYTES + TAG_BYTES);
  for (const key of keys) {
    const decipher = createDecipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(recordKey)).setAuthTag(tag);
    try {
      const opened = decipher.update(text, undefined, 'utf8') + decipher.final('utf8');
      return tokensSchema.parse(JSON.parse(opened));
    } catch {
      // Not this key: try the next one.
    }
  }
  return null;
}
