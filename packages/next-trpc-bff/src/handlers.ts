/** The route handlers of an application. */
export { backchannelLogout, health, logout, ready } from './next/route-handlers.js';
