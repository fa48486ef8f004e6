'use client';

import type { LoginPage } from 'next-trpc-bff/auth';
import { type FormEvent, useEffect, useState } from 'react';
import { PasswordForm } from './password-form';

/**
 * The configured ways to sign in, as plain forms. While one is under way the others rest, so that nobody types into a
 * page that leaves.
 */
export function WaysIn({
  callbackUrl,
  providers,
  password,
}: Pick<LoginPage, 'callbackUrl' | 'providers' | 'password'>) {
  const [underWay, setUnderWay] = useState<string | null>(null);

  // The Back button may bring this page back as it was left.
  useEffect(() => {
    const rest = () => setUnderWay(null);
    window.addEventListener('pageshow', rest);
    return () => window.removeEventListener('pageshow', rest);
  }, []);

  function begin(event: FormEvent<HTMLFormElement>, way: string) {
    if (underWay !== null) event.preventDefault();
    else setUnderWay(way);
  }

  return (
    <>
      {providers.map(({ id, name, action }) => (
        <form action={action} key={id} method="post" onSubmit={(event) => begin(event, id)}>
          <input name="callbackUrl" type="hidden" value={callbackUrl} />
          <button aria-busy={underWay === id} type="submit">
            {`Continue with ${name}`}
          </button>
          <button className="outline secondary" name="prompt" type="submit" value="login">
            Use another account
          </button>
        </form>
      ))}
      {providers.length > 0 && password && <h2>With a password</h2>}
      {password && (
        <PasswordForm
          {...password}
          callbackUrl={callbackUrl}
          isDisabled={underWay !== null && underWay !== 'password'}
          isTrying={underWay === 'password'}
          onSubmit={(event) => begin(event, 'password')}
        />
      )}
    </>
  );
}
