import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import { REFRESH_TOKEN_REUSED } from './adapter';
import { abortWhenCallerLeaves, delay } from './http';
import type { TokenKnob } from './knobs';
import type { DemoState } from './state';

/** Counts what happens at the token and revocation endpoints, and lets the `token` knob disturb it. */
export function watchTokenEndpoint(provider: Provider, state: DemoState): void {
  const redeemed = new Set<string>();
  const refreshed = new WeakSet<IncomingMessage>();

  provider.on('grant.success', (ctx) => {
    const token = presentedRefreshToken(ctx);
    if (token === null) return;
    refreshed.add(ctx.req);
    state.counters.redemptions += 1;
    if (state.knobs.rotate) redeemed.add(token);
  });

  provider.on('grant.error', (ctx, error) => {
    const token = presentedRefreshToken(ctx);
    if (token === null) return;
    if (error.error_detail === REFRESH_TOKEN_REUSED || redeemed.has(token)) state.counters.refreshReuses += 1;
  });

  provider.use<object, Partial<KoaContextWithOIDC>>(async (ctx, next) => {
    if (ctx.method !== 'POST' || ctx.path !== '/token/revocation') return next();
    await next();
    if (ctx.status === 200) state.counters.revocations += 1;
  });

  provider.use(async (ctx, next) => {
    if (ctx.method !== 'POST' || ctx.path !== '/token') return next();
    state.counters.tokenRequests += 1;
    const { token: knob, rotate } = state.knobs;
    const callerLeft = abortWhenCallerLeaves(ctx.res);

    if (knob.faultAt === 'after') await next();
    if (knob.delayMs) await delay(knob.delayMs, callerLeft);
    // Nobody waits any more: with `before`, the refresh token must stay unredeemed.
    if (callerLeft.aborted) return;
    if (knob.status !== undefined || knob.error !== undefined) return answerFault(ctx, knob);
    if (knob.faultAt !== 'after') await next();

    if (ctx.status !== 200 || !refreshed.has(ctx.req)) return;
    state.counters.refreshes += 1;
    if (!rotate && typeof ctx.body === 'object' && ctx.body)
      Reflect.deleteProperty(ctx.body, 'refresh_token');
  });
}

function presentedRefreshToken({ oidc }: KoaContextWithOIDC): string | null {
  const { grant_type: grantType, refresh_token: token } = oidc.params ?? {};
  return grantType === 'refresh_token' && typeof token === 'string' ? token : null;
}

type AnswerableContext = Pick<KoaContextWithOIDC, 'status' | 'body' | 'set'>;

function answerFault(ctx: AnswerableContext, { status, error }: TokenKnob): void {
  ctx.status = status ?? 400;
  ctx.body = error === undefined ? { message: STATUS_CODES[ctx.status] ?? 'Fault' } : { error };
  if (ctx.status === 401)
    ctx.set('WWW-Authenticate', `Basic realm="demo", error="${error ?? 'invalid_client'}"`);
}
