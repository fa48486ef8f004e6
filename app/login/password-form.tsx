'use client';

import type { PasswordForm as PasswordFormData } from 'next-trpc-bff/auth';
import { type FormEvent, useEffect, useId, useRef } from 'react';

/** Signs in with the API's own login and password. */
export function PasswordForm({
  action,
  username,
  problem,
  message,
  callbackUrl,
  isTrying,
  isDisabled,
  onSubmit,
}: PasswordFormData & {
  callbackUrl: string;
  isTrying: boolean;
  isDisabled: boolean;
  onSubmit: (event: FormEvent<HTMLFormElement>) => void;
}) {
  const messageId = useId();
  const password = useRef<HTMLInputElement>(null);
  const described = message === null ? {} : { 'aria-describedby': messageId };
  const marked = problem === 'wrong-password' ? { 'aria-invalid': true } : {};

  useEffect(() => {
    if (message !== null) password.current?.focus();
  }, [message]);

  return (
    <form action={action} method="post" onSubmit={onSubmit}>
      <input name="callbackUrl" type="hidden" value={callbackUrl} />
      {message !== null && (
        <p className="field-error" id={messageId} role="alert">
          {message}
        </p>
      )}
      <fieldset disabled={isDisabled}>
        <label>
          Username
          <input
            autoCapitalize="none"
            autoComplete="username"
            defaultValue={username}
            name="username"
            required
            spellCheck={false}
            {...marked}
            {...described}
          />
        </label>
        <label>
          Password
          <input
            autoComplete="current-password"
            name="password"
            ref={password}
            required
            type="password"
            {...marked}
            {...described}
          />
        </label>
        <button aria-busy={isTrying} type="submit">
          Sign in with password
        </button>
      </fieldset>
    </form>
  );
}
