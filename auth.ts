import { createAuth, identityProvider, passwordLogin } from 'next-trpc-bff/auth';
import './server/bff';

export const { handlers, auth, signIn, signOut, login } = createAuth({
  providers: [identityProvider, passwordLogin],
});
