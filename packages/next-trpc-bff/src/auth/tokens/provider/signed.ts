import {
  createRemoteJWKSet,
  customFetch,
  errors,
  type JWTPayload,
  type JWTVerifyOptions,
  jwtVerify,
} from 'jose';
import { onePerProcess } from '../../../runtime/process.js';
import { askEndpoint, discovered, suspectMetadata } from './discovery.js';
import { responseOf } from './request.js';

type Keys = ReturnType<typeof createRemoteJWKSet>;

/**
 * Verifies a token that the identity provider sent by itself, with the keys that it publishes.
 *
 * @param token - A signed JWT
 * @param options - What else must hold
 * @returns Its claims
 * @throws {JOSEError} when the token is not valid, or the keys are none
 * @throws {IdentityProviderFailed} when the provider does not answer
 */
export async function verifySigned(token: string, options: JWTVerifyOptions): Promise<JWTPayload> {
  const address = await keysAddress();
  try {
    return await verify(token, options, address);
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey) suspectMetadata();
    const next = await keysAddress();
    if (next === address) throw error;
    return verify(token, options, next);
  }
}

async function verify(token: string, options: JWTVerifyOptions, address: string): Promise<JWTPayload> {
  const { issuer } = (await discovered()).serverMetadata();
  return (await jwtVerify(token, keysAt(address), { ...options, issuer })).payload;
}

async function keysAddress(): Promise<string> {
  const { jwks_uri } = (await discovered()).serverMetadata();
  if (!jwks_uri) throw new Error('The identity provider names no jwks_uri.');
  return jwks_uri;
}

/** Keys are fetched again for an unknown key id, but at most every 30 s: forged ids must not become requests. */
function keysAt(address: string): Keys {
  const memo = onePerProcess<{ address: string; keys: Keys | null }>('provider-keys', () => ({
    address,
    keys: null,
  }));
  if (memo.address !== address) Object.assign(memo, { address, keys: null });
  memo.keys ??= createRemoteJWKSet(new URL(address), {
    cooldownDuration: 30_000,
    timeoutDuration: 5_000,
    [customFetch]: async (url, { headers }) => responseOf(await askEndpoint(url, { headers })),
  });
  return memo.keys;
}
