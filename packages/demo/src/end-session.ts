import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { ProviderStore } from './adapter';
import { page } from './page';

/** What ending a provider session needs to know of it; the model and the stored payload both have it. */
export interface EndableSession {
  uid: string;
  accountId?: string | undefined;
  authorizations?: Record<string, { sid?: string | undefined }> | undefined;
  destroy(): Promise<void>;
}

/** Ends a provider session: its apps hear of it by back-channel logout, its grants and tokens die. */
export async function endProviderSession(
  provider: Provider,
  store: ProviderStore,
  session: EndableSession,
): Promise<void> {
  const { accountId, authorizations = {} } = session;
  await Promise.all(
    Object.entries(authorizations).map(async ([clientId, { sid }]) => {
      const client = await provider.Client.find(clientId);
      if (!client || !isNotifiable(client) || !accountId || !sid) return;
      // Best effort: an app that is down must not keep its user signed in here.
      await client.backchannelLogout(accountId, sid).catch(() => undefined);
    }),
  );
  store.removeGrantsOfSession(session.uid);
  await session.destroy();
}

/**
 * Answers an app's sign-out request: at once, without a confirmation screen, when the app proves by an ID
 * token that it speaks for the user who is signed in here; any page could send the request otherwise.
 */
export function createLogoutSource(provider: () => Provider, store: ProviderStore) {
  return async (ctx: KoaContextWithOIDC, form: string): Promise<void> => {
    const { session, entities, params } = ctx.oidc;
    const returnTo = params?.['post_logout_redirect_uri'];
    const speaksForUser = session?.accountId && idTokenSubject(entities['IdTokenHint']) === session.accountId;
    if (!session || !speaksForUser || typeof returnTo !== 'string') {
      ctx.body = page(
        'Sign out',
        `<p>Do you want to sign out?</p>${form}<button form="op.logoutForm" name="logout" value="yes">Sign out</button>`,
      );
      return;
    }
    await endProviderSession(provider(), store, session);
    ctx.cookies.set(provider().cookieName('session'), null, { path: '/', httpOnly: true, signed: true });
    redirectBack(ctx, returnTo, params?.['state']);
  };
}

/** Sends users who have no session here straight back; the built-in page would do it by JavaScript only. */
export function skipSignOutPageWhenSignedOut(provider: Provider): void {
  provider.use<object, Partial<Pick<KoaContextWithOIDC, 'oidc'>>>(async (ctx, next) => {
    await next();
    if (ctx.path !== '/session/end' || ctx.status !== 200 || !ctx.oidc) return;
    const { post_logout_redirect_uri: returnTo, state } = ctx.oidc.params ?? {};
    if (typeof returnTo === 'string' && !ctx.oidc.session?.accountId) redirectBack(ctx, returnTo, state);
  });
}

type RedirectableContext = Pick<KoaContextWithOIDC, 'status' | 'redirect'>;

function redirectBack(ctx: RedirectableContext, uri: string, state: unknown): void {
  const target = new URL(uri);
  if (typeof state === 'string') target.searchParams.set('state', state);
  ctx.status = 303;
  ctx.redirect(target.href);
}

// The model has the method, its published type does not.
function isNotifiable<T extends object>(
  client: T,
): client is T & { backchannelLogout(accountId: string, sid: string): Promise<void> } {
  return 'backchannelLogout' in client && typeof client.backchannelLogout === 'function';
}

function idTokenSubject(hint: unknown): unknown {
  if (typeof hint !== 'object' || !hint || !('payload' in hint)) return undefined;
  const { payload } = hint;
  return typeof payload === 'object' && payload && 'sub' in payload ? payload.sub : undefined;
}
