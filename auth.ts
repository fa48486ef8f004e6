import { createAuth, identityProvider, passwordLogin } from 'next-trpc-bff/auth';
import './server/bff';

export const { handlers, auth, signIn, signOut } = createAuth({
  providers: [identityProvider, passwordLogin],
});
