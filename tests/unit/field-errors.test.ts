import { TRPCError } from '@trpc/server';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { fieldErrorsOf } from '../../packages/next-trpc-bff/src/client/field-errors';

test('A1 a field may be called anything, `constructor` too', () => {
  const names = ['title', 'constructor', 'toString'];
  const input = Object.fromEntries(names.map((name) => [name, 1]));
  const { error: cause } = z.record(z.string(), z.string()).safeParse(input);
  const errors = fieldErrorsOf(new TRPCError({ code: 'BAD_REQUEST', cause }));
  expect(Object.keys(errors ?? {})).toEqual(Object.keys(input));
  for (const messages of Object.values(errors ?? {})) expect(messages).toHaveLength(1);
});
