import type { RunningApp } from '../support/app';
import { startOtherSite } from '../support/other-site';
import { type PlainRequest, plainRequest, signInOverHttp } from '../support/plain-http';
import { expect, signIn, test } from './fixtures';

const LIST = '/api/trpc/notes.list?input=%7B%7D';
const CREATE = '/api/trpc/notes.create';
const NOTE = JSON.stringify({ title: 'Forged' });
const JSON_TYPE = { 'content-type': 'application/json' };
const LINK = { 'x-trpc-source': 'react' };

type HeadersSent = NonNullable<PlainRequest['headers']>;

/** Sends as alice; the counters stand at zero before. */
async function asAlice(app: RunningApp) {
  const cookie = `bff-session=${await signInOverHttp(app)}`;
  await app.control('reset');
  return (path: string, { headers, ...options }: PlainRequest = {}) =>
    plainRequest(app.origin + path, { headers: { cookie, ...headers }, ...options });
}

const codeIn = (body: string): unknown => JSON.parse(body).error.data.code;

const procedureLines = (app: RunningApp) => app.output().split('"event":"procedure"').length - 1;

const ELSEWHERE: [who: string, headers: HeadersSent][] = [
  ['another site', { 'sec-fetch-site': 'cross-site' }],
  ['a sibling of the same site', { 'sec-fetch-site': 'same-site' }],
  ['another site that has our link’s header', { 'sec-fetch-site': 'cross-site', ...LINK, ...JSON_TYPE }],
  ['another origin', { origin: 'https://evil.example' }],
  ['another port', { origin: 'http://localhost:1' }],
  ['an opaque origin', { origin: 'null', ...LINK, ...JSON_TYPE }],
];

for (const [who, headers] of ELSEWHERE) {
  test(`S8 ${who} is refused before any procedure, queries too`, async ({ app }) => {
    const send = await asAlice(app);
    const procedures = procedureLines(app);
    for (const answer of [
      await send(LIST, { headers }),
      await send('/api/trpc/session.current', { headers }),
      await send(LIST, { method: 'HEAD', headers }),
      await send(CREATE, { method: 'POST', headers, body: NOTE }),
      await send('/api/trpc/notes.create,notes.create?batch=1', {
        method: 'POST',
        headers,
        body: `{"0":${NOTE}}`,
      }),
    ]) {
      expect(answer.status).toBe(403);
      if (answer.body) expect(codeIn(answer.body)).toBe('FORBIDDEN');
      expect(answer.cookies).toEqual([]);
    }
    expect(await app.counters()).toMatchObject({ apiRequests: 0, tokenRequests: 0 });
    expect((await send('/api/trpc/session.current')).status).toBe(200);
    // The log is written in order: only the last call is in it.
    await expect.poll(() => procedureLines(app)).toBe(procedures + 1);
  });
}

for (const site of ['crossSite', 'sameSite'] as const) {
  test(`S8 a ${site === 'crossSite' ? 'foreign' : 'sibling'} page in a browser reaches no procedure`, async ({
    page,
    app,
  }) => {
    await signIn(page, 'alice');
    await app.control('reset');
    const procedures = procedureLines(app);
    const other = await startOtherSite();
    await page.goto(other[site]);
    const attempts: unknown = await page.evaluate(
      async ([list, create, body]) => {
        const outcomes = [];
        const credentials = 'include' as const;
        for (const init of [
          { address: list, init: { credentials, mode: 'no-cors' as const } },
          { address: list, init: { credentials } },
          { address: create, init: { credentials, mode: 'no-cors' as const, method: 'POST', body } },
          { address: create, init: { credentials, method: 'POST', body: new FormData() } },
          {
            address: create,
            init: { credentials, method: 'POST', body, headers: { 'content-type': 'application/json' } },
          },
        ])
          outcomes.push(
            await fetch(init.address, init.init).then(
              ({ type }) => type,
              () => 'refused',
            ),
          );
        return outcomes;
      },
      [app.origin + LIST, app.origin + CREATE, NOTE] as const,
    );
    expect(attempts).toEqual(['opaque', 'refused', 'opaque', 'refused', 'refused']);
    await page.setContent(
      `<form action="${app.origin}${CREATE}" method="post" enctype="multipart/form-data"></form>`,
    );
    await page.evaluate('document.forms[0].submit()');
    await page.waitForURL(`${app.origin}/**`);
    await expect(page.getByText('"FORBIDDEN"')).toBeVisible();
    expect(await app.counters()).toMatchObject({ apiRequests: 0 });
    await plainRequest(`${app.origin}/api/trpc/session.current`);
    await expect.poll(() => procedureLines(app)).toBe(procedures + 1);
    await other.stop();
  });
}

