import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { FIELDS_HEADER } from '../../packages/next-trpc-bff/src/http/wire';
import { browserHeaders } from '../support/browser-headers';
import { animalsQuery, readAnimalsQuery, startZoo } from '../support/zoo';

const zoo = await startZoo();
const { call, received, last } = zoo;
const json = () => JSON.parse(last().body.toString());
const cat = { kind: 'cat', name: 'Tom', lives: 9 };

beforeEach(() => {
  received.length = 0;
  zoo.answer = { status: 200, body: {} };
});

describe('A5 an imported endpoint', () => {
  test('S9 property: sends its input in every style, to its own path only', async () => {
    zoo.answer.body = { items: [], next: null };
    await fc.assert(
      fc.asyncProperty(animalsQuery, async (input) => {
        await call('animals.listAll', input);
        expect(readAnimalsQuery(last())).toEqual(input);
        expect([last().method, last().url.pathname, last().url.hash]).toEqual(['GET', '/v1/animals', '']);
      }),
      { numRuns: 200 },
    );
  });

  test('S9 sends nothing if a value would add a header or climb the path', async () => {
    const asking = (path: string, input: object) => call(path, input);
    for (const [path, input] of [
      ['animals.listAll', { class: 'a\r\nauthorization: b' }],
      ['animals.delete', { animalId: 1, reason: 'x', ifMatch: '"a"\nhost: b' }],
      ['keepers.keepers', { names: ['..'], at: { x: 1 } }],
      ['untagged.getV1UntaggedId', { id: '.' }],
    ] as const)
      await expect(asking(path, input)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    expect(received).toEqual([]);
  });

  test('A1 refuses an input that its schema forbids, before anything is sent', async () => {
    for (const [path, input] of [
      ['animals.listAll', { limit: 101 }],
      ['animals.get', { animalId: 1.5 }],
      ['animals.create', { body: { ...cat, kind: 'dog' } }],
      ['animals.create', { body: { ...cat, name: 'x'.repeat(21) } }],
      ['animals.create', { body: { kind: 'bird', wings: 2, born: 'yesterday' } }],
      ['pets.getPet', { petId: 0 }],
      ['trees.plant', { leaf: { green: true, of: { leaf: {} } } }],
      ['pets.addPet', { body: { petType: 'dog' } }],
    ] as const)
      await expect(call(path, input), path).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    expect(received).toEqual([]);
  });

  test('encodes lists and objects in the path', async () => {
    zoo.answer.body = [];
    await call('keepers.keepers', { names: ['a b', 'c/d'], at: { x: 1, y: 2 } });
    expect(last().url.pathname).toBe('/v1/keepers/a%20b%2Cc%2Fd/x%2C1%2Cy%2C2');
  });

  test('distinguishes a parameter from a body field of the same name, and sends no body where none is described', async () => {
    await call('animals.replace', { animalId: 7, name: 'in the query', body: { name: 'in the body' } });
    expect([last().url.pathname, last().url.search, json()]).toEqual([
      '/v1/animals/7',
      '?name=in+the+query',
      { name: 'in the body' },
    ]);
    await call('keepers.keepers2', { names: 'a', at: 'b' });
    expect([last().body.length, last().headers['content-type']]).toEqual([0, undefined]);
  });

  test('sends media types, headers and bodies as described, without read-only fields', async () => {
    await call('animals.patch', { animalId: 7, body: { name: 'x', deputy: { name: 'y', deputy: null } } });
    expect(last().headers).toMatchObject({
      'content-type': 'application/merge-patch+json',
      accept: 'application/vnd.zoo+json',
    });
    await call('animals.delete', { animalId: 7, ifMatch: '"e"', reason: 'old' });
    expect([last().method, last().headers['if-match'], json()]).toEqual(['DELETE', '"e"', { reason: 'old' }]);
    zoo.answer.body = { ...cat, id: 1 };
    await call('animals.create', { limit: 2, body: { ...cat, id: 7, secret: 's' } });
    expect([last().url.search, json()]).toEqual(['?limit=2', { ...cat, secret: 's' }]);
    await call('tickets.text', { body: 'plain' });
    expect([last().headers['content-type'], String(last().body)]).toEqual(['text/plain', 'plain']);
  });

  test('writes a form with each field in its style', async () => {
    zoo.answer.body = { amount: '1.00', currency: "it's" };
    const card = { number: '1 2', valid: { to: '12/30' } };
    expect(
      await call('tickets.then_', { names: ['a', 'b&c'], days: ['Mo', 'Tu'], card, note: { a: 1 } }),
    ).toEqual(zoo.answer.body);
    expect([...new URLSearchParams(String(last().body))]).toEqual([
      ['names', 'a'],
      ['names', 'b&c'],
      ['days', 'Mo,Tu'],
      ['card[number]', '1 2'],
      ['card[valid][to]', '12/30'],
      ['note', '{"a":1}'],
    ]);
  });

  test('accepts files in a form from a browser, and sends them in a form', async () => {
    const upload = async (path: string, fields: Readonly<Record<string, string | File>>) => {
      const body = new FormData();
      for (const [name, value] of Object.entries(fields)) body.append(name, value);
      const url = `http://localhost:3000/api/trpc/${path}`;
      const headers = browserHeaders();
      headers.delete('content-type');
      return (await zoo.serveTRPC(new Request(url, { method: 'POST', headers, body }))).json();
    };
    const photo = new File([new Uint8Array([137, 80, 78, 71, 0, 255])], 'tom.png', { type: 'image/png' });
    zoo.answer.body = { bytes: 6, more: 'dropped' };
    const place = '{"cage":4}';
    const fields = { animalId: '7', photo, stars: '5', public: 'true', place };
    expect(await upload('animals.addPhoto', fields)).toEqual({ result: { data: { bytes: 6 } } });
    expect(last().url.pathname).toBe('/v1/animals/7/photo');
    const type = last().headers['content-type'] ?? '';
    const sent = await new Response(new Uint8Array(last().body), {
      headers: { 'content-type': type },
    }).formData();
    const sentPhoto = sent.get('photo');
    expect([...sent.keys()]).toEqual(['photo', 'stars', 'public', 'place']);
    expect(sentPhoto instanceof File && [sentPhoto.name, sentPhoto.type, sentPhoto.size]).toEqual([
      'tom.png',
      'image/png',
      6,
    ]);
    const { error } = await upload('animals.addPhoto', { ...fields, stars: '6', public: 'maybe' });
    expect(Object.keys(error.data.input)).toEqual(['stars', 'public']);
    expect(received.length).toBe(1);
  });

  test('streams a file that is the whole body, with the other fields in a header', async () => {
    const put = async (fields: object) => {
      const headers = browserHeaders();
      headers.set('content-type', 'application/octet-stream');
      headers.set(FIELDS_HEADER, encodeURIComponent(JSON.stringify(fields)));
      const url = 'http://localhost:3000/api/trpc/animals.putPhoto';
      return zoo.serveTRPC(new Request(url, { method: 'POST', headers, body: new Uint8Array([137, 80, 0]) }));
    };
    expect((await put({ animalId: 7 })).status).toBe(200);
    expect([last().url.pathname, last().headers['content-type'], [...last().body]]).toEqual([
      '/v1/animals/7/photo',
      'image/png',
      [137, 80, 0],
    ]);
    expect((await put({ animalId: '../8' })).status).toBe(400);
    expect(received.length).toBe(1);
  });
});

describe('A8 the response of an imported endpoint', () => {
  test('is selected by its discriminator, without fields that it does not name', async () => {
    zoo.answer.body = {
      items: [
        { ...cat, secret: 's', more: 1 },
        { kind: 'bird', wings: 2 },
      ],
      next: null,
    };
    expect(await call('animals.listAll', {})).toEqual({
      items: [cat, { kind: 'bird', wings: 2 }],
      next: null,
    });
    zoo.answer.body = { items: [{ kind: 'bird' }], next: null };
    await expect(call('animals.listAll', {})).rejects.toMatchObject({
      code: 'BAD_GATEWAY',
      message: expect.stringContaining('items.0.wings'),
    });
  });

  test('retains the fields of every option; formats and lengths are not checked', async () => {
    const keeper = {
      name: '',
      pair: ['a', 1],
      contact: { mail: 'x', phone: '1' },
      rank: null,
      boss: { name: 'b', rank: 'two' },
      labels: { a: 'b' },
      open: { a: 'b', c: { d: 1 } },
    };
    zoo.answer.body = [keeper, { name: 'x', contact: { fax: '2' }, rank: true }];
    expect(await call('keepers.keepers', { names: ['a'], at: {} }).catch((error) => error.code)).toBe(
      'BAD_REQUEST',
    );
    expect(await call('keepers.keepers', { names: ['a'], at: { x: 1 } })).toEqual(zoo.answer.body);
  });

  test('may be circular at any depth', async () => {
    const leaf = { green: true, next: { green: false } };
    const tree = { leaf, children: [{ leaf, parent: null }], byName: { a: { leaf } } };
    zoo.answer.body = { ...tree, children: [{ ...tree, more: 1 }] };
    expect(await call('trees.plant', tree)).toEqual({ ...tree, children: [tree] });
    zoo.answer.body = leaf;
    const any = [1, 'a', { b: [null, true] }];
    expect(await call('trees.anyJson', { body: any })).toEqual(leaf);
    expect(json()).toEqual(any);
  });

  test('may be a subtype of the described schema, as OpenAPI 3.0 extends by allOf', async () => {
    const dog = { petType: 'dog', bark: true, owner: null, friend: { petType: 'Cat', lives: 9 }, nick: null };
    zoo.answer.body = { ...dog, lives: 9 };
    expect(await call('pets.addPet', { body: dog })).toEqual(dog);
    expect(json()).toEqual(dog);
    zoo.answer.body = { petType: 'Pet', age: 31 };
    expect(await call('pets.getPet', { petId: 1 })).toEqual(zoo.answer.body);
  });

  test('may be empty, an unopened envelope, or dropped', async () => {
    zoo.answer.body = { data: ['a'], message: 'm' };
    expect(await call('keepers.keepers2', { names: 'a', at: 'b' })).toEqual(zoo.answer.body);
    zoo.answer = { status: 202, body: undefined };
    expect(await call('keepers.keepers2', { names: 'a', at: 'b' })).toBeUndefined();
    zoo.answer = { status: 200, body: { secret: 1 } };
    expect(await call('animals.delete', { animalId: 7, ifMatch: '*', reason: 'x' })).toBeUndefined();
    expect(await call('animals.headAnimalsAnimalId', { animalId: 7 })).toBeUndefined();
  });
});

test('A4 A12 access is as described: public, optional, else protected', async () => {
  zoo.answer.body = { class: 'a', missing: 1, $ref: 'b', router: { endpoint: 'c' } };
  expect(await call('oddThings.n2OddNames')).toEqual({ class: 'a', $ref: 'b', router: { endpoint: 'c' } });
  await expect(call('oddThings.putOdd', { class: 'a' })).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
});
