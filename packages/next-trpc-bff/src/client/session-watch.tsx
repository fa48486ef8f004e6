'use client';

import { useEffect } from 'react';
import { announceSession, leaveForLogout, onSessionChange } from './leave.js';

/** How often a visible page asks whether its session is still alive, ms: it may have been ended elsewhere. */
const RECHECK_INTERVAL_MS = 30_000;

/**
 * Keeps a signed-in page honest: it leaves when another tab says that the session has ended, and loads anew when
 * another user has signed in there. It asks the server too, from time to time and when it wakes up after having
 * been hidden; asking does not keep the session from going idle.
 *
 * @param signedInAs - Id of the user the page was rendered for
 * @param currentUserId - Asks the server who is signed in: an id, or null for nobody; rejects when it cannot say
 */
export function SessionWatch({
  signedInAs,
  currentUserId,
}: {
  signedInAs: string;
  currentUserId: () => Promise<string | null>;
}) {
  useEffect(() => {
    announceSession(signedInAs);
    return onSessionChange((now) => {
      if (now === null) leaveForLogout({ announce: false });
      else if (now !== signedInAs) window.location.reload();
    });
  }, [signedInAs]);

  useEffect(() => {
    const recheck = async () => {
      if (document.visibilityState !== 'visible') return;
      const now = await currentUserId().catch(() => signedInAs);
      if (now === null) leaveForLogout({ announce: false });
      else if (now !== signedInAs) window.location.reload();
    };
    document.addEventListener('visibilitychange', recheck);
    const timer = setInterval(recheck, RECHECK_INTERVAL_MS);
    return () => {
      document.removeEventListener('visibilitychange', recheck);
      clearInterval(timer);
    };
  }, [signedInAs, currentUserId]);

  return null;
}
