/** What `next.config.ts` uses. */
export { basePathOf } from './runtime/base-path.js';
export { withBff } from './next/config.js';
