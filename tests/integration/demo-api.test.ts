import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  ALICE,
  allNotes,
  api,
  BOB,
  control,
  counters,
  demo,
  json,
  leaveDuring,
  signIn,
  startFor,
} from '../support/demo-client';

const NO_APP = 'http://localhost:1';

beforeEach(() => startFor(NO_APP));
afterEach(() => demo.stop());

describe('the notes API', () => {
  test('each user reads, in pages, notes of their own only', async () => {
    const [alice, bob] = await Promise.all([signIn(ALICE), signIn(BOB)]);
    const [hers, his] = await Promise.all([allNotes(alice), allNotes(bob)]);
    expect([hers.length, his.length]).toEqual([30, 30]);
    expect(hers.every(({ title, body }) => /^Garden: /.test(title) && /Alice/.test(body))).toBe(true);
    expect(his.every(({ title, body }) => /^Workshop: /.test(title) && /Bob/.test(body))).toBe(true);
    expect(new Set([...hers, ...his].flatMap(({ id, title }) => [id, title])).size).toBe(120);
    const ages = hers.map(({ updatedAt }) => Date.parse(updatedAt));
    expect(ages).toEqual([...ages].sort((a, b) => b - a));
    for (const method of ['GET', 'PATCH', 'DELETE']) {
      expect((await api(`/notes/${his[0]?.id}`, alice, { method })).status).toBe(404);
    }
  });

  test('a note can be written, read, changed and removed', async () => {
    const alice = await signIn(ALICE);
    const created = await api('/notes', alice, json('POST', { title: ' Plums ', body: 'ripe' }));
    const note = await created.json();
    expect([created.status, note]).toEqual([
      201,
      { id: expect.any(String), title: 'Plums', body: 'ripe', updatedAt: expect.any(String) },
    ]);
    expect((await (await api('/notes?limit=1', alice)).json()).items).toEqual([note]);
    const changed = await api(`/notes/${note.id}`, alice, json('PATCH', { body: 'eaten' }));
    expect(await changed.json()).toMatchObject({ title: 'Plums', body: 'eaten' });
    expect((await api(`/notes/${note.id}`, alice, { method: 'DELETE' })).status).toBe(204);
    expect((await api(`/notes/${note.id}`, alice)).status).toBe(404);
  });

  test('a cursor stays right while notes come and go', async () => {
    const alice = await signIn(ALICE);
    const first = await (await api('/notes?limit=5', alice)).json();
    await api('/notes', alice, json('POST', { title: 'Newer' }));
    await api(`/notes/${first.items[4].id}`, alice, { method: 'DELETE' });
    const second = await (await api(`/notes?limit=5&cursor=${first.nextCursor}`, alice)).json();
    const titles = [...first.items, ...second.items].map(({ title }: { title: string }) => title);
    expect(new Set(titles).size).toBe(10);
    expect(titles).not.toContain('Newer');
  });

  test('wrong input is named field by field', async () => {
    const alice = await signIn(ALICE);
    const empty = await api('/notes', alice, json('POST', { title: '', body: 'x'.repeat(10_001) }));
    expect([empty.status, await empty.json()]).toEqual([
      422,
      { message: expect.any(String), errors: { title: [expect.any(String)], body: [expect.any(String)] } },
    ]);
    expect((await api('/notes', alice, json('POST', { title: 'x'.repeat(201) }))).status).toBe(422);
    expect((await api('/notes', alice, { method: 'POST', body: '{' })).status).toBe(400);
    expect((await api('/notes', alice, json('POST', { title: 'x', body: 'x'.repeat(200_000) }))).status).toBe(
      413,
    );
    for (const query of ['cursor=x', 'limit=0', 'limit=101', 'limit=', 'limit=1.5']) {
      expect((await api(`/notes?${query}`, alice)).status, query).toBe(400);
    }
    expect((await api('/nothing', alice)).status).toBe(404);
    expect((await api('/notes', alice, { method: 'PUT' })).status).toBe(405);
  });

  test('without a genuine access token only the public message is answered', async () => {
    const alice = await signIn(ALICE);
    const [header, payload, signature = ''] = alice.access_token.split('.');
    const forged = `${header}.${payload}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
    for (const token of [forged, alice.id_token, alice.refresh_token, 'x']) {
      const refused = await api('/notes', { access_token: token ?? '' });
      expect(refused.status).toBe(401);
      expect(refused.headers.get('www-authenticate')).toMatch(/^Bearer /);
      expect(await refused.json()).toEqual({ message: expect.any(String) });
    }
    expect((await fetch(`${demo.apiUrl}/me`)).status).toBe(401);
    expect(await (await api('/public/motd', { access_token: forged })).json()).toEqual({
      message: expect.any(String),
    });
  });

  test('an access token without the notes scope is refused', async () => {
    const tokens = await signIn(ALICE, { scope: 'openid' });
    expect((await api('/notes', tokens)).status).toBe(401);
  });

  test('the api knob answers as html, json or nothing, and leaves the control panel alone', async () => {
    const alice = await signIn(ALICE);
    await control('knobs', { api: { status: 500, body: 'html' } });
    const html = await api('/notes', alice);
    expect([html.status, html.headers.get('content-type')]).toEqual([500, 'text/html; charset=utf-8']);
    await control('knobs', { api: { status: 403, message: 'Unauthenticated.' } });
    const message = await api('/notes', alice);
    expect([message.status, await message.json()]).toEqual([403, { message: 'Unauthenticated.' }]);
    await control('knobs', { api: { status: 401, body: 'empty' } });
    const empty = await api('/notes', alice);
    expect([empty.status, await empty.text()]).toEqual([401, '']);
    await control('knobs', { api: { delayMs: 20 } });
    expect((await api('/notes', alice)).status).toBe(200);
    expect(await counters()).toMatchObject({ apiRequests: 4, apiAborts: 0 });
  });

  test('a caller that disconnects during a slow answer is counted', async () => {
    const alice = await signIn(ALICE);
    await control('knobs', { api: { delayMs: 60_000 } });
    await leaveDuring((signal) => api('/notes', alice, { signal }), 'apiRequests');
    await expect.poll(async () => (await counters())['apiAborts']).toBe(1);
  });
});

describe('the control panel', () => {
  test('a knob that is not named keeps its value, and {} resets all', async () => {
    await control('knobs', { accessTokenTtl: 9 });
    expect(await control('knobs', { rotate: false })).toMatchObject({ accessTokenTtl: 9, rotate: false });
    expect(await control('knobs', {})).toEqual({ api: {}, token: {}, accessTokenTtl: 300, rotate: true });
  });

  test('wrong input is refused with a reason and changes nothing', async () => {
    const wrong: [string, unknown, string][] = [
      ['knobs', { acessTokenTtl: 9 }, 'acessTokenTtl'],
      ['knobs', { api: { status: 'x' } }, 'api.status'],
      ['expire', { user: 'carol' }, 'use alice or bob'],
      ['revoke', {}, 'user'],
    ];
    for (const [command, input, reason] of wrong) {
      const answer = await fetch(`${demo.origin}/__demo/${command}`, json('POST', input));
      expect([answer.status, (await answer.json()).message]).toEqual([400, expect.stringContaining(reason)]);
    }
    expect((await fetch(`${demo.origin}/__demo/knobs`, { method: 'POST', body: '{' })).status).toBe(400);
  });

  test('reset sets the counters to zero', async () => {
    await signIn(ALICE);
    await control('reset', {});
    expect(new Set(Object.values(await counters()))).toEqual(new Set([0]));
  });

  test('its page lists the commands', async () => {
    const answer = await fetch(`${demo.origin}/`);
    expect(await answer.text()).toContain('POST /__demo/knobs');
  });
});
