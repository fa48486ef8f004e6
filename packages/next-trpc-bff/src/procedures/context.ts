import { optionalSessionToken, sessionToken } from '../auth/tokens/session-token.js';
import { requestIdOf, tracingHeaders } from '../http/request.js';
import { BACKGROUND_HEADER } from '../http/wire.js';
import { type SessionState, sessionState, touchSession } from '../session/state.js';
import { RequestDedupe, type UpstreamContext } from '../upstream/call.js';
import type { TokenSource } from '../upstream/token-source.js';

/** What every procedure can see of its request. */
export interface Context {
  readonly headers: Headers;
  readonly requestId: string;
  /** How many requests went to the upstream so far. */
  readonly upstreamCalls: { count: number };
  readonly upstreamContext: UpstreamContext;
  /** Paths of the queries that mutations of this request made stale. */
  readonly staleQueries: Set<string>;
  /** Of a subscription: id of the user that its page was rendered for, empty for nobody; undefined where nobody says. */
  readonly pageUser: string | undefined;
  /** Whether the request's session is alive; read once per request, and only when somebody asks. */
  session(): Promise<SessionState>;
  /** The session's token for upstream calls, one for all calls of the request; ask only when the session is live. */
  tokenSource(kind: 'required' | 'optional'): Promise<TokenSource>;
}

/**
 * Makes the context of one request. Never fails for a bad cookie: a public procedure in the same batch works on.
 *
 * @param request - The request's headers, and its signal where there is one; whether it is a background call, which
 *   does not count as use of the session, as far as its headers do not say so; the user its page was rendered for
 * @returns The context; nothing was read from the store yet
 */
export function createContext({
  headers,
  signal,
  isBackground = headers.has(BACKGROUND_HEADER),
  pageUser,
}: {
  headers: Headers;
  signal?: AbortSignal | undefined;
  isBackground?: boolean;
  pageUser?: string | undefined;
}): Context {
  const requestId = requestIdOf(headers);
  const upstreamCalls = { count: 0 };
  let state: Promise<SessionState> | null = null;
  const tokenSources: Partial<Record<'required' | 'optional', TokenSource>> = {};

  const session = () => {
    state ??= sessionState(headers).then(async (found) => {
      if (found.status === 'live' && !isBackground) await touchSession(found.session);
      return found;
    });
    return state;
  };

  return {
    headers,
    requestId,
    upstreamCalls,
    staleQueries: new Set(),
    upstreamContext: {
      signal,
      tracing: tracingHeaders(headers, requestId),
      dedupe: new RequestDedupe(),
      onSent: () => {
        upstreamCalls.count += 1;
      },
    },
    pageUser,
    session,
    async tokenSource(kind) {
      const found = await session();
      if (found.status !== 'live')
        throw new TypeError('There is no live session to authorize upstream calls with.');
      tokenSources[kind] ??=
        kind === 'required' ? sessionToken(found.session) : optionalSessionToken(found.session);
      return tokenSources[kind];
    },
  };
}
