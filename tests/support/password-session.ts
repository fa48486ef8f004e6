import { startSession } from '../../packages/next-trpc-bff/src/auth/sign-in/start-session';
import { logIn } from '../../packages/next-trpc-bff/src/auth/tokens/own-login';
import { browserHeaders } from './browser-headers';

/**
 * Signs a user in with the API's own login and starts a session with the tokens it gave.
 *
 * @returns Request headers as the user's browser sends them
 */
export async function signInWithPassword(login = 'alice', password = 'demo'): Promise<Headers> {
  const answer = await logIn({ login, password }, {});
  if (answer.kind !== 'granted') throw new Error(`The API did not sign ${login} in: ${answer.kind}`);
  return browserHeaders(`bff-session=${await startSession(answer.signIn, new Headers())}`);
}
