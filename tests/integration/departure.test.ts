import { AsyncResource } from 'node:async_hooks';
import { Agent, type IncomingMessage, request as send } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import {
  clientDisconnected,
  trackResponses,
} from '../../packages/next-trpc-bff/src/http/client-disconnected';
import { createContext } from '../../packages/next-trpc-bff/src/procedures/trpc';
import { createCallerFactory, endpoint, router } from '../../server/trpc';
import { configure } from '../support/environment';
import { serve } from '../support/http-server';
import { holding, scriptedApi } from '../support/scripted-api';

const MORE_THAN_NODE_EXPECTS = 12;
const api = await scriptedApi();
configure({ UPSTREAM_URL: api.origin });
const endpoints = router({ byId: endpoint('GET /x/{id}', { output: z.unknown(), access: 'public' }) });
const callerOf = createCallerFactory(endpoints);

/** What a page does while a browser waits for it. */
let render: () => Promise<void> = async () => {};
trackResponses();
const origin = await serve(async (_request, response) => {
  await render();
  response.end('rendered');
});

const agent = new Agent({ keepAlive: true, maxSockets: 1 });
/** Asks for the page; the browser may leave. */
const visit = (method = 'GET') => {
  const request = send(origin, { method, agent });
  const answered = new Promise<void>((resolve) => {
    request.on('response', (response: IncomingMessage) => response.resume().on('end', resolve));
    request.on('error', () => resolve());
  });
  request.end();
  return { leave: () => request.destroy(), answered };
};

test('A10 a page with many concurrent calls is rendered without a warning about listeners', async () => {
  const warnings: Error[] = [];
  const warn = (warning: Error) => void warnings.push(warning);
  process.on('warning', warn);
  onTestFinished(() => void process.off('warning', warn));
  const { listener, held, release } = holding();
  api.answering(listener);
  render = async () => {
    const caller = callerOf(createContext({ headers: new Headers(), signal: clientDisconnected() }));
    await Promise.all(Array.from({ length: MORE_THAN_NODE_EXPECTS }, (_, id) => caller.byId({ id })));
  };
  const { answered } = visit();
  await expect.poll(() => held.length).toBe(MORE_THAN_NODE_EXPECTS);
  release();
  await answered;
  expect(warnings).toEqual([]);
});

test('A10 on one connection each request has its own signal, which aborts only when its client disconnects', async () => {
  const seen: (AbortSignal | undefined)[] = [];
  render = async () => {
    seen.push(clientDisconnected());
    expect(clientDisconnected()).toBe(seen.at(-1));
  };
  for (let n = 0; n < 3; n += 1) await visit().answered;
  expect(new Set(seen).size).toBe(3);

  let [isBegun, isGone] = [false, false];
  render = () =>
    new Promise((resolve) => {
      isBegun = true;
      clientDisconnected()?.addEventListener('abort', () => {
        isGone = true;
        resolve();
      });
    });
  const { leave, answered } = visit();
  await expect.poll(() => isBegun).toBe(true);
  leave();
  await answered;
  await expect.poll(() => isGone).toBe(true);
  expect(seen.map((signal) => signal?.aborted)).toEqual([false, false, false]);
});

test('A10 a POST is not aborted when its client disconnects', async () => {
  let signal: AbortSignal | undefined | null = null;
  render = async () => {
    signal = clientDisconnected();
  };
  await visit('POST').answered;
  expect(signal).toBeUndefined();
});

test('A10 a signal that is requested after the client has disconnected is aborted at once', async () => {
  let ask: (() => AbortSignal | undefined) | null = null;
  let finish = () => {};
  render = () =>
    new Promise((resolve) => {
      ask = AsyncResource.bind(clientDisconnected);
      finish = resolve;
    });
  const { leave, answered } = visit();
  await expect.poll(() => ask).not.toBeNull();
  leave();
  await answered;
  await expect.poll(() => ask?.()?.aborted).toBe(true);
  finish();
});
