import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import type { DemoState } from './state';
import { type DemoUser, findUser } from './users';

export interface AccessTokenRules {
  issuer: string;
  /** What the token must be meant for: the API's own address. */
  audience: string;
  state: DemoState;
}

/** Who sent a request; `null` when the Authorization header does not say so credibly. */
export type AuthenticateBearer = (authorization: string | undefined) => Promise<DemoUser | null>;

/** Returns the check of an Authorization header: signature, issuer, audience, type, expiry, scope, denylist. */
export function createBearerCheck({ issuer, audience, state }: AccessTokenRules): AuthenticateBearer {
  const keys = createRemoteJWKSet(new URL('/jwks', issuer));
  return async (authorization) => {
    const token = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1];
    if (!token) return null;
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        audience,
        typ: 'at+jwt',
        algorithms: ['RS256'],
        requiredClaims: ['sub', 'jti', 'exp', 'scope'],
      });
      const { sub, jti, scope } = payload;
      if (!sub || !jti || !String(scope).split(' ').includes('notes')) return null;
      return state.issuedTokens.isRejected(jti) ? null : findUser(sub);
    } catch (error) {
      if (error instanceof errors.JOSEError) return null;
      throw error;
    }
  };
}
