import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Provider } from 'oidc-provider';
import { SessionNotFound } from 'oidc-provider/lib/helpers/errors.js';
import type { ProviderStore } from './adapter';
import { endProviderSession } from './end-session';
import { escapeHtml, readBody, sendAnswer } from './http';
import { PAGE_HEADERS, page } from './page';
import type { DemoState } from './state';
import { checkPassword } from './users';

const FORM_LIMIT_BYTES = 10_000;

/** Serves the sign-in form at `/interaction/:uid` and takes its submissions. */
export function createSignIn(provider: Provider, store: ProviderStore, state: DemoState) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const interaction = await provider.interactionDetails(request, response);
      if (request.method === 'GET') {
        const hint = interaction.params['login_hint'];
        return showForm(response, 200, typeof hint === 'string' ? hint : '');
      }
      if (request.method !== 'POST')
        return sendAnswer(response, { status: 405, headers: { allow: 'GET, POST' } });

      state.counters.loginRequests += 1;
      const form = new URLSearchParams((await readBody(request, FORM_LIMIT_BYTES)) ?? '');
      const login = form.get('login') ?? '';
      const user = checkPassword(login, form.get('password') ?? '');
      if (!user) return showForm(response, 401, login, 'That login and password do not match.');

      await leaveOtherAccount(user.sub, interaction);
      const result = { login: { accountId: user.sub, remember: true } };
      await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
    } catch (error) {
      if (!(error instanceof SessionNotFound)) throw error;
      showExpired(response);
    }
  };

  // Left to itself the provider signs the former user out by a page that needs JavaScript.
  async function leaveOtherAccount(
    accountId: string,
    interaction: Awaited<ReturnType<Provider['interactionDetails']>>,
  ): Promise<void> {
    if (!interaction.session?.uid || interaction.session.accountId === accountId) return;
    const session = await provider.Session.findByUid(interaction.session.uid);
    if (session) await endProviderSession(provider, store, session);
    interaction.session = undefined;
    await interaction.persist();
  }
}

function showForm(response: ServerResponse, status: number, login: string, problem?: string): void {
  const message = problem ? `<p class="wrong" role="alert" id="problem">${escapeHtml(problem)}</p>` : '';
  const described = problem ? ' aria-invalid="true" aria-describedby="problem"' : '';
  const html = page(
    'Sign in',
    `<p>to continue to Notes</p>
${message}
<form method="post">
<label for="login">Login</label>
<input id="login" name="login" value="${escapeHtml(login)}" autocomplete="username" autocapitalize="none" spellcheck="false" required autofocus${described}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required${described}>
<button type="submit">Sign in</button>
</form>
<p class="hint">This is the demo identity provider. Sign in as <b>alice</b> or <b>bob</b>, password <b>demo</b>.</p>`,
  );
  sendAnswer(response, { status, html, headers: PAGE_HEADERS });
}

function showExpired(response: ServerResponse): void {
  const html = page('This sign-in has expired', '<p>Go back to the app and sign in again.</p>');
  sendAnswer(response, { status: 400, html, headers: PAGE_HEADERS });
}
