import type { TRPCMutationProcedure, TRPCQueryProcedure } from '@trpc/server';
import { z } from 'zod';
import { paramsIn } from '../upstream/client.js';
import { METHODS, type Method } from '../upstream/request.js';
import type { PathParams, Query, SendOptions, Upstream, UrlValue } from '../upstream/upstream.js';
import type { procedures } from './trpc.js';
import type { ProcedureMeta } from './trpc-options.js';

/** The smallest type of a schema, which the compiler compares faster than `z.ZodType`. */
type Schema = z.core.$ZodType;

type Route = `${Method} /${string}`;

type ParamsOf<R extends Route> = R extends `${string} ${infer Template}` ? PathParams<Template> : never;

/** The input that the names in a route's braces require. */
type InputOf<R extends Route> = [ParamsOf<R>] extends [never]
  ? z.core.$ZodType<object | undefined>
  : z.core.$ZodType<Readonly<Record<ParamsOf<R>, UrlValue>>>;

/** The input of an endpoint without an `input` option. */
type OwnInputOf<R extends Route> = [ParamsOf<R>] extends [never]
  ? z.ZodUndefined
  : z.core.$ZodType<Record<ParamsOf<R>, string | number>, Record<ParamsOf<R>, string | number>>;

/** An input without the names in the braces. */
type RestOf<R extends Route, Input> = Input extends object ? Omit<Input, ParamsOf<R>> : Input;

/** The parts of a request that an input becomes. */
type RequestParts = Pick<SendOptions, 'query' | 'body' | 'headers'>;

type Send<R extends Route, Input extends Schema> = (rest: RestOf<R, z.output<Input>>) => RequestParts;

/** A query string holds plain values and lists of them: any other input requires `send`. */
type SendsBy<R extends Route, Input extends Schema> = R extends `${'GET' | 'HEAD' | 'DELETE'} ${string}`
  ? RestOf<R, z.output<Input>> extends Query | undefined
    ? { readonly send?: Send<R, Input> }
    : { readonly send: Send<R, Input> }
  : { readonly send?: Send<R, Input> };

/** Only safe methods are retried. */
type RepeatsBy<R extends Route> = R extends `${'GET' | 'HEAD'} ${string}`
  ? Pick<SendOptions, 'retries'>
  : { readonly retries?: never };

interface Options<Input extends Schema, Output extends Schema>
  extends Pick<SendOptions, 'headers' | 'timeoutMs' | 'verdict'> {
  /** The schema of the input; its keys include every name in the braces. Default: just those names. */
  readonly input?: Input;
  /**
   * The schema of the answer; unknown keys are dropped, and an answer that does not match is BAD_GATEWAY. `z.void()`
   * ignores the body.
   */
  readonly output: Output;
  /** Who may call it, see `procedures` in `trpc.ts`. Default `protected`. */
  readonly access?: 'public' | 'optional' | 'protected';
  /** Overrides the conventions: unwraps the parsed body of a successful answer. */
  readonly unwrap?: (payload: unknown) => unknown;
  /** Queries that are stale after this mutation, by path or path prefix: `['notes']`, `['notes.list']`. */
  readonly invalidates?: readonly string[];
  /**
   * Turns the input, without the names in the braces, into query, body and headers. By default it becomes the query
   * string of a GET, HEAD or DELETE and the JSON body of other methods.
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
 * Makes a procedure from a method and a path of your API: a query for GET and HEAD, a mutation for other methods. For
 * more than one call, or code of your own, use `protectedProcedure` with `ctx.upstream`.
 *
 * @param route - Method and path template below `UPSTREAM_URL`, e.g. `GET /notes/{id}`
 * @param options - At least `output`
 * @returns A procedure that fails with the codes of {@link UpstreamError}, and BAD_REQUEST for an invalid input
 * @throws {TypeError} immediately, when the route is not a method and a path
 */
export type EndpointFactory = <
  const R extends Route,
  Output extends Schema,
  Input extends InputOf<R> = OwnInputOf<R>,
>(
  route: R,
  options: Options<Input, Output> & SendsBy<R, Input> & RepeatsBy<R>,
) => Endpoint<R, Definition<Input, Output>>;

/** A procedure builder with `ctx.upstream`. The compiler compares it much faster than tRPC's own type of a builder. */
interface ProcedureBuilder {
  readonly query: (resolve: (options: { readonly ctx: { readonly upstream: Upstream } }) => never) => unknown;
}

type Kind = keyof typeof procedures;

/**
 * Makes the `endpoint` of an application from its own three procedures, so that middleware added to them applies to
 * endpoints too.
 *
 * @param builders - `publicProcedure`, `optionalProcedure` and `protectedProcedure` of `server/trpc.ts`
 */
export function createEndpoint(builders: Readonly<Record<Kind, ProcedureBuilder>>): EndpointFactory;
export function createEndpoint(builders: Readonly<Record<Kind, ProcedureBuilder>>): unknown {
  return function endpoint(
    route: string,
    options: Options<z.ZodType, z.ZodType> &
      Pick<SendOptions, 'retries'> & { readonly send?: (rest: unknown) => RequestParts },
  ) {
    const { method, template } = parsed(route);
    const { input, access = 'protected', invalidates = [], send, ...sending } = options;
    const names = paramsIn(template);
    const builder = builders[access];
    if (!isBuilder(builder)) throw new TypeError(`The ${access} procedure is not a procedure builder.`);
    const procedure = builder.meta({ invalidates }).input(input ?? ownInput(names));
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

const isBuilder = (builder: ProcedureBuilder): builder is (typeof procedures)['public'] =>
  'meta' in builder && 'input' in builder;

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

/** Separates the names in the braces from the rest of an input; without an `input` option there is no rest. */
function split(input: unknown, names: readonly string[], isDescribed: boolean) {
  if (names.length === 0) return { params: {}, rest: isDescribed ? input : undefined };
  const entries: [string, UrlValue | undefined][] = Object.entries(Object(input));
  const isParam = ([name]: [string, unknown]) => names.includes(name);
  return {
    params: Object.fromEntries(entries.filter(isParam)),
    rest: isDescribed ? Object.fromEntries(entries.filter((entry) => !isParam(entry))) : undefined,
  };
}
