import { isLoginPath, logoutUrl } from '../http/callback-url.js';
import { BASE_PATH, withBasePath, withoutBasePath } from '../runtime/base-path.js';

/** A page that has not gone this long after it was told to, ms, may be told again. */
export const LEAVING_TIMEOUT_MS = 10_000;

/** Two 401s of a gateway within this time, ms, are a fault of the gateway and not of the session. */
const GATEWAY_PATIENCE_MS = 30_000;

/** Applications below other base paths share the origin, but not the session. */
const CHANNEL = `bff-session${BASE_PATH}`;
const GATEWAY_KEY = `bff-gateway-401-at${BASE_PATH}`;

let leaving = false;
let safetyTimer: ReturnType<typeof setTimeout> | undefined;
let channel: BroadcastChannel | null = null;

/**
 * Takes this page to the logout route handler, once however many calls fail, and lets other tabs know.
 *
 * @param announce - Whether other tabs should hear of it; false when they were the ones who said it
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

/** A page that comes back from the back/forward cache has not left after all. */
const stayIfRestored = ({ persisted }: PageTransitionEvent) => {
  if (persisted) stay();
};

/**
 * Leaves because something in front of us answered 401 without asking us. The session may well be alive, in
 * which case `/logout` sends the user straight back: so the second time within 30 s the page stays.
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
 * Calls back with who is signed in now when another tab says so. A tab never hears itself.
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
