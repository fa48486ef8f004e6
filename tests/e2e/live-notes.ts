import type { BrowserContext, Page } from '@playwright/test';
import type { RunningApp } from '../support/app';
import { expect } from './fixtures';

type Origin = Pick<RunningApp, 'origin'>;

/** Calls a procedure with the browser's cookies, past its pages. */
export async function call(context: BrowserContext, { origin }: Origin, procedure: string, input: object) {
  const headers = { 'content-type': 'application/json', 'x-trpc-source': 'test' };
  const answer = await context.request.post(`${origin}/api/trpc/${procedure}`, { headers, data: input });
  expect(answer.status()).toBe(200);
  return (await answer.json()).result.data;
}

/** Writes a note with the browser's cookies. */
export const write = (context: BrowserContext, app: Origin, title: string): Promise<{ id: string }> =>
  call(context, app, 'notes.create', { title, body: '' });

/** Counts the connections that the browser's pages open for events, from now on. */
export function countConnections(context: BrowserContext) {
  const connections = { count: 0 };
  context.on('request', (request) => {
    if (request.resourceType() === 'eventsource') connections.count += 1;
  });
  return connections;
}

/** Waits until the list says that it is live. */
export const untilLive = (page: Page) =>
  expect(page.locator('.live')).toHaveAttribute('data-state', 'pending');

/** The titles that the list shows. */
export const titles = (page: Page) => page.locator('.notes a').allTextContents();
