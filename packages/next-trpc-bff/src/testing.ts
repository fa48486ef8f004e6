/** What tests of an application's procedures use, with `createContext` of the `server` entry. */
export { startSession } from './auth/sign-in/start-session.js';
export { sessionCookieName } from './session/secrets.js';
