import { sessionStore } from '../../packages/next-trpc-bff/src/session/state';
import type { SessionStore } from '../../packages/next-trpc-bff/src/session/store';

/**
 * Watches the real store of this process from now on.
 *
 * @returns The names of the operations in the order they were called; empty it to start anew
 */
export function watchStoreOperations(): string[] {
  const operations: string[] = [];
  const store = sessionStore();
  const observed = new Proxy<SessionStore>(store, {
    get(target, name, receiver) {
      if (typeof name === 'string') operations.push(name);
      return Reflect.get(target, name, receiver);
    },
  });
  Object.assign(globalThis, { [Symbol.for('next-trpc-bff.session-store')]: observed });
  return operations;
}
