'use client';

import { useEffect } from 'react';
import { announceSessionEnd } from '@/trpc/leave';

/** Other tabs hear of a sign-out from the page it lands on. */
export function AnnounceSessionEnd() {
  useEffect(announceSessionEnd, []);
  return null;
}
