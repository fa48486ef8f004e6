import { afterAll, describe } from 'vitest';
import type { SessionStore } from '../../packages/next-trpc-bff/src/session/store';
import { describeEnds } from './store-contract-ends';
import { describeExpiry } from './store-contract-expiry';
import { describeLeases } from './store-contract-leases';
import { describeRecords } from './store-contract-records';

/** What every driver must do: run by each driver's test file. */
export function describeStoreContract(name: string, openStore: () => SessionStore): void {
  describe(`${name} keeps the store contract`, () => {
    const store = openStore();
    afterAll(() => store.close());
    describeRecords(store);
    describeEnds(store);
    describeLeases(store);
    describeExpiry(store);
  });
}
