import { safeCallbackUrl } from '../../http/callback-url.js';
import { isDocumentNavigation } from '../../http/navigation.js';
import { originOf } from '../../http/request.js';
import { redirectResponse, TRY_AGAIN, textResponse } from '../../http/responses.js';
import { describeError, log } from '../../runtime/process.js';
import { clearingCookies, hasSessionCookie } from '../../session/cookie.js';
import { endByKey, endSession } from '../../session/end.js';
import { loginReason, loginUrl, reasonOfDeath } from '../../session/login-reason.js';
import { recordKeyOf, sessionTokensIn } from '../../session/secrets.js';
import { type LiveSession, sessionState, sessionStateOf } from '../../session/state.js';
import { isSessionStoreUnavailable } from '../../session/store.js';
import { revokeAtProvider } from '../tokens/revoke.js';
import { tokenIssuerOf } from '../tokens/token-issuer.js';

/** How long a sign-out waits for the identity provider, ms. */
const PROVIDER_BOUND_MS = 2_000;

/**
 * Answers `GET /logout`. Clears the cookie of a dead session, never of a live one, so that no link, image, prefetch or
 * stale page can sign a user out.
 *
 * @param request - The visit; `callbackUrl` in its query says where to go back to
 * @returns 303 back when live; 303 to `/login` with the cookie cleared when dead; 503 with the cookie kept while the
 *   store is down; 200 without effect for anything but a document navigation
 */
export async function visitLogout(request: Request): Promise<Response> {
  if (!isDocumentNavigation(request))
    return textResponse(200, 'Open this address in the browser, as a page.');
  const { headers, url } = request;
  const { searchParams } = new URL(url);
  const callbackUrl = safeCallbackUrl(searchParams.get('callbackUrl'));
  const state = await sessionState(headers);
  if (state.status === 'unknown') return storeDown();
  if (state.status === 'live') return redirectResponse(303, callbackUrl);
  return redirectResponse(
    303,
    // A cookie that `/login` sees and this path does not cannot be cleared here: the reason keeps `/login` from
    // redirecting again.
    loginUrl(
      callbackUrl,
      hasSessionCookie(headers) ? reasonOfDeath(state) : loginReason(searchParams.get('reason')),
    ),
    clearingCookies(headers),
  );
}

/**
 * Answers `POST /logout`: signs the user out, here and at the identity provider.
 *
 * @param request - From one of our own pages; others are refused
 * @returns 303 to the provider's end-session page or to `/login`, with the cookie cleared; 403 for other origins; 503, with no effect, while the store is down
 */
export async function signOut({ headers }: Request): Promise<Response> {
  if (originOf(headers) !== 'same-origin')
    return textResponse(403, 'Only pages of this application may sign you out.');
  let next = '/login';
  try {
    // A browser may send more than one live session: a copy of the cookie on another path.
    for (
      let state = await sessionState(headers);
      state.status !== 'dead';
      state = await sessionState(headers)
    ) {
      if (state.status === 'unknown') return storeDown();
      next = await endEverywhere(state.session);
    }
    for (const sessionToken of sessionTokensIn(headers)) await endWhereUnopened(recordKeyOf(sessionToken));
    return redirectResponse(303, next, clearingCookies(headers));
  } catch (error) {
    if (isSessionStoreUnavailable(error)) return storeDown();
    throw error;
  }
}

/** A session that is dead only because no secret opens its tokens may be live for a process that has the secret. */
async function endWhereUnopened(key: string): Promise<void> {
  const state = await sessionStateOf(key);
  if (state.status === 'dead' && state.reason === 'key') await endByKey(key, 'signed-out');
}

/**
 * Ends a session in the store, then at its issuer if that answers in time.
 *
 * @param session - The session to end
 * @returns Where the browser goes next: the provider's end-session page if the provider just answered and offers one,
 *   else `/login`
 * @throws {SessionStoreUnavailable} when the end could not be written; then nothing was revoked either
 */
export async function endEverywhere(session: LiveSession): Promise<string> {
  const { record, tokens } = (await endSession(session, 'signed-out')) ?? session;
  const answered = await revokeAtProvider({ record, tokens }, PROVIDER_BOUND_MS);
  const signedOut = loginUrl('/', 'signed-out');
  if (!answered) return signedOut;
  return tokenIssuerOf(record)
    .endSessionUrl(tokens)
    .then(
      (url) => url ?? signedOut,
      (error: unknown) => {
        log().warn({ event: 'end_session_failed', error: describeError(error) });
        return signedOut;
      },
    );
}

const STILL_SIGNED_IN =
  'You are still signed in: sessions cannot be changed right now. Try again in a moment.';

const storeDown = () => textResponse(503, STILL_SIGNED_IN, TRY_AGAIN);
