/** Options of one kind, with the defaults for what an application does not say. */
export interface Option<T extends object> {
  /** Returns what holds now. */
  (): T;
  /** Says what holds from now on, for the whole process; what is absent keeps its default. */
  set(changes: Partial<T>): void;
}

/**
 * Makes a set of options that an application gives once. They are kept on `globalThis`, since Next bundles a module
 * several times: whichever copy is told, all of them know.
 *
 * @param name - What it is about, unique within the layer, e.g. `'limits'`
 * @param defaults - What holds where the application says nothing
 */
export function option<T extends object>(name: string, defaults: T): Option<T> {
  const key = Symbol.for(`next-trpc-bff.options.${name}`);
  const registry: { [key: symbol]: unknown } = globalThis;
  const current = () => (registry[key] ?? defaults) as T;
  return Object.assign(current, {
    set(changes: Partial<T>) {
      registry[key] = { ...defaults, ...changes };
    },
  });
}
