import { z } from 'zod';
import { authorizationParams } from './authorization-params.js';
import { BASE_PATH, basePathOf } from './base-path.js';
import {
  documentUrl,
  httpHosts,
  httpUrl,
  isAllowedAddress,
  isLoopback,
  origin,
  USE_HTTPS,
} from './http-hosts.js';
import { logoutParams } from './logout-params.js';
import { parseRedisUrl } from './redis-url.js';

const OTHER_BASE_PATH =
  BASE_PATH === ''
    ? 'has a path, and the build has none: leave the path out, or build again (npm run build) with AUTH_URL set'
    : `must end in ${BASE_PATH}, the path of the build: mend it, or build again (npm run build) with AUTH_URL set`;

/** The application's own address; its path is the base path, which is part of the build. */
const ownAddress = (purpose: string) =>
  httpUrl(purpose).transform((value, check) => {
    if (!URL.canParse(value)) return value;
    const { protocol, hostname, origin, pathname } = new URL(value);
    if (protocol === 'http:' && !isLoopback(hostname))
      check.addIssue(
        'uses http beyond this machine: passwords and cookies would travel in the clear, use https',
      );
    const basePath = basePathOf(value);
    if (basePath !== pathname.replace(/\/$/, ''))
      check.addIssue('has a path with characters other than letters, digits, `.`, `-` and `_`');
    else if (basePath !== BASE_PATH) check.addIssue(OTHER_BASE_PATH);
    return origin + basePath;
  });

/** The longest delay of Node's timers, ms: with a longer one they fire at once. */
const LONGEST_WAIT_MS = 2_147_483_647;

const wholeNumber = (least: number, unit: string, fallback: number, most = Number.MAX_SAFE_INTEGER) =>
  z.coerce
    .number(`must be a whole number of ${unit}`)
    .int(`must be a whole number of ${unit}`)
    .min(least, `must be at least ${least} ${unit}`)
    .max(most, `must be at most ${most} ${unit}`)
    .default(fallback);

const secret = (missing: string) =>
  z
    .string(missing)
    .min(32, 'is too short: use 32 characters or more, e.g. the output of `openssl rand -base64 33`');

/** The identity provider: all three, or none where the API has a login of its own. */
const oidc = z.object({
  AUTH_OIDC_ISSUER: httpUrl("your identity provider's issuer, e.g. https://id.example.com"),
  AUTH_OIDC_ID: z
    .string('is missing: set it to the client id that the identity provider gave you')
    .min(1, 'is empty'),
  AUTH_OIDC_SECRET: z
    .string(
      'is missing: set it to the client secret that the identity provider gave you, or AUTH_OIDC_CLIENT_AUTH to `none` if it gave none',
    )
    .nullable(),
});

const upstreamPath = (example: string) =>
  z
    .string()
    .regex(
      /^(?:\/(?!\.{1,2}(?:\/|$))[\w\-.~]+)+\/?$/,
      `must be a path below UPSTREAM_URL that starts with one slash, e.g. ${example}`,
    );

const storeUrl = z.string().superRefine((value, check) => {
  if (/^file:.+/.test(value)) return;
  if (/^rediss?[+-]sentinel:/.test(value)) {
    check.addIssue(
      'asks for Sentinel, which is not supported: use redis:// with an address that leads to the master, or a cluster',
    );
  } else if (!/^rediss?:/.test(value)) {
    check.addIssue(
      'has an unknown scheme: use file:./path/to/sessions.db, redis://host:6379 or, with TLS, rediss://host:6379',
    );
  } else if (!parseRedisUrl(value)) {
    check.addIssue(
      'is no address of a Redis: use redis[s]://[user:password@]host[:port][/database], with % codes for special characters; for a cluster name several hosts with commas between them, or one and ?cluster=true, and no database',
    );
  }
});

