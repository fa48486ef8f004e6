/** What an application's `auth.ts` and its login page use. */
export type { LoginActions, PasswordAttempt } from './auth/sign-in/actions.js';
export { type Auth, createAuth } from './auth/sign-in/create-auth.js';
export { type AuthProvider, identityProvider, passwordLogin } from './auth/sign-in/providers.js';
export { type LoginPage, loginPage } from './next/login-page.js';
