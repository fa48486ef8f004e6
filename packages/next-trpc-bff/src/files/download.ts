import { TRPCError } from '@trpc/server';
import { getHTTPStatusCodeFromError } from '@trpc/server/http';
import { z } from 'zod';
import { logoutUrl, safeCallbackUrl } from '../http/callback-url.js';
import { isDocumentNavigation } from '../http/navigation.js';
import { redirectResponse, textResponse } from '../http/responses.js';
import { CURRENT_PATH_HEADER } from '../http/wire.js';
import { SIGN_IN_FIRST } from '../procedures/errors.js';
import { createContext, procedures, router } from '../procedures/trpc.js';
import { withoutBasePath } from '../runtime/base-path.js';
import { env } from '../runtime/process.js';
import { UpstreamError } from '../upstream/errors.js';
import type { Params, SendOptions, StreamedResponse, Upstream } from '../upstream/upstream.js';
import { fileResponse, type Presentation } from './file-response.js';

/** Options of a download. */
export type DownloadOptions<Template extends string> = Presentation &
  Pick<SendOptions, 'query' | 'headers' | 'timeoutMs'> &
  Params<Template>;

/** The headers that pass from the browser's request to the upstream's, an allow-list: conditions, and one range. */
const CONDITIONS = ['if-none-match', 'if-modified-since', 'if-range'] as const;
const ONE_PART = /^bytes \d+-\d+\/(?:\d+|\*)$/;
const ONE_RANGE = /^bytes=(?:\d+-\d*|-\d+)$/;

const NOT_MODIFIED = 304;
const RANGE_NOT_SATISFIABLE = 416;

/** A procedure for this process only: its output cannot be written as JSON. */
const files = router({
  download: procedures.protected
    .input(z.custom<(upstream: Upstream) => Promise<StreamedResponse>>())
    .query(({ ctx, input: open }) => open(ctx.upstream)),
});

/**
 * Answers a route handler's GET or HEAD with a file of your API, requested as the signed-in user. The file is streamed
 * at the speed of the browser until it disconnects. By default it is saved, not shown, under a safe name.
 *
 * @param request - The browser's request; its range and conditions go to the API
 * @param template - Path template of the API, as for `ctx.upstream.get`
 * @param options - Values for the template; the file's name, and whether the browser may show it
 * @returns 200, 206, 304 or 416; without a session a redirect to `/logout`, or 401 for requests that are no document
 *   navigation; for failures the status of their code, as text
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-14.2
 */
export async function download<Template extends string>(
  request: Request,
  template: Template,
  options: DownloadOptions<Template>,
): Promise<Response> {
  const { headers, signal } = request;
  const method = request.method === 'HEAD' ? 'HEAD' : 'GET';
  const conditions = conditionsIn(headers);
  const caller = files.createCaller(createContext({ headers, signal }));
  try {
    const answer = await caller.download((upstream) =>
      upstream.stream(template, {
        ...options,
        method,
        headers: { ...options.headers, ...conditions, 'accept-encoding': 'identity' },
        accepts: [NOT_MODIFIED, RANGE_NOT_SATISFIABLE],
      }),
    );
    try {
      assertPlainBytes(`${method} ${template}`, answer);
      assertRequestedPart(`${method} ${template}`, answer, 'range' in conditions);
      return fileResponse(answer, options);
    } catch (error) {
      // The body is not read: without this it would never release its permit of the limiter.
      answer.body.destroy();
      throw error;
    }
  } catch (error) {
    if (!(error instanceof TRPCError)) throw error;
    return error.code === 'UNAUTHORIZED' ? unauthorized(request) : failed(error);
  }
}

function conditionsIn(headers: Headers): Record<string, string> {
  const range = headers.get('range');
  const conditions = CONDITIONS.flatMap((name) => {
    const value = headers.get(name);
    return value === null ? [] : [[name, value]];
  });
  // Several ranges would be answered in another format, and could make the API work hard.
  return { ...Object.fromEntries(conditions), ...(range !== null && ONE_RANGE.test(range) && { range }) };
}

/** Next removes the header that would name their encoding. */
function assertPlainBytes(call: string, { status, headers }: StreamedResponse): void {
  if ((headers['content-encoding'] ?? 'identity') === 'identity') return;
  throw new UpstreamError('BAD_GATEWAY', call, `answered ${status} with encoded bytes`, { status });
}

/** A part that was not requested, or several parts in one answer, would be saved as if it were the file. */
function assertRequestedPart(call: string, { status, headers }: StreamedResponse, isAskedFor: boolean): void {
  if (status !== 206 || (isAskedFor && ONE_PART.test(headers['content-range'] ?? ''))) return;
  throw new UpstreamError('BAD_GATEWAY', call, 'answered 206 with another part than asked for', { status });
}

/** After signing in the user is back on the page with the link; without one, at the file itself. */
function unauthorized({ url, headers }: Request): Response {
  if (!isDocumentNavigation({ url, headers })) return textResponse(401, SIGN_IN_FIRST);
  const { pathname, search } = new URL(url);
  const own = headers.get(CURRENT_PATH_HEADER) ?? withoutBasePath(pathname) + search;
  const page = pageThatLinked(headers);
  return redirectResponse(307, logoutUrl(page === '/' ? own : page));
}

function pageThatLinked(headers: Headers): string {
  const referrer = headers.get('referer') ?? '';
  if (!URL.canParse(referrer)) return '/';
  const { origin, pathname, search } = new URL(referrer);
  return origin === new URL(env().AUTH_URL).origin
    ? safeCallbackUrl(withoutBasePath(pathname) + search)
    : '/';
}

function failed(error: TRPCError): Response {
  const status = getHTTPStatusCodeFromError(error);
  const retryAfter = error instanceof UpstreamError ? error.failure.retryAfter : null;
  if (status === 404) return textResponse(404, 'There is no such file.');
  if (status < 500) return textResponse(status, `The file cannot be downloaded (${status}).`);
  const again = retryAfter === null ? undefined : { 'retry-after': retryAfter };
  return textResponse(status, 'The file cannot be downloaded right now. Try again in a moment.', again);
}