const schema = z
  .object({
    AUTH_SECRET: secret('is missing: set it to the output of `openssl rand -base64 33`'),
    AUTH_SECRET_1: secret('').optional(),
    AUTH_SECRET_2: secret('').optional(),
    AUTH_SECRET_3: secret('').optional(),
    AUTH_URL: ownAddress('the address people type, e.g. https://app.example.com'),
    oidc: oidc.nullable(),
    AUTH_OIDC_SCOPE: z
      .string()
      .default('openid profile email offline_access')
      .refine((value) => value.split(' ').includes('openid'), 'must contain `openid`'),
    AUTH_OIDC_END_SESSION: z
      .enum(['true', 'false'], 'must be `true` or `false`')
      .default('true')
      .transform((value) => value === 'true'),
    AUTH_OIDC_CLIENT_AUTH: z
      .enum(
        ['client_secret_basic', 'client_secret_post', 'none'],
        'must be `client_secret_basic`, `client_secret_post` or `none`',
      )
      .optional(),
    AUTH_OIDC_DISCOVERY_URL: documentUrl.optional(),
    AUTH_OIDC_BACKCHANNEL_ORIGIN: origin.optional(),
    AUTH_OIDC_PARAMS: authorizationParams,
    AUTH_OIDC_LOGOUT_PARAMS: logoutParams,
    UPSTREAM_URL: httpUrl('the base address of your API, e.g. https://api.example.com/v1').transform(
      (value) => value.replace(/\/$/, ''),
    ),
    HTTP_HOSTS: httpHosts,
    UPSTREAM_LOGIN_PATH: upstreamPath('/login').optional(),
    UPSTREAM_REFRESH_PATH: upstreamPath('/refresh').optional(),
    UPSTREAM_LOGOUT_PATH: upstreamPath('/logout').optional(),
    UPSTREAM_TIMEOUT_MS: wholeNumber(1, 'milliseconds', 10_000, LONGEST_WAIT_MS),
    UPSTREAM_CONCURRENCY: wholeNumber(1, 'calls', 256),
    UPLOAD_MAX_BYTES: wholeNumber(1, 'bytes', 1_073_741_824),
    SESSION_STORE_URL: storeUrl.default('file:./.data/sessions.db'),
    SESSION_IDLE_SECONDS: wholeNumber(1, 'seconds', 8 * 60 * 60),
    SESSION_ABSOLUTE_SECONDS: wholeNumber(1, 'seconds', 7 * 24 * 60 * 60),
    SESSIONS_PER_USER: wholeNumber(1, 'sessions', 100, 1_000),
    INSTANCES: z.enum(['one', 'many'], 'must be `one` or `many`').default('one'),
    TRUST_PROXY_HOPS: wholeNumber(0, 'proxies', 0),
    LOG_LEVEL: z
      .enum(
        ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
        'must be one of trace, debug, info, warn, error, fatal, silent',
      )
      .default('info'),
  })
  .superRefine((env, check) => {
    const refuse = (name: string, message: string) =>
      check.addIssue({ code: 'custom', path: [name], message });
    const addresses = {
      UPSTREAM_URL: env.UPSTREAM_URL,
      AUTH_OIDC_ISSUER: env.oidc?.AUTH_OIDC_ISSUER,
      AUTH_OIDC_LOGOUT_PARAMS: env.AUTH_OIDC_LOGOUT_PARAMS.page,
      AUTH_OIDC_DISCOVERY_URL: env.AUTH_OIDC_DISCOVERY_URL,
      AUTH_OIDC_BACKCHANNEL_ORIGIN: env.AUTH_OIDC_BACKCHANNEL_ORIGIN,
    };
    for (const [name, address] of Object.entries(addresses)) {
      if (address && URL.canParse(address) && !isAllowedAddress(new URL(address), env.HTTP_HOSTS))
        refuse(name, USE_HTTPS);
    }
    if (env.AUTH_OIDC_CLIENT_AUTH === 'none' && env.oidc?.AUTH_OIDC_SECRET)
      refuse('AUTH_OIDC_SECRET', 'is of no use with AUTH_OIDC_CLIENT_AUTH=none: leave one of them out');
    if (env.INSTANCES === 'many' && env.SESSION_STORE_URL.startsWith('file:'))
      refuse('SESSION_STORE_URL', 'is a file, which INSTANCES=many cannot share: use redis:// or rediss://');
    if (env.UPSTREAM_LOGIN_PATH === undefined) {
      for (const name of ['UPSTREAM_REFRESH_PATH', 'UPSTREAM_LOGOUT_PATH'] as const)
        if (env[name] !== undefined) refuse(name, 'is of no use without UPSTREAM_LOGIN_PATH');
    } else if (env.oidc?.AUTH_OIDC_ISSUER === env.UPSTREAM_URL) {
      refuse(
        'UPSTREAM_LOGIN_PATH',
        'cannot be used while AUTH_OIDC_ISSUER is the same as UPSTREAM_URL, since a session is known by who issued its tokens: leave it out',
      );
    }
  });

/** The layer's configuration, validated and with defaults filled in. */
export type Env = z.output<typeof schema>;

/**
 * Thrown at boot when the environment is not a valid configuration. The message names each variable and what to do,
 * never a value.
 */
export class InvalidConfiguration extends Error {
  override readonly name = 'InvalidConfiguration';
  readonly code = 'INVALID_CONFIGURATION';
}

/**
 * Validates an environment.
 *
 * @param source - Variables by name, usually `process.env`; empty strings count as absent
 * @returns The configuration
 * @throws {InvalidConfiguration} naming every variable that is wrong and what to do
 */
export function readEnv(source: Readonly<Record<string, string | undefined>>): Env {
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''));
  const client = given['AUTH_OIDC_CLIENT_AUTH'] === 'none' ? { AUTH_OIDC_SECRET: null, ...given } : given;
  const result = schema.safeParse({ ...given, oidc: usesOidc(given) ? client : null });
  if (result.success) return result.data;
  const lines = result.error.issues.map(({ path, message }) => `  ${String(path.at(-1))} ${message}`);
  throw new InvalidConfiguration(
    `The configuration is not complete:\n${lines.join('\n')}\nFor a run that needs none of it: npm run dev`,
  );
}

/** An identity provider is not needed where the API has a login of its own; one of its variables alone is a mistake. */
const usesOidc = (given: Readonly<Record<string, string | undefined>>) =>
  given['UPSTREAM_LOGIN_PATH'] === undefined || Object.keys(oidc.shape).some((name) => name in given);

/**
 * Returns the secrets in force, newest first, in the order Auth.js reads them.
 *
 * @returns `AUTH_SECRET_3`, `_2`, `_1`, then `AUTH_SECRET`; absent ones left out. The first one seals.
 * @see https://authjs.dev/getting-started/deployment#auth_secret
 */
export function secretsOf({ AUTH_SECRET, AUTH_SECRET_1, AUTH_SECRET_2, AUTH_SECRET_3 }: Env): string[] {
  return [AUTH_SECRET_3, AUTH_SECRET_2, AUTH_SECRET_1, AUTH_SECRET].filter((value) => value !== undefined);
}
