import type { TRPCMutationProcedure, TRPCQueryProcedure } from '@trpc/server';
import { z } from 'zod';
import { paramsIn } from '../upstream/client.js';
import { METHODS, type Method } from '../upstream/request.js';
import type { PathParams, Query, SendOptions, Upstream, UrlValue } from '../upstream/upstream.js';
import type { procedures } from './trpc.js';
import type { ProcedureMeta } from './trpc-options.js';

/** The least that says what a schema takes and gives: the compiler compares it faster than all of `z.ZodType`. */
type Schema = z.core.$ZodType;

type Route = `${Method} /${string}`;

type ParamsOf<R extends Route> = R extends `${string} ${infer Template}` ? PathParams<Template> : never;

/** What the names in a route's braces need of an input. */
type InputOf<R extends Route> = [ParamsOf<R>] extends [never]
  ? z.core.$ZodType<object | undefined>
  : z.core.$ZodType<Readonly<Record<ParamsOf<R>, UrlValue>>>;

/** The input of an endpoint that describes none. */
type OwnInputOf<R extends Route> = [ParamsOf<R>] extends [never]
  ? z.ZodUndefined
  : z.core.$ZodType<Record<ParamsOf<R>, string | number>, Record<ParamsOf<R>, string | number>>;

/** An input without the names in the braces. */
type RestOf<R extends Route, Input> = Input extends object ? Omit<Input, ParamsOf<R>> : Input;

/** Where an input goes. */
type RequestParts = Pick<SendOptions, 'query' | 'body' | 'headers'>;

type Send<R extends Route, Input extends Schema> = (rest: RestOf<R, z.output<Input>>) => RequestParts;

/** A query string holds words and lists of words: any other input needs a `send`. */
type SendsBy<R extends Route, Input extends Schema> = R extends `${'GET' | 'HEAD' | 'DELETE'} ${string}`
  ? RestOf<R, z.output<Input>> extends Query | undefined
    ? { readonly send?: Send<R, Input> }
    : { readonly send: Send<R, Input> }
  : { readonly send?: Send<R, Input> };

/** Only what changes nothing is sent again. */
type RepeatsBy<R extends Route> = R extends `${'GET' | 'HEAD'} ${string}`
  ? Pick<SendOptions, 'retries'>
  : { readonly retries?: never };

interface Options<Input extends Schema, Output extends Schema>
  extends Pick<SendOptions, 'headers' | 'timeoutMs' | 'isUnauthenticated'> {
  /** The shape of the input, every name in the braces among its keys. By default just those names. */
  readonly input?: Input;
  /** The shape of the answer; unknown keys are dropped, another shape is BAD_GATEWAY. `z.void()` hands on nothing. */
  readonly output: Output;
  /** Who may call, see `trpc.ts`. Default `protected`. */
  readonly access?: 'public' | 'optional' | 'protected';
  /** Opens the envelope of a successful answer's parsed body, instead of the conventions. */
  readonly unwrap?: (payload: unknown) => unknown;
  /** Queries that are stale once this mutation succeeded, by path or its beginning: `['notes']`, `['notes.list']`. */
  readonly invalidates?: readonly string[];
  /**
   * Says where the input goes, but for the names in the braces. By default it becomes the query string of a GET, HEAD
   * or DELETE, and the JSON body of the others.
   */
  readonly send?: unknown;
}

interface Definition<Input extends Schema, Output extends Schema> {
  input: z.input<Input>;
  output: z.output<Output>;
  meta: ProcedureMeta;
}

type Endpoint<
  R extends Route,
  Def extends Definition<Schema, Schema>,
> = R extends `${'GET' | 'HEAD'} ${string}` ? TRPCQueryProcedure<Def> : TRPCMutationProcedure<Def>;

/**
 * Makes a finished procedure of a method and a path of your API: a query of GET and HEAD, a mutation of the others.
 * What takes more than one call, or code, is a `protectedProcedure` with `ctx.upstream`.
 *
 * @param route - Method and path template below `UPSTREAM_URL`, e.g. `GET /notes/{id}`
 * @param options - At least `output`
 * @returns A procedure that fails with the codes of {@link UpstreamError}, and BAD_REQUEST for an input of another shape
 * @throws {TypeError} at once, when the route is none
 */
export type EndpointFactory = <
  const R extends Route,
  Output extends Schema,
  Input extends InputOf<R> = OwnInputOf<R>,
>(
  route: R,
  options: Options<Input, Output> & SendsBy<R, Input> & RepeatsBy<R>,
) => Endpoint<R, Definition<Input, Output>>;

type ProcedureBuilders = Readonly<Record<keyof typeof procedures, (typeof procedures)['public']>>;

/**
 * Makes the `endpoint` of an application from its own three procedures, so that middleware which it adds to them holds
 * for endpoints too.
 *
 * @param builders - `publicProcedure`, `optionalProcedure` and `protectedProcedure` of `server/trpc.ts`
 */
export function createEndpoint(builders: ProcedureBuilders): EndpointFactory;
export function createEndpoint(builders: ProcedureBuilders): unknown {
  return function endpoint(
    route: string,
    options: Options<z.ZodType, z.ZodType> &
      Pick<SendOptions, 'retries'> & { readonly send?: (rest: unknown) => RequestParts },
  ) {
    const { method, template } = parsed(route);
    const { input, access = 'protected', invalidates = [], send, ...sending } = options;
    const names = paramsIn(template);
    const procedure = builders[access].meta({ invalidates }).input(input ?? ownInput(names));
    const isQuery = method === 'GET' || method === 'HEAD';
    const defaultSend = (rest: unknown): RequestParts =>
      isQuery || method === 'DELETE' ? { query: Object(rest) } : { body: rest };

    const resolve = ({ ctx, input: given }: { ctx: { upstream: Upstream }; input: unknown }) => {
      const { params, rest } = split(given, names, input !== undefined);
      const parts = (send ?? defaultSend)(rest);
      const headers = parts.headers ? { ...sending.headers, ...parts.headers } : sending.headers;
      return ctx.upstream.request(method, template, {
        ...sending,
        ...parts,
        ...(headers && { headers }),
        params,
      });
    };
    return isQuery ? procedure.query(resolve) : procedure.mutation(resolve);
  };
}

function parsed(route: string): { method: Method; template: string } {
  const [name, template = ''] = route.split(' ', 2);
  const method = METHODS.find((known) => known === name);
  if (!method || !/^\/(?!\/)[^?#]*$/.test(template) || route !== `${method} ${template}`)
    throw new TypeError(`"${route}" must be a method and a path, e.g. GET /notes/{id}.`);
  return { method, template };
}

const ownInput = (names: readonly string[]) =>
  names.length === 0
    ? z.undefined()
    : z.object(Object.fromEntries(names.map((name) => [name, z.union([z.string().min(1), z.number()])])));

/** Takes the names in the braces out of an input; what is left of one that was not described is nothing. */
function split(input: unknown, names: readonly string[], isDescribed: boolean) {
  if (names.length === 0) return { params: {}, rest: isDescribed ? input : undefined };
  const entries: [string, UrlValue | undefined][] = Object.entries(Object(input));
  const isParam = ([name]: [string, unknown]) => names.includes(name);
  return {
    params: Object.fromEntries(entries.filter(isParam)),
    rest: isDescribed ? Object.fromEntries(entries.filter((entry) => !isParam(entry))) : undefined,
  };
}
