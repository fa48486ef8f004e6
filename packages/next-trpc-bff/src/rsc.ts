/** What Server Components, Server Actions and route handlers use. */
export { type BffServer, createBffServer } from './rsc/server.js';
