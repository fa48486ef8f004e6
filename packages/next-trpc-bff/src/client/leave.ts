import { isLoginPath, logoutUrl } from '../http/callback-url.js';
import { BASE_PATH, withBasePath, withoutBasePath } from '../runtime/base-path.js';

/** A page that is still there this long after it began to leave, ms, may leave again. */
export const LEAVING_TIMEOUT_MS = 10_000;

/** A second 401 of a gateway within this time, ms, is a fault of the gateway and not of the session. */
const GATEWAY_PATIENCE_MS = 30_000;

/** Applications below other base paths share the origin, but not the session. */
const CHANNEL = `bff-session${BASE_PATH}`;
const GATEWAY_KEY = `bff-gateway-401-at${BASE_PATH}`;

let leaving = false;
let safetyTimer: ReturnType<typeof setTimeout> | undefined;
let channel: BroadcastChannel | null = null;

/**
 * Navigates this page to the logout route handler, once however many calls fail, and tells other tabs.
 *
 * @param announce - Whether to tell other tabs; false when one of them has told this page
 * @returns Whether the page is leaving: false on `/login`, where there is nothing to leave
 */
export function leaveForLogout({ announce }: { announce: boolean }): boolean {
  const { pathname, search, hash } = window.location;
  const path = withoutBasePath(pathname);
  if (isLoginPath(path)) return false;
  if (leaving) return true;
  leaving = true;
  clearTimeout(safetyTimer);
  safetyTimer = setTimeout(stay, LEAVING_TIMEOUT_MS);
  window.addEventListener('pageshow', stayIfRestored);
  if (announce) announceSession(null);
  window.location.assign(withBasePath(logoutUrl(path + search + hash)));
  return true;
}

const stay = () => {
  leaving = false;
};

/** A page that comes back from the back/forward cache may leave again. */
const stayIfRestored = ({ persisted }: PageTransitionEvent) => {
  if (persisted) stay();
};

/**
 * Leaves because a gateway in front of the application answered 401. The session may be alive, in which case `/logout`
 * redirects straight back: so the second time within 30 s the page stays.
 *
 * @returns Whether the page is leaving
 */
export function leaveForGateway(): boolean {
  if (leaving) return true;
  const last = Number(window.sessionStorage.getItem(GATEWAY_KEY) ?? 0);
  if (Date.now() - last < GATEWAY_PATIENCE_MS) return false;
  window.sessionStorage.setItem(GATEWAY_KEY, String(Date.now()));
  return leaveForLogout({ announce: false });
}

/** Tells the other tabs of this browser who is signed in now: a user's id, or null when the session has ended. */
export function announceSession(userId: string | null): void {
  sessionChannel()?.postMessage(userId);
}

/**
 * Calls `listener` with the id of the signed-in user when another tab announces it. A tab does not receive its own
 * messages.
 *
 * @returns Stops listening
 */
export function onSessionChange(listener: (userId: string | null) => void): () => void {
  const heard = sessionChannel();
  const onMessage = ({ data }: MessageEvent<string | null>) => listener(data);
  heard?.addEventListener('message', onMessage);
  return () => heard?.removeEventListener('message', onMessage);
}

function sessionChannel(): BroadcastChannel | null {
  if (typeof BroadcastChannel === 'undefined') return null;
  channel ??= new BroadcastChannel(CHANNEL);
  return channel;
}
