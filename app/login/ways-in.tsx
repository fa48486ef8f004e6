'use client';

import { useActionState } from 'react';
import { continueAtProvider, continueWithAnotherAccount, tryPassword } from './actions';
import { PasswordForm } from './password-form';

/** The configured ways to sign in. While one is under way the others rest, so that nobody types into a page that leaves. */
export function WaysIn({
  callbackUrl,
  withProvider,
  withPassword,
}: {
  callbackUrl: string;
  withProvider: boolean;
  withPassword: boolean;
}) {
  const [, continueAction, isContinuing] = useActionState(continueAtProvider, null);
  const [, switchAction, isSwitching] = useActionState(continueWithAnotherAccount, null);
  const [attemptResult, passwordAction, isTrying] = useActionState(tryPassword, {
    problem: null,
    login: '',
    retryAfter: null,
  });
  const isBusy = isContinuing || isSwitching || isTrying;

  return (
    <>
      {withProvider && (
        <>
          <form action={continueAction}>
            <input name="callbackUrl" type="hidden" value={callbackUrl} />
            <button aria-busy={isContinuing} disabled={isBusy} type="submit">
              Continue with single sign-on
            </button>
          </form>
          <form action={switchAction}>
            <input name="callbackUrl" type="hidden" value={callbackUrl} />
            <button aria-busy={isSwitching} className="outline secondary" disabled={isBusy} type="submit">
              Use another account
            </button>
          </form>
        </>
      )}
      {withProvider && withPassword && <h2>With a password</h2>}
      {withPassword && (
        <PasswordForm
          action={passwordAction}
          attemptResult={attemptResult}
          callbackUrl={callbackUrl}
          isDisabled={isContinuing || isSwitching}
          isTrying={isTrying}
        />
      )}
    </>
  );
}
