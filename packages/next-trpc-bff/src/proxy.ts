/** What `proxy.ts` uses. */
export { createProxy, type ProxyOptions } from './next/proxy.js';
