'use client';

import { useEffect } from 'react';
import { announceSession, leaveForLogout, onSessionChange } from './leave.js';

/** How often a visible page checks that its session is alive, ms: it may have been ended elsewhere. */
const RECHECK_INTERVAL_MS = 30_000;

/**
 * Makes a signed-in page leave when another tab announces that the session has ended, and reload when another user has
 * signed in there. It also asks the server, at intervals and when it becomes visible; that does not keep the session
 * from going idle.
 *
 * @param signedInAs - Id of the user the page was rendered for
 * @param currentUserId - Asks the server who is signed in: an id, or null; rejects when that is unknown
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
