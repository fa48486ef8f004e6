/** What happened at the demo services since the start or the last reset. */
export interface Counters {
  /** Requests to `/api/*`, whatever their answer; but for events. */
  apiRequests: number;
  /** Those whose caller went away before the answer was sent. */
  apiAborts: number;
  /** Bytes of attachments that arrived. */
  uploadedBytes: number;
  /** Bytes of attachments that were sent. */
  downloadedBytes: number;
  /** Requests to `/api/notes/events`, whatever their answer. */
  eventRequests: number;
  /** Requests to the token endpoint, of every grant type, and to `/api/refresh`. */
  tokenRequests: number;
  /** Refreshes answered 200. */
  refreshes: number;
  /** Refresh tokens redeemed, also those whose answer a knob dropped. */
  redemptions: number;
  /** Refresh tokens presented although they had been redeemed before. */
  refreshReuses: number;
  /** Requests to the revocation endpoint answered 200, and to `/api/logout`. */
  revocations: number;
  /** Submissions of the sign-in form and requests to `/api/login`, right or wrong. */
  loginRequests: number;
}

/** Returns counters that all stand at zero. */
export function zeroCounters(): Counters {
  return {
    apiRequests: 0,
    apiAborts: 0,
    uploadedBytes: 0,
    downloadedBytes: 0,
    eventRequests: 0,
    tokenRequests: 0,
    refreshes: 0,
    redemptions: 0,
    refreshReuses: 0,
    revocations: 0,
    loginRequests: 0,
  };
}
