import { expect, test } from 'vitest';
import { attemptCookie, lastAttempt } from '../../packages/next-trpc-bff/src/auth/sign-in/attempt';
import { seal } from '../../packages/next-trpc-bff/src/session/secrets';
import { configure } from '../support/environment';

configure();

const shown = (cookie: string) => lastAttempt(new Headers({ cookie }));

test('B19 an attempt that another release sealed shows nothing, and breaks no page', () => {
  const failed = { problem: 'wrong-password', username: 'alice', retryAfter: null } as const;
  const [own = ''] = attemptCookie(failed).split(';');
  expect(shown(own)).toEqual(failed);
  const [name] = own.split('=');
  for (const other of [{ ...failed, problem: 'locked', at: Date.now() }, { at: Date.now() }, null])
    expect(shown(`${name}=${seal(JSON.stringify(other), 'password attempt')}`)).toBeNull();
});
