/** What an application's `auth.ts` and its login page use. */
export { type Auth, createAuth } from './auth/sign-in/create-auth.js';
export { type AuthProvider, identityProvider, passwordLogin } from './auth/sign-in/providers.js';
export { type LoginPage, loginPage, type PasswordForm } from './next/login-page.js';
