/** What `next.config.ts` uses. */
export { withBff } from './next/config.js';
