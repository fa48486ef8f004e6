import { randomBytes } from 'node:crypto';
import type { DemoUser } from './users';

/** Everything that came of one sign-in. */
interface Family {
  readonly user: DemoUser;
  isAlive: boolean;
}

interface AccessToken {
  readonly family: Family;
  readonly expiresAt: number;
}

interface RefreshToken {
  readonly family: Family;
  isRedeemed: boolean;
}

/** What a sign-in or a refresh gives, in the API's own words; `expires_in` in seconds. */
export interface Grant {
  access_token: string;
  refresh_token?: string;
  expires_in: number;
}

/** Tokens that mean nothing by themselves; refresh tokens rotate, and re-use kills the family. */
export class OpaqueTokens {
  readonly #access = new Map<string, AccessToken>();
  readonly #refresh = new Map<string, RefreshToken>();

  /** Begins a family. */
  issue(user: DemoUser, ttlSeconds: number): Grant {
    return this.#grant({ user, isAlive: true }, ttlSeconds, true);
  }

  /** Redeems a refresh token; without rotation it stays good and the answer has no other. */
  redeem(token: string, ttlSeconds: number, rotate: boolean): Grant | 'unknown' | 'reused' {
    const presented = this.#refresh.get(token);
    if (!presented) return 'unknown';
    if (presented.isRedeemed) {
      presented.family.isAlive = false;
      return 'reused';
    }
    if (!presented.family.isAlive) return 'unknown';
    presented.isRedeemed = rotate;
    return this.#grant(presented.family, ttlSeconds, rotate);
  }

  /** Returns whose access token this is; `null` when it is expired, ended or none of ours. */
  ownerOf(token: string): DemoUser | null {
    const found = this.#access.get(token);
    return found?.family.isAlive && Date.now() < found.expiresAt ? found.family.user : null;
  }

  expireAccessTokensOf(sub: string): void {
    for (const [token, { family }] of this.#access) if (family.user.sub === sub) this.#access.delete(token);
  }

  endFamiliesOf(sub: string): void {
    for (const { family } of this.#refresh.values()) if (family.user.sub === sub) family.isAlive = false;
  }

  endFamilyOf(refreshToken: string): void {
    const presented = this.#refresh.get(refreshToken);
    if (presented) presented.family.isAlive = false;
  }

  #grant(family: Family, ttlSeconds: number, withRefreshToken: boolean): Grant {
    const access = randomBytes(32).toString('base64url');
    this.#access.set(access, { family, expiresAt: Date.now() + ttlSeconds * 1000 });
    const grant = { access_token: access, expires_in: ttlSeconds };
    if (!withRefreshToken) return grant;
    const refresh = randomBytes(32).toString('base64url');
    this.#refresh.set(refresh, { family, isRedeemed: false });
    return { ...grant, refresh_token: refresh };
  }
}
