import { lazy } from '@trpc/server';
import { beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { STALE_QUERIES_HEADER } from '../../packages/next-trpc-bff/src/http/wire';
import { assertKnownQueries } from '../../packages/next-trpc-bff/src/procedures/invalidation';
import { appRouter } from '../../server/router';
import { endpoint, router } from '../../server/trpc';
import { serveTRPC } from '../support/serve-trpc';
import { APP_ORIGIN, signIn, startUpstream } from '../support/signed-in';

const upstream = await startUpstream();
const alice = await signIn(upstream, 'alice');

beforeEach(() => upstream.control('knobs'));

async function staleAfter(path: string, input: unknown): Promise<string | null> {
  const headers = new Headers(alice);
  headers.set('content-type', 'application/json');
  const request = new Request(`${APP_ORIGIN}/api/trpc/${path}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(input),
  });
  return (await serveTRPC(request)).headers.get(STALE_QUERIES_HEADER);
}

test('A1 a mutation that succeeded names its stale queries, a failed one names none', async () => {
  expect(await staleAfter('notes.create', { title: 'Stale' })).toBe('notes');
  expect(await staleAfter('notes.create', { title: '' })).toBeNull();
  await upstream.control('knobs', { api: { status: 500 } });
  expect(await staleAfter('notes.create', { title: 'Stale' })).toBeNull();
});

test('A1 a batch of mutations names each query once', async () => {
  const batch = { 0: { title: 'One' }, 1: { title: 'Two' }, 2: {} };
  expect(await staleAfter('notes.create,notes.create,notes.create?batch=1', batch)).toBe('notes');
});

test('A5 a stale query that does not exist is an error that names the mutation', () => {
  const map = (invalidates: string[]) =>
    router({
      notes: router({
        list: endpoint('GET /notes', { output: z.unknown() }),
        remove: endpoint('DELETE /notes', { output: z.void(), invalidates }),
      }),
    });
  for (const known of [[], ['notes'], ['notes.list']]) assertKnownQueries(map(known));
  for (const unknown of ['note', 'notes.remove', 'notes.list.x', ''])
    expect(() => assertKnownQueries(map([unknown]))).toThrow(`notes.remove invalidates "${unknown}"`);
  assertKnownQueries(appRouter);
});

test('A5 a query of a router that is loaded later may be stale', () => {
  const later = async () => router({ list: endpoint('GET /notes', { output: z.unknown() }) });
  const map = (stale: string) =>
    router({
      later: lazy(later),
      remove: endpoint('DELETE /notes', { output: z.void(), invalidates: [stale] }),
    });
  for (const known of ['later', 'later.list']) assertKnownQueries(map(known));
  expect(() => assertKnownQueries(map('late'))).toThrow('remove invalidates "late"');
});
