import fc from 'fast-check';
import { expect, test } from 'vitest';
import { imported, key, objectOf, word } from '../support/imported-schemas';

/** Where an object may be: at the top, or deeper. */
const places = fc.constantFrom(
  { of: (schema: object) => schema, with: (one: unknown) => one, path: [] },
  {
    of: (items: object) => ({ type: 'array', items }),
    with: (one: unknown) => [one],
    path: [0],
  },
  {
    of: (schema: object) => ({
      type: 'object',
      properties: { at: { type: ['array', 'null'], items: schema } },
    }),
    with: (one: unknown) => ({ at: [one] }),
    path: ['at', 0],
  },
  {
    of: (additionalProperties: object) => ({ type: ['object', 'null'], additionalProperties }),
    with: (one: unknown) => ({ any: one }),
    path: ['any'],
  },
  {
    of: (schema: object) => ({
      type: 'array',
      prefixItems: [{ type: 'string' }, { anyOf: [schema, { type: 'boolean' }] }],
    }),
    with: (one: unknown) => ['a', one],
    path: [1],
  },
);

test('A8 property: a response that fits one option of a union, at any depth, retains the fields of that option', async () => {
  const member = objectOf(fc.constant({ type: 'string' as const }));
  await fc.assert(
    fc.asyncProperty(
      fc.array(member, { minLength: 2, maxLength: 4 }),
      fc.dictionary(key, word),
      places,
      async (members, one, place) => {
        const [union] = await imported([{ anyOf: members.map(place.of) }], 'response');
        const fits = members.filter(({ required }) => required.every((name) => Object.hasOwn(one, name)));
        const parsed = union?.safeParse(place.with(one));
        expect(parsed?.success).toBe(fits.length > 0);
        const named = new Set(fits.flatMap(({ properties }) => Object.keys(properties)));
        for (const name of Object.keys(one))
          if (named.has(name)) expect(parsed?.data).toHaveProperty([...place.path, name]);
      },
    ),
    { numRuns: 300 },
  );
});

const simple = { type: 'object', required: ['id'], properties: { id: { type: 'integer' } } };
const full = {
  type: 'object',
  required: ['id', 'name'],
  properties: { id: { type: 'integer' }, name: { type: 'string' } },
};
const kinds = ['k', 'l'].map((name) => ({
  type: 'object',
  required: [name],
  properties: { [name]: { type: 'string' } },
}));
const ada = { id: 1, name: 'Ada' };

test.each([
  ['lists', { oneOf: [simple, full].map((items) => ({ type: 'array', items })) }, [ada]],
  [
    'objects that differ deeper',
    { oneOf: [simple, full].map((item) => ({ type: 'object', required: ['item'], properties: { item } })) },
    { item: ada },
  ],
  ['an object that may be null', { oneOf: [{ ...full, type: ['object', 'null'] }, simple] }, ada],
  [
    'what allOf puts together',
    { oneOf: [simple, full].map((one) => ({ allOf: [one, { oneOf: kinds }] })) },
    { ...ada, k: 'k' },
  ],
  [
    'records',
    { anyOf: [simple, full].map((one) => ({ type: 'object', additionalProperties: one })) },
    { a: ada },
  ],
  [
    'names that follow a pattern',
    { type: 'object', properties: { id: {} }, patternProperties: { '^x-': { type: 'string' } } },
    { id: 'a', 'x-b': 'c' },
  ],
  [
    'such names only',
    { additionalProperties: false, patternProperties: { '^x-': {} }, type: 'object' },
    { 'x-b': 1 },
  ],
  [
    'names that no part of a schema knows',
    { type: 'object', properties: { id: {} }, unevaluatedProperties: { type: 'string' } },
    { id: 'a', more: 'c' },
  ],
  ['required fields that are not described', { type: 'object', required: ['id'] }, ada],
  [
    'a list that is shorter than its first items',
    { prefixItems: [{ type: 'string' }, { type: 'integer' }] },
    ['a'],
  ],
])('A8 no field of a response is lost: %s', async (_, given, answer) => {
  const [read] = await imported([given], 'response');
  expect(read?.safeParse(answer)).toEqual({ success: true, data: answer });
});

test('S9 fields that no option of a union names, and read-only fields, are not sent', async () => {
  const options = [
    { type: 'object', properties: { a: { type: 'string' }, id: { type: 'string', readOnly: true } } },
    { type: 'object', properties: { b: { type: 'string' } } },
  ];
  const [read] = await imported([{ anyOf: options.map((items) => ({ type: 'array', items })) }], 'request');
  expect(read?.safeParse([{ a: 'x', b: 'y', id: '1', role: 'admin' }]).data).toEqual([{ a: 'x', b: 'y' }]);
});
