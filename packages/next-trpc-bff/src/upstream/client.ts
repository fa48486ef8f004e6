import { Readable } from 'node:stream';
import { TRPCError } from '@trpc/server';
import { z } from 'zod';
import { callWithToken, type UpstreamContext } from './call.js';
import { conventions } from './conventions.js';
import { errorOfAnswer, errorOfVerdict, otherShape, UpstreamError } from './errors.js';
import { upstreamEvents } from './events/events.js';
import type { JudgedResponse, Method, UpstreamRequest } from './request.js';
import type { TokenSource } from './token-source.js';
import { isSafe, isSuccess } from './transport.js';
import type { Call, Query, RequestOptions, UntypedParams, Upstream, UrlValue } from './upstream.js';

const NAMES = /\{([^{}]+)\}/g;

/** Names in braces, and characters that must be encoded in a URL: spaces and anything beyond ASCII. */
const NAMES_AND_FOREIGN = /\{([^{}]+)\}|[^\x21-\x7e]+/g;

const CLIMBING = /(?:^|[/\\])\.{1,2}(?:$|[/\\])/;

/**
 * Creates the upstream client of one procedure call. A GET that several procedures of a request make is sent once; a
 * procedure that repeats its own GET sends it again.
 *
 * @param caller - The request that the calls are made for
 * @param tokenSource - Where tokens come from; a rejected token is renewed once and the call repeated once
 * @returns A client whose methods throw {@link UpstreamError} with the code of the mapping table, and what `tokenSource`
 *   throws
 */
export function createUpstream(caller: UpstreamContext, tokenSource: TokenSource): Upstream {
  const { dedupe: answers, signal } = caller;
  const dedupeCaller = {};

  function responseTo(call: string, upstreamRequest: UpstreamRequest): Promise<JudgedResponse> {
    if (!isSafe(upstreamRequest.method)) {
      answers.clear();
      return callWithToken(call, upstreamRequest, caller, tokenSource).finally(() => answers.clear());
    }
    if (upstreamRequest.isStreamed || upstreamRequest.body !== undefined)
      return callWithToken(call, upstreamRequest, caller, tokenSource);
    const { method, path, headers = {}, timeoutMs, retries, verdict } = upstreamRequest;
    const key = JSON.stringify([method, path, headers, timeoutMs, retries]);
    return answers.run({ call, key, tokenSource, verdict }, dedupeCaller, signal, (deadline) =>
      callWithToken(call, upstreamRequest, { ...caller, signal: undefined }, tokenSource, deadline),
    );
  }

  const request: Upstream['request'] = async (method, template, options) => {
    const call = `${method} ${template}`;
    const path = address(template, options);
    const answer = await responseTo(call, { ...options, method, path });
    return parseOutput(call, payloadOf(call, answer, options), options.output);
  };
  const method =
    (name: Method): Call =>
    (template, options) =>
      request(name, template, options);
  return {
    request,
    get: method('GET'),
    head: method('HEAD'),
    post: method('POST'),
    put: method('PUT'),
    patch: method('PATCH'),
    delete: method('DELETE'),
    async stream(template, options) {
      const method = options.method ?? 'GET';
      const call = `${method} ${template}`;
      const path = address(template, options);
      const headers = { accept: '*/*', ...options.headers };
      const answer = await responseTo(call, {
        ...options,
        method,
        path,
        headers,
        isStreamed: method === 'GET',
      });
      const { status, headers: received, body } = answer;
      // Without a listener, destroying an unread body would crash the process.
      body?.on('error', () => {});
      try {
        if (!options.accepts?.includes(status)) assertSuccess(call, answer);
      } catch (error) {
        body?.destroy();
        throw error;
      }
      return { status, headers: received, body: body ?? Readable.from([]) };
    },
    events(template, options) {
      const call = `GET ${template}`;
      const content = (payload: unknown) => parseOutput(call, payload, options.output);
      return upstreamEvents(call, address(template, options), options, content, { caller, tokenSource });
    },
  };
}

const address = (template: string, { params, query }: { params?: UntypedParams; query?: Query }) =>
  expandPath(template, params ?? {}) + queryString(query ?? {});

async function parseOutput<Output extends z.core.$ZodType>(
  call: string,
  payload: unknown,
  output: Output,
): Promise<z.output<Output>> {
  const checked = await z.safeParseAsync(output, payload);
  if (checked.success) return checked.data;
  throw new UpstreamError('BAD_GATEWAY', call, `answered ${otherShape(checked.error)}`, {}, checked.error);
}

function payloadOf(
  call: string,
  answer: JudgedResponse,
  options: Pick<RequestOptions<z.core.$ZodType>, 'unwrap' | 'output'>,
): unknown {
  assertSuccess(call, answer);
  const { status, payload, json, isEmpty } = answer;
  if (isEmpty || options.output instanceof z.core.$ZodVoid) return undefined;
  if (json === null)
    throw new UpstreamError('BAD_GATEWAY', call, `answered ${status} without JSON`, { status });
  return (options.unwrap ?? conventions().unwrap)(payload);
}

function assertSuccess(call: string, answer: JudgedResponse): void {
  const { status, retryAfter, payload, verdict } = answer;
  if (verdict !== 'accepted') throw errorOfVerdict(call, answer, verdict);
  if (!isSuccess(status)) throw errorOfAnswer(call, status, retryAfter, payload);
}

/** Returns the names in a template's braces. */
export const paramsIn = (template: string): string[] =>
  [...template.matchAll(NAMES)].flatMap(([, name]) => name ?? []);

/**
 * Fills in a path template. Every value is encoded as one path segment, so that no input can traverse the path,
 * add a query or reach another host.
 *
 * @param template - Path with names in braces, e.g. `/notes/{id}`; starts with one slash
 * @param params - A value for each name
 * @returns The path, to be appended to `UPSTREAM_URL`
 * @throws {TRPCError} BAD_REQUEST when a value is missing, or contains a `.` or `..` segment, even between encoded
 *   slashes: some servers decode those before they resolve the path
 * @throws {TypeError} when the template does not start with one slash, or contains a query or fragment
 * @see https://www.rfc-editor.org/rfc/rfc6570 (section 3.2.2)
 */
export function expandPath(template: string, params: Readonly<Record<string, UrlValue | undefined>>): string {
  if (!/^\/(?!\/)/.test(template))
    throw new TypeError(`The path template ${template} must start with one slash.`);
  if (/[?#]/.test(template))
    throw new TypeError(`The path template ${template} must be a path only: a query goes into the input.`);
  // Dots of the template and of a value can form a `..` together.
  if (CLIMBING.test(template.replace(NAMES, (_, name: string) => String(params[name]))))
    throw new TRPCError({ code: 'BAD_REQUEST', message: `The values of ${template} are no path segments.` });
  return template.replace(NAMES_AND_FOREIGN, (foreign, name: string | undefined) => {
    if (name === undefined) return encodeURIComponent(foreign.toWellFormed());
    const value = String(params[name] ?? '');
    if (value === '')
      throw new TRPCError({ code: 'BAD_REQUEST', message: `"${name}" of ${template} is missing.` });
    return encodeURIComponent(value.toWellFormed());
  });
}

/**
 * Builds a query string.
 *
 * @returns The string with its question mark, or an empty string when there are no parameters
 */
export function queryString(query: Query): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const item of [value].flat())
      if (item !== undefined && item !== null) search.append(name, String(item));
  }
  const text = search.toString();
  return text && `?${text}`;
}
