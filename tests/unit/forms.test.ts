import { expect, test } from 'vitest';
import { z } from 'zod';
import { formInput, jsonText, multipart } from '../../packages/next-trpc-bff/src/upstream/imported/forms';

const upload = formInput(
  z.object({
    id: z.coerce.number().pipe(z.int()),
    isPublic: z.stringbool().optional(),
    photo: z.file(),
    tags: z.array(z.string()).optional(),
    place: jsonText(z.object({ x: z.number() })).optional(),
  }),
);

function form(fields: Readonly<Record<string, string | Blob | readonly string[]>>): FormData {
  const made = new FormData();
  for (const [name, value] of Object.entries(fields))
    for (const item of [value].flat()) made.append(name, item);
  return made;
}

test('a form is read by its schema: numbers, booleans, lists, JSON, files', () => {
  const photo = new File(['abc'], 'a.png', { type: 'image/png' });
  const fields = { id: '7', isPublic: 'false', photo, tags: ['a'], place: '{"x":1}', more: 'dropped' };
  expect(upload.parse(form(fields))).toEqual({ id: 7, isPublic: false, photo, tags: ['a'], place: { x: 1 } });
});

test.each([
  ['nullish', z.array(z.string()).nullish()],
  ['there by default', z.array(z.string()).default([])],
  ['read only', z.array(z.string()).readonly()],
  ['changed when read', z.array(z.string()).transform((tags) => tags)],
])('a list that is %s collects the fields of one name', (_, tags) => {
  expect(formInput(z.object({ tags })).parse(form({ tags: ['a', 'b'] }))).toEqual({ tags: ['a', 'b'] });
});

test('A1 each wrong field of a form has its error', () => {
  const { error } = upload.safeParse(form({ id: 'x', photo: 'no file', place: '{' }));
  expect(error && Object.keys(z.flattenError(error).fieldErrors)).toEqual(['id', 'photo', 'place']);
  expect(upload.safeParse({ id: 7 }).success).toBe(false);
});

test('fields become the parts of a form', async () => {
  const photo = new File(['abc'], 'a.png', { type: 'image/png' });
  const sent = multipart({ id: 7, photo, tags: ['a', 'b'], place: { x: 1 }, none: undefined, nil: null });
  const read = await new Response(sent).formData();
  const place = read.get('place');
  expect([...read.keys()]).toEqual(['id', 'photo', 'tags', 'tags', 'place']);
  expect([read.get('id'), read.getAll('tags')]).toEqual(['7', ['a', 'b']]);
  expect(place instanceof File && [place.type, await place.text()]).toEqual(['application/json', '{"x":1}']);
  expect(read.get('photo')).toMatchObject({ name: 'a.png', type: 'image/png', size: 3 });
});
