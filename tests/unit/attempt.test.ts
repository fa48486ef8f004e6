import { expect, test } from 'vitest';
import { attemptCookie, lastAttempt } from '../../packages/next-trpc-bff/src/auth/sign-in/attempt';
import { seal } from '../../packages/next-trpc-bff/src/session/secrets';
import { configure } from '../support/environment';

configure();

const shown = (cookie: string) => lastAttempt(new Headers({ cookie }));

test('B19 an attempt that another release sealed shows nothing, and breaks no page', () => {
  const attempt = { problem: 'wrong-password', username: 'alice', retryAfter: null } as const;
  const [own = ''] = attemptCookie(attempt).split(';');
  expect(shown(own)).toEqual(attempt);
  const [name] = own.split('=');
  for (const other of [{ ...attempt, problem: 'locked', at: Date.now() }, { at: Date.now() }, null])
    expect(shown(`${name}=${seal(JSON.stringify(other), 'password attempt')}`)).toBeNull();
});
