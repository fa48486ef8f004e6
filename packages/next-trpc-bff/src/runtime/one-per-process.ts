/**
 * Returns the one instance of something that must exist once per process.
 * Next bundles a module several times (pages, route handlers, instrumentation, proxy), so module state is
 * not process state; `globalThis` under a registered symbol is.
 *
 * @param name - What it is, unique within the layer, e.g. `'session-store'`
 * @param create - Makes it on first use; never called at import time, so `next build` opens nothing
 * @returns The instance, the same one for every caller of this name
 * @throws Whatever `create` throws; nothing is remembered then
 */
export function onePerProcess<T>(name: string, create: () => T): T {
  const key = Symbol.for(`next-trpc-bff.${name}`);
  const registry: { [key: symbol]: unknown } = globalThis;
  if (!(key in registry)) registry[key] = create();
  return registry[key] as T;
}
