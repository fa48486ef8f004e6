import type { Adapter, AdapterPayload } from 'oidc-provider';
import { InvalidGrant } from 'oidc-provider/lib/helpers/errors.js';

/** The provider's own words for it, in `error_detail`. */
export const REFRESH_TOKEN_REUSED = 'refresh token already used';

interface Row {
  model: string;
  id: string;
  payload: AdapterPayload;
  expiresAt: number;
}

/** What one provider remembers, in memory: sessions, grants, codes and refresh tokens. */
export class ProviderStore {
  readonly #rows = new Map<string, Row>();

  /** Returns the adapter through which the provider keeps one kind of thing. */
  adapterFor(model: string): Adapter {
    return {
      upsert: async (id, payload, expiresIn) => {
        const expiresAt = expiresIn === undefined ? Number.POSITIVE_INFINITY : Date.now() + expiresIn * 1000;
        // A copy, as any other store would make: the caller goes on changing its own object.
        const copy: AdapterPayload = JSON.parse(JSON.stringify(payload));
        this.#rows.set(`${model}:${id}`, { model, id, payload: copy, expiresAt });
      },
      find: async (id) => structuredClone(this.#live(`${model}:${id}`)?.payload),
      findByUid: async (uid) => this.#find((row) => row.model === model && row.payload.uid === uid),
      findByUserCode: async (userCode) =>
        this.#find((row) => row.model === model && row.payload.userCode === userCode),
      consume: async (id) => this.#consume(`${model}:${id}`),
      destroy: async (id) => {
        this.#rows.delete(`${model}:${id}`);
      },
      revokeByGrantId: async (grantId) => {
        this.#remove((row) => row.model === model && row.payload.grantId === grantId);
      },
    };
  }

  /** Ends a family: the grant and every token and code that came of it. */
  removeGrant(grantId: string): void {
    this.#remove((row) => row.payload.grantId === grantId || (row.model === 'Grant' && row.id === grantId));
  }

  /** Ends every family that was started from one provider session. */
  removeGrantsOfSession(sessionUid: string): void {
    for (const row of [...this.#rows.values()]) {
      if (row.payload.sessionUid === sessionUid && row.payload.grantId) this.removeGrant(row.payload.grantId);
    }
  }

  /** Ends everything a user has here, provider sessions included. */
  removeAccount(accountId: string): void {
    this.#remove((row) => row.payload.accountId === accountId);
  }

  // Two requests may both have read a token as unused: the second to consume it must lose, with its family.
  #consume(key: string): void {
    const row = this.#live(key);
    if (!row) throw new InvalidGrant('token not found');
    if (row.payload.consumed) {
      if (row.payload.grantId) this.removeGrant(row.payload.grantId);
      throw new InvalidGrant(row.model === 'RefreshToken' ? REFRESH_TOKEN_REUSED : 'code already used');
    }
    row.payload.consumed = Math.floor(Date.now() / 1000);
  }

  #live(key: string): Row | undefined {
    const row = this.#rows.get(key);
    if (row && row.expiresAt <= Date.now()) this.#rows.delete(key);
    return this.#rows.get(key);
  }

  #find(matches: (row: Row) => boolean): AdapterPayload | undefined {
    for (const [key, row] of this.#rows) {
      if (matches(row)) return structuredClone(this.#live(key)?.payload);
    }
    return undefined;
  }

  #remove(matches: (row: Row) => boolean): void {
    for (const [key, row] of this.#rows) {
      if (matches(row)) this.#rows.delete(key);
    }
  }
}
