import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server';
import fc from 'fast-check';
import { expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { fieldsHeader } from '../../packages/next-trpc-bff/src/client/file-link';
import { FIELDS_HEADER } from '../../packages/next-trpc-bff/src/http/wire';
import { type FileInput, fileStream, withFields } from '../../packages/next-trpc-bff/src/procedures/upload';
import type { AppRouter } from '../../server/router';

test('A6 property: the fields beside a file arrive unchanged', () => {
  const file = new ReadableStream();
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue()), (fields) => {
      const given = JSON.parse(JSON.stringify(fields));
      const received = withFields(file, new Headers(fieldsHeader({ fields })));
      expect(received).toEqual({ ...given, file });
    }),
  );
});

test('A6 the file is the body, even if there is a field of that name', () => {
  const file = new ReadableStream();
  expect(withFields(file, new Headers(fieldsHeader({ fields: { file: 'x', id: 1 } })))).toEqual({
    id: 1,
    file,
  });
});

test('A6 fields that are no JSON object are refused', () => {
  for (const value of ['', '%', '[]', 'null', '1', '%7B', encodeURIComponent('"x"')])
    expect(() => withFields(new ReadableStream(), new Headers({ [FIELDS_HEADER]: value })), value).toThrow(
      'holds no fields',
    );
});

test('A6 an input that is no stream is not changed, with the header or without', () => {
  const headers = new Headers(fieldsHeader({ fields: { id: 1 } }));
  expect(withFields({ id: 2 }, headers)).toEqual({ id: 2 });
  const stream = new ReadableStream();
  expect(withFields(stream, new Headers())).toBe(stream);
});

test('A6 the input and output of an upload are typed on both sides', () => {
  type Inputs = inferRouterInputs<AppRouter>['attachments'];
  expectTypeOf<Inputs['upload']>().toEqualTypeOf<{
    noteId: string;
    name: string;
    type: string;
    file: FileInput;
  }>();
  expectTypeOf<File>().toExtend<Inputs['upload']['file']>();
  expectTypeOf<string>().not.toExtend<Inputs['upload']['file']>();
  expectTypeOf<Inputs['uploadForm']>().toEqualTypeOf<FormData>();
  expectTypeOf<inferRouterOutputs<AppRouter>['attachments']['upload']['size']>().toEqualTypeOf<number>();
  const schema = z.object({ file: fileStream() });
  expectTypeOf<z.output<typeof schema>['file']>().toEqualTypeOf<ReadableStream<Uint8Array>>();
  for (const wrong of [undefined, null, 'x', {}, new FormData()])
    expect(schema.safeParse({ file: wrong }).success).toBe(false);
});
