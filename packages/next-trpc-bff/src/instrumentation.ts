/** What `instrumentation.ts` uses. */
export { boot } from './next/boot.js';
