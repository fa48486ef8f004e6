import { allowInsecureRequests, type Configuration, customFetch, discovery, None } from 'openid-client';
import { env, onePerProcess } from '../../../runtime/process.js';
import { ISSUER_TIMEOUT_MS } from '../issuer-answers.js';
import { assertAllowedEndpoints } from './allowed-address.js';
import { failureOf, IdentityProviderFailed, isIdentityProviderFailed, UnexpectedAnswer } from './failed.js';
import { contentOf, isNoEndpoint } from './refusal.js';
import { askProvider, type ProviderAnswer, responseOf } from './request.js';

/** How long the provider's metadata is used, ms. */
const METADATA_AGE_MS = 600_000;

/** Where an endpoint seems to have moved it is fetched sooner, but not more often than this, ms. */
const METADATA_PAUSE_MS = 30_000;

const memo = () =>
  onePerProcess<{
    known: Configuration | null;
    running: Promise<Configuration> | null;
    triedAt: number;
    dueAt: number;
  }>('oidc', () => ({ known: null, running: null, triedAt: 0, dueAt: 0 }));

/**
 * Returns what the provider publishes about itself, for signing in, refreshing, revoking and signing out alike. Fetched
 * at first use and every ten minutes; while it cannot be fetched again, the last one counts.
 *
 * @throws {IdentityProviderFailed} when it was never fetched; the next caller tries again
 */
export async function discovered(): Promise<Configuration> {
  const { known, dueAt } = memo();
  return known && Date.now() < dueAt
    ? known
    : discover().catch((error: unknown) => known ?? Promise.reject(error));
}

/**
 * Fetches the metadata now, once for all concurrent callers.
 *
 * @throws {IdentityProviderFailed} when the provider does not answer with valid metadata
 * @see https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig
 */
export function discover(): Promise<Configuration> {
  const state = memo();
  state.triedAt = Date.now();
  state.dueAt = state.triedAt + METADATA_PAUSE_MS;
  state.running ??= fetchMetadata()
    .then((configuration) => {
      Object.assign(state, { known: configuration, dueAt: Date.now() + METADATA_AGE_MS });
      return configuration;
    })
    .finally(() => {
      state.running = null;
    });
  return state.running;
}

/** Lets the next caller fetch the metadata again, unless that was done just now. */
export function suspectMetadata(): void {
  const state = memo();
  state.dueAt = Math.min(state.dueAt, state.triedAt + METADATA_PAUSE_MS);
}

/**
 * Sends a request to an endpoint that the metadata names. Where there is none any more, the metadata is suspected.
 *
 * @throws {IdentityProviderFailed} see {@link askProvider}
 */
export async function askEndpoint(url: string | URL, init: RequestInit): Promise<ProviderAnswer> {
  try {
    const answer = await askProvider(url, init);
    if (isNoEndpoint(answer.status)) suspectMetadata();
    return answer;
  } catch (error) {
    if (isIdentityProviderFailed(error) && error.isUnreached) suspectMetadata();
    throw error;
  }
}

/** The client at the identity provider, from the environment. */
export function configuredClient() {
  const { oidc } = env();
  if (!oidc) throw new TypeError('No identity provider is configured.');
  return oidc;
}

async function fetchMetadata(): Promise<Configuration> {
  const { AUTH_OIDC_ISSUER, AUTH_OIDC_ID } = configuredClient();
  const issuer = new URL(AUTH_OIDC_ISSUER);
  return discovery(issuer, AUTH_OIDC_ID, undefined, None(), {
    // Which addresses may be http is not for the library to say.
    execute: [allowInsecureRequests],
    timeout: ISSUER_TIMEOUT_MS / 1000,
    [customFetch]: async (url, { headers }) => {
      const answer = await askProvider(env().AUTH_OIDC_DISCOVERY_URL ?? url, { headers });
      if (answer.status !== 200) throw new IdentityProviderFailed(new UnexpectedAnswer(answer.status));
      assertAllowedEndpoints(contentOf(answer.text));
      return responseOf(answer);
    },
  }).catch((error: unknown) => {
    throw failureOf(error);
  });
}
