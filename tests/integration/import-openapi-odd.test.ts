import { beforeEach, describe, expect, test } from 'vitest';
import { FIELDS_HEADER } from '../../packages/next-trpc-bff/src/http/wire';
import { browserHeaders } from '../support/browser-headers';
import { startZoo } from '../support/zoo';

const zoo = await startZoo(['odd.yaml']);
const { call, received, last } = zoo;
const address = () => `${last().url.pathname}${last().url.search}`;

beforeEach(() => {
  received.length = 0;
  zoo.answer = { status: 200, body: undefined };
});

describe('A8 a response of an imported endpoint retains', () => {
  test.each([
    [
      'the fields of several successful responses',
      'either',
      [
        { id: 1, name: 'Ada' },
        { id: 2, name: 'Bob' },
      ],
    ],
    [
      'what is circular in two ways',
      'nodes',
      { left: 'a', right: 'b', below: [{ right: 'c', below: [{ left: 'd' }] }] },
    ],
    ['fields that YAML merges', 'usual', { id: '1', name: 'Ada', more: 'x' }],
    ['an envelope that is one of several responses', 'envelopes', { data: 'x', message: 'm' }],
    ['an envelope of which nothing is described', 'free', { data: { a: 1 }, message: 'm' }],
  ])('%s', async (_, name, body) => {
    zoo.answer.body = body;
    expect(await call(`odd.${name}`)).toEqual(body);
  });

  test('texts that stand for files, and short lists', async () => {
    zoo.answer.body = { thumb: 'AAAA', token: 'a.b.c', pair: ['a'] };
    expect(await call('odd.thumb', { thumb: 'AAAA', pair: [] })).toEqual(zoo.answer.body);
    expect(String(last().body)).toBe('{"thumb":"AAAA","pair":[]}');
    await expect(call('odd.thumb', { pair: [1] })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });
});

describe('A5 an imported endpoint', () => {
  test('checks the body that its discriminator selects, also where the values are in a common parent', async () => {
    for (const body of [{ type: 'dog', bark: 'no' }, { type: 'dog' }, { type: 'fish' }])
      await expect(call('odd.pets', { body })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    expect(received).toEqual([]);
    await call('odd.pets', { body: { type: 'dog', bark: true, id: 'read only', more: 1 } });
    expect(JSON.parse(String(last().body))).toEqual({ type: 'dog', bark: true });
  });

  test('sends parameters in their media type', async () => {
    await call('odd.asJson', { f: { a: 1 }, g: 'x', q: 'a' });
    expect(decodeURIComponent(address())).toBe('/v1/as-json/{"a":1}/"x"?q=a');
  });

  test('accepts parameters with the names of inherited properties', async () => {
    await call('odd.inherited', {});
    expect(address()).toBe('/v1/inherited');
    await call('odd.inherited', { queryConstructor: 'a', queryToString: 'b', queryProto: 'c' });
    expect([...last().url.searchParams]).toEqual([
      ['constructor', 'a'],
      ['toString', 'b'],
      ['__proto__', 'c'],
    ]);
  });

  test('does not let a free-form name replace a checked parameter', async () => {
    await call('odd.overruled', { limit: 3, more: { limit: '10000', other: 'x' } });
    expect(last().url.searchParams.getAll('limit')).toEqual(['3']);
    expect(last().url.searchParams.get('other')).toBe('x');
    await call('odd.overruledForm', { limit: 3, more: { limit: '10000', other: 'x' } });
    expect(String(last().body)).toMatch(/^(?=.*other=x)(?=.*limit=3)(?!.*10000)/);
  });

  test('treats a blank number of a form as absent and a part with the media type of an image as a file', async () => {
    const form = new FormData();
    form.set('stars', '');
    form.set('flag', '');
    form.set('image', new File(['abc'], 'a.png', { type: 'image/png' }));
    const headers = browserHeaders();
    headers.delete('content-type');
    const url = 'http://localhost:3000/api/trpc/odd.form';
    expect((await zoo.serveTRPC(new Request(url, { method: 'POST', headers, body: form }))).status).toBe(200);
    expect(String(last().body)).toContain('filename="a.png"');
    expect(String(last().body)).not.toMatch(/name="(stars|flag)"/);
  });

  test('accepts a form with a circular schema', async () => {
    await call('odd.treeForm', { tree: [[], [[]]] });
    expect(new URLSearchParams(String(last().body)).get('tree')).toBe('[[],[[]]]');
  });

  test('accepts a large text as a stream', async () => {
    const headers = browserHeaders();
    headers.set('content-type', 'application/octet-stream');
    headers.set(FIELDS_HEADER, encodeURIComponent('{}'));
    const url = 'http://localhost:3000/api/trpc/odd.csv';
    await zoo.serveTRPC(new Request(url, { method: 'POST', headers, body: 'a;b' }));
    expect([last().headers['content-type'], String(last().body)]).toEqual(['text/csv', 'a;b']);
  });
});

test('A5 an unusual schema costs only its own operation, with a line that says why', () => {
  expect(zoo.lines.filter((line) => /^[A-Z]+ \/|operations/.test(line))).toEqual([
    'GET /download is left out: it answers */*: a download is a route handler.',
    'POST /number is left out: it takes text/plain that its schema says to be no text.',
    'GET /nowhere is left out: it refers to http://[, which is no address.',
    'GET /itself is left out: its schemas lead back to themselves.',
    'POST /thumb: "additionalProperties" is not checked beside "properties".',
    '15 of 19 operations became endpoints.',
  ]);
});
