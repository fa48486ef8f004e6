/** What `next.config.ts` uses. */

export { withBff } from './next/config.js';
export { basePathOf } from './runtime/base-path.js';
