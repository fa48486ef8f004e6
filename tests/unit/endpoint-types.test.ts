import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server';
import { expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { endpoint, router } from '../../server/trpc';

const note = z.object({ id: z.string(), stars: z.coerce.number() });
const nested = z.object({ filter: z.object({ author: z.string() }) });

const notes = router({
  list: endpoint('GET /notes', { input: z.object({ limit: z.number().default(20) }), output: z.array(note) }),
  all: endpoint('GET /notes', { output: z.array(note) }),
  byId: endpoint('GET /users/{user}/notes/{id}', { output: note }),
  search: endpoint('GET /notes', {
    input: nested,
    output: note,
    send: ({ filter }) => ({ query: { author: filter.author } }),
  }),
  save: endpoint('PUT /notes/{id}', {
    input: z.object({ id: z.uuid(), etag: z.string(), title: z.string() }),
    output: z.void(),
    send: ({ etag, ...body }) => ({ headers: { 'if-match': etag }, body }),
  }),
  exists: endpoint('HEAD /notes/{id}', { output: z.void(), access: 'optional' }),
});

test('A5 inputs, outputs and the names in the braces are typed from the route and its schemas', () => {
  type Inputs = inferRouterInputs<typeof notes>;
  type Outputs = inferRouterOutputs<typeof notes>;
  expectTypeOf<Inputs['list']>().toEqualTypeOf<{ limit?: number | undefined }>();
  expectTypeOf<Inputs['byId']>().toEqualTypeOf<Record<'user' | 'id', string | number>>();
  expectTypeOf<Inputs['save']>().toEqualTypeOf<{ id: string; etag: string; title: string }>();
  expectTypeOf<undefined>().toExtend<Inputs['all']>();
  expectTypeOf<Outputs['byId']>().toEqualTypeOf<{ id: string; stars: number }>();
  const { list, exists, save, search } = notes._def.record;
  expect([list, exists, search, save].map(({ _def }) => _def.type)).toEqual([
    'query',
    'query',
    'query',
    'mutation',
  ]);
});

test('A5 an invalid route throws at once', () => {
  for (const route of ['GET  /notes', 'GET //evil.example/notes', 'TRACE /notes', 'GET', ''])
    expect(() => Reflect.apply(endpoint, null, [route, { output: note }])).toThrow(TypeError);
});
