import { generateKeyPair, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import type { Configuration, KoaContextWithOIDC } from 'oidc-provider';
import { InvalidTarget } from 'oidc-provider/lib/helpers/errors.js';
import { Provider } from 'oidc-provider/lib/provider.js';
import type { ProviderStore } from './adapter';
import { createLogoutSource, skipSignOutPageWhenSignedOut } from './end-session';
import { escapeHtml } from './http';
import { PAGE_HEADERS, page } from './page';
import type { DemoState } from './state';
import { watchTokenEndpoint } from './token-endpoint';
import { findUser } from './users';

const HOUR_SECONDS = 3600;
const FORTNIGHT_SECONDS = 14 * 24 * HOUR_SECONDS;

export interface ProviderOptions {
  issuer: string;
  /** Where the app lives; its callback, login page and back-channel endpoint are registered from it. */
  appUrl: string;
  clientId: string;
  clientSecret: string;
  /** The audience of the access tokens: the notes API. */
  apiUrl: string;
  state: DemoState;
  store: ProviderStore;
}

/** Creates the identity provider, with one confidential client and fresh signing keys. */
export async function createProvider(options: ProviderOptions): Promise<Provider> {
  const { issuer, state, store } = options;
  const accessTokenTtl = () => state.knobs.accessTokenTtl;
  const provider: Provider = new Provider(issuer, {
    adapter: (model) => store.adapterFor(model),
    jwks: { keys: [await createSigningKey()] },
    cookies: {
      keys: [randomBytes(32).toString('base64url')],
      names: cookieNames(new URL(issuer).port),
    },
    clients: [appClient(options)],
    clientBasedCORS: () => false,
    pkce: { required: () => true },
    scopes: ['openid', 'offline_access', 'profile', 'email'],
    claims: { openid: ['sub'], profile: ['name'], email: ['email'] },
    conformIdTokenClaims: false,
    findAccount: (_ctx, sub) => {
      const user = findUser(sub);
      return user ? { accountId: sub, claims: () => ({ ...user }) } : undefined;
    },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    loadExistingGrant: (ctx) => grantEverything(provider, options.apiUrl, ctx),
    issueRefreshToken: () => true,
    expiresWithSession: () => false,
    rotateRefreshToken: () => state.knobs.rotate,
    // The app is on this machine, where the built-in dispatcher refuses to go.
    fetch: (url, init) => {
      const { dispatcher: _, ...plain }: RequestInit & { dispatcher?: unknown } = init ?? {};
      return fetch(url, plain);
    },
    renderError: (ctx, { error, error_description: description }) => {
      ctx.type = 'html';
      ctx.set(PAGE_HEADERS);
      ctx.body = page(
        'Something went wrong',
        `<p><b>${escapeHtml(error)}</b></p><p>${escapeHtml(description ?? '')}</p>`,
      );
    },
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      revocation: {
        enabled: true,
        allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId,
      },
      rpInitiatedLogout: { enabled: true, logoutSource: createLogoutSource(() => provider, store) },
      resourceIndicators: notesApiAsDefaultResource(options.apiUrl),
    },
    ttl: {
      AccessToken: accessTokenTtl,
      AuthorizationCode: 60,
      IdToken: HOUR_SECONDS,
      Interaction: HOUR_SECONDS,
      RefreshToken: FORTNIGHT_SECONDS,
      Session: FORTNIGHT_SECONDS,
      Grant: FORTNIGHT_SECONDS,
    },
  });
  provider.on('access_token.issued', ({ accountId, jti }) => state.issuedTokens.record(accountId, jti));
  provider.on('server_error', (_ctx, _error) => {});
  skipSignOutPageWhenSignedOut(provider);
  watchTokenEndpoint(provider, state);
  return provider;
}

async function createSigningKey() {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  return {
    ...privateKey.export({ format: 'jwk' }),
    kid: randomBytes(8).toString('hex'),
    alg: 'RS256',
    use: 'sig',
  };
}

// Cookies do not know ports: two demos on one machine would sign each other out.
function cookieNames(port: string) {
  return {
    session: `_demo_${port}`,
    interaction: `_demo_${port}_interaction`,
    resume: `_demo_${port}_resume`,
  };
}

function appClient({ clientId, clientSecret, appUrl }: ProviderOptions) {
  return {
    client_id: clientId,
    client_secret: clientSecret,
    token_endpoint_auth_method: 'client_secret_basic' as const,
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code' as const],
    redirect_uris: [`${appUrl}/api/auth/callback/oidc`],
    post_logout_redirect_uris: [`${appUrl}/login`],
    backchannel_logout_uri: `${appUrl}/api/backchannel-logout`,
    backchannel_logout_session_required: true,
  };
}

function notesApiAsDefaultResource(apiUrl: string) {
  return {
    enabled: true,
    defaultResource: () => apiUrl,
    useGrantedResource: () => true,
    getResourceServerInfo: (_ctx: KoaContextWithOIDC, resource: string) => {
      if (resource !== apiUrl) throw new InvalidTarget();
      return {
        scope: 'notes',
        audience: apiUrl,
        accessTokenFormat: 'jwt' as const,
        jwt: { sign: { alg: 'RS256' as const } },
      };
    },
  } satisfies NonNullable<Configuration['features']>['resourceIndicators'];
}

// A grant a sign-in, not one a user: no consent screen, and a re-used token kills only its own family.
async function grantEverything(provider: Provider, apiUrl: string, { oidc }: KoaContextWithOIDC) {
  const { account, client } = oidc;
  if (!account || !client) return undefined;
  const grant = new provider.Grant({ clientId: client.clientId, accountId: account.accountId });
  grant.addOIDCScope('openid offline_access profile email');
  grant.addResourceScope(apiUrl, 'notes');
  await grant.save();
  return grant;
}
