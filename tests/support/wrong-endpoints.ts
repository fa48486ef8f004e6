import { z } from 'zod';
import { endpoint } from '../../server/trpc';

const note = z.object({ id: z.string() });
const nested = z.object({ where: z.object({ author: z.string() }) });

/** A5: never run. It is checked by the compiler, to which an expected error that does not come is one. */
export const wrongUses = () => [
  // @ts-expect-error the input lacks the name in the braces
  endpoint('GET /notes/{id}', { input: z.object({ other: z.string() }), output: note }),
  // @ts-expect-error a name in the braces may not be optional
  endpoint('GET /notes/{id}', { input: z.object({ id: z.string().optional() }), output: note }),
  // @ts-expect-error a name in the braces must be a word
  endpoint('GET /notes/{id}', { input: z.object({ id: z.object({}) }), output: note }),
  // @ts-expect-error a query string holds no objects
  endpoint('GET /notes', { input: nested, output: note }),
  // @ts-expect-error nor does that of DELETE
  endpoint('DELETE /notes', { input: nested, output: note }),
  // @ts-expect-error there is always an output
  endpoint('GET /notes', {}),
  // @ts-expect-error no such method
  endpoint('FETCH /notes', { output: note }),
  // @ts-expect-error no slash
  endpoint('GET notes', { output: note }),
  endpoint('GET /notes/{id}', {
    output: note,
    // @ts-expect-error no such kind of procedure
    access: 'private',
  }),
  endpoint('POST /notes', {
    output: note,
    // @ts-expect-error what changes something is never sent again
    retries: 1,
  }),
  endpoint('POST /notes/{id}', {
    input: z.object({ id: z.string(), title: z.string() }),
    output: note,
    // @ts-expect-error the name in the braces is not in the rest
    send: ({ id }) => ({ body: id }),
  }),
];
