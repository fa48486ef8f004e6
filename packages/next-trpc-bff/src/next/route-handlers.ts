import { connection } from 'next/server';
import { answerBackchannelLogout } from '../auth/sign-out/backchannel-logout.js';
import { signOut, visitLogout } from '../auth/sign-out/logout.js';
import { NO_STORE, TRY_AGAIN } from '../http/responses.js';
import { sessionStore } from '../session/state.js';

/** The route handlers of `app/logout`. Next would answer HEAD by calling GET, and HEAD must have no effect. */
export const logout = {
  GET: visitLogout,
  HEAD: (): Response => new Response(null, { status: 200, headers: NO_STORE }),
  POST: signOut,
};

/** The route handler of `app/api/backchannel-logout`, to which the identity provider posts. */
export const backchannelLogout = { POST: answerBackchannelLogout };

/** Liveness, the route handler of `app/api/health`: this process answers. */
export const health = {
  async GET(): Promise<Response> {
    // Else Next would answer with the response of the build.
    await connection();
    return Response.json({ status: 'ok' }, { headers: NO_STORE });
  },
};

/** Readiness, the route handler of `app/api/health/ready`: the session store answers, so requests can be sent here. */
export const ready = {
  async GET(): Promise<Response> {
    await connection();
    try {
      await sessionStore().ping();
      return Response.json({ status: 'ready' }, { headers: NO_STORE });
    } catch {
      return Response.json({ status: 'session store unavailable' }, { status: 503, headers: TRY_AGAIN });
    }
  },
};
