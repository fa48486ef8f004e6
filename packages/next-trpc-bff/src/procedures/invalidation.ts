import type { AnyTRPCRouter } from '@trpc/server';
import type { ProcedureMeta } from './trpc-options.js';

/**
 * Checks that what mutations make stale exists: a name that is mistyped would leave old data on the page, silently.
 *
 * @param router - The whole map
 * @throws {TypeError} naming the mutation and the path that no query has
 */
export function assertKnownQueries(router: AnyTRPCRouter): void {
  const procedures = Object.entries<Procedure>(router._def.procedures);
  // What is loaded when it is called first cannot be asked yet.
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
