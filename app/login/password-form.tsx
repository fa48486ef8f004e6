'use client';

import type { PasswordAttempt } from 'next-trpc-bff/auth';
import { useEffect, useId, useRef } from 'react';

/** Signs in with the API's own login and password. */
export function PasswordForm({
  action,
  attemptResult: { problem, login, retryAfter },
  isTrying,
  isDisabled,
  callbackUrl,
}: {
  action: (form: FormData) => void;
  attemptResult: PasswordAttempt;
  isTrying: boolean;
  isDisabled: boolean;
  callbackUrl: string;
}) {
  const problemId = useId();
  const password = useRef<HTMLInputElement>(null);
  const isWrong = problem === 'wrong-password';
  const described = problem === null ? {} : { 'aria-describedby': problemId };
  const marked = isWrong ? { 'aria-invalid': true } : {};

  useEffect(() => {
    if (problem !== null && !isTrying) password.current?.focus();
  }, [problem, isTrying]);

  return (
    <form action={action}>
      <input name="callbackUrl" type="hidden" value={callbackUrl} />
      {problem !== null && (
        <p className="field-error" id={problemId} role="alert">
          {messageFor(problem, retryAfter)}
        </p>
      )}
      <fieldset disabled={isDisabled}>
        <label>
          Username
          <input
            autoCapitalize="none"
            autoComplete="username"
            defaultValue={login}
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
        <button aria-busy={isTrying} disabled={isTrying} type="submit">
          Sign in with password
        </button>
      </fieldset>
    </form>
  );
}

function messageFor(problem: NonNullable<PasswordAttempt['problem']>, retryAfter: string | null): string {
  if (problem === 'wrong-password') return 'Username and password do not match.';
  if (problem === 'unavailable')
    return 'The sign-in does not answer right now. Please try again in a moment.';
  const seconds = /^\d{1,6}$/.test(retryAfter ?? '') ? Number(retryAfter) : null;
  return `Too many attempts. Please try again ${seconds === null ? 'later' : `in ${seconds} seconds`}.`;
}
