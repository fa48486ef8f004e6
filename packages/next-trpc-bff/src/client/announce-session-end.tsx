'use client';

import { useEffect } from 'react';
import { announceSession } from './leave.js';

/** Other tabs hear of a sign-out from the page it lands on. */
export function AnnounceSessionEnd() {
  useEffect(() => announceSession(null), []);
  return null;
}
