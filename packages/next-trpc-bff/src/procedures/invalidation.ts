import type { AnyTRPCRouter } from '@trpc/server';
import type { ProcedureMeta } from './trpc-options.js';

/**
 * Asserts that the queries that mutations invalidate exist: a mistyped name would silently leave stale data on the page.
 *
 * @param router - The application's router
 * @throws {TypeError} naming the mutation and the path that matches no query
 */
export function assertKnownQueries(router: AnyTRPCRouter): void {
  const procedures = Object.entries<Procedure>(router._def.procedures);
  // The queries of a lazy router are not known yet.
  const later = Object.keys(router._def.lazy).map((path) => `${path}.`);
  const queries = procedures.filter(([, { _def }]) => _def.type === 'query').map(([path]) => path);
  for (const [path, { _def }] of procedures) {
    for (const stale of _def.meta?.invalidates ?? []) {
      const isKnown = [...queries, ...later].some((query) => `${query}.`.startsWith(`${stale}.`));
      if (!isKnown && !later.some((path) => stale.startsWith(path)))
        throw new TypeError(`${path} invalidates "${stale}", but no query has that path or begins with it.`);
    }
  }
}

interface Procedure {
  readonly _def: { readonly type: string; readonly meta?: ProcedureMeta };
}
