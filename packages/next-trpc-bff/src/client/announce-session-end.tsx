'use client';

import { useEffect } from 'react';
import { announceSession } from './leave.js';

/** Tells the other tabs that the session has ended, from the page that a sign-out lands on. */
export function AnnounceSessionEnd() {
  useEffect(() => announceSession(null), []);
  return null;
}
