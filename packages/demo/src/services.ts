import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createBearerCheck } from './access-token';
import { ProviderStore } from './adapter';
import { createControl } from './control';
import { sendAnswer } from './http';
import { listenOnLoopback } from './loopback';
import { createNotesApi } from './notes-api';
import { createOwnLogin, LOGIN_PATHS } from './own-login';
import { createProvider } from './provider';
import { createSignIn } from './sign-in';
import { createDemoState } from './state';

export interface DemoServicesOptions {
  /** Where to listen; 0 takes a free port. */
  port: number;
  /** The app's address, e.g. `http://localhost:3000`; its callback and login page are registered with the provider. */
  appUrl: string;
  /** @default 'notes-app' */
  clientId?: string;
  /** @default a fresh random secret */
  clientSecret?: string;
}

export interface DemoServices {
  origin: string;
  issuer: string;
  apiUrl: string;
  /** Where the API signs users in by itself, as the app's environment names it. */
  loginPaths: typeof LOGIN_PATHS;
  clientId: string;
  clientSecret: string;
  /** Closes the port and every connection to it. */
  stop(): Promise<void>;
}

/**
 * Starts the identity provider, the notes API and the control panel on one loopback port.
 *
 * @returns Their addresses and the client's credentials, once they answer; instances share no state
 * @throws An error with code `EADDRINUSE` when the port is taken
 */
export async function startDemoServices(options: DemoServicesOptions): Promise<DemoServices> {
  const { clientId = 'notes-app', clientSecret = randomBytes(32).toString('base64url') } = options;
  const loopback = await listenOnLoopback(options.port);
  const origin = `http://localhost:${loopback.port}`;
  const apiUrl = `${origin}/api`;

  const state = createDemoState();
  const store = new ProviderStore();
  const provider = await createProvider({
    issuer: origin,
    appUrl: options.appUrl,
    clientId,
    clientSecret,
    apiUrl,
    state,
    store,
  });
  const ownLogin = createOwnLogin(state);
  const checkJwt = createBearerCheck({ issuer: origin, audience: apiUrl, state });
  const api = createNotesApi(
    async (authorization) => ownLogin.authenticate(authorization) ?? checkJwt(authorization),
    state,
  );
  const control = createControl(state, store, ownLogin);
  const signIn = createSignIn(provider, store, state);
  const providerEndpoints = provider.callback();

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = request.url ?? '/';
    if (!URL.canParse(target, origin)) return sendAnswer(response, { status: 400 });
    const url = new URL(target, origin);
    const loginEndpoint = ownLogin.endpointAt(url.pathname);
    if (loginEndpoint) return loginEndpoint(request, response);
    if (/^\/api(\/|$)/.test(url.pathname)) return api(request, response, url);
    if (/^\/__demo(\/|$)/.test(url.pathname)) return control(request, response, url);
    if (/^\/interaction\/[^/]+$/.test(url.pathname)) return signIn(request, response);
    if (url.pathname === '/') return sendAnswer(response, { status: 302, headers: { location: '/__demo' } });
    return providerEndpoints(request, response);
  }

  loopback.serve((request, response) => {
    route(request, response).catch((_error: unknown) => {
      // A caller that leaves while its body is being read is no fault of ours.
      if (request.destroyed && !request.complete) return;
      if (response.headersSent) response.destroy();
      else sendAnswer(response, { status: 500, json: { message: 'The demo failed; see its output.' } });
    });
  });

  return {
    origin,
    issuer: origin,
    apiUrl,
    loginPaths: LOGIN_PATHS,
    clientId,
    clientSecret,
    stop: loopback.close,
  };
}
