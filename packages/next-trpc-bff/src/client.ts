/** What client components use. */
export { AnnounceSessionEnd } from './client/announce-session-end.js';
export { isUnauthorized } from './client/links.js';
export { type BffClient, createBffClient } from './client/provider.js';