test('S8 GET and HEAD cannot mutate', async ({ app }) => {
  const send = await asAlice(app);
  for (const method of ['GET', 'HEAD']) {
    const answer = await send(`${CREATE}?input=${encodeURIComponent(NOTE)}`, { method, headers: LINK });
    // A HEAD is not even looked at.
    expect(answer.status).toBe(method === 'GET' ? 405 : 204);
  }
  expect(await app.counters()).toMatchObject({ apiRequests: 0 });
});

test('S8 other methods are refused', async ({ app }) => {
  const send = await asAlice(app);
  for (const method of ['PUT', 'PATCH', 'DELETE'])
    expect((await send(CREATE, { method, headers: LINK })).status).toBe(405);
  expect(await app.counters()).toMatchObject({ apiRequests: 0 });
});

test('S8 a request that names no origin may query, and mutates only as JSON with the link’s header', async ({
  app,
}) => {
  const send = await asAlice(app);
  expect((await send(LIST)).status).toBe(200);
  expect(await app.counters()).toMatchObject({ apiRequests: 1 });
  const refused: HeadersSent[] = [
    {},
    JSON_TYPE,
    LINK,
    { ...LINK, 'content-type': 'text/plain' },
    { ...LINK, 'content-type': 'application/x-www-form-urlencoded' },
    { ...LINK, 'content-type': 'multipart/form-data; boundary=x' },
    { ...LINK, 'content-type': 'application/octet-stream' },
  ];
  for (const headers of refused)
    expect(
      (await send(CREATE, { method: 'POST', headers, body: NOTE })).status,
      JSON.stringify(headers),
    ).toBe(403);
  expect(await app.counters()).toMatchObject({ apiRequests: 1 });
  const accepted = await send(CREATE, { method: 'POST', headers: { ...LINK, ...JSON_TYPE }, body: NOTE });
  expect([accepted.status, JSON.parse(accepted.body).result.data.title]).toEqual([200, 'Forged']);
});

test('S8 our own origin and a typed address may query', async ({ app }) => {
  const send = await asAlice(app);
  for (const headers of [
    { 'sec-fetch-site': 'same-origin' },
    { 'sec-fetch-site': 'none' },
    { origin: app.origin },
  ])
    expect((await send(LIST, { headers })).status).toBe(200);
  const typed = { method: 'POST', headers: { 'sec-fetch-site': 'none', ...LINK, ...JSON_TYPE }, body: NOTE };
  expect((await send(CREATE, typed)).status).toBe(403);
});

test('S8 no answer has CORS headers for another origin', async ({ app }) => {
  const send = await asAlice(app);
  const origin = 'https://evil.example';
  const preflight = {
    origin,
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'x-trpc-source',
  };
  for (const [path, options] of [
    [LIST, { headers: { origin } }],
    [LIST, { headers: { origin: app.origin } }],
    [CREATE, { method: 'OPTIONS', headers: preflight }],
    ['/api/auth/session', { headers: { origin } }],
    ['/api/auth/session', { method: 'OPTIONS', headers: preflight }],
    ['/logout', { method: 'OPTIONS', headers: preflight }],
    ['/notes', { headers: { origin } }],
  ] as const) {
    const { headers } = await send(path, options);
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  }
});
