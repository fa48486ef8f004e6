import type { IncomingHttpHeaders } from 'node:http';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { copyOfApplication } from './documented-code';
import { configure } from './environment';
import { serve } from './http-server';
import { importInto, loadApplication, publishAll } from './importing';

/** A request as the zoo's API got it. */
export interface Received {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Starts an API with scripted responses, and a copy of the application into which its descriptions were imported. */
export async function startZoo(descriptions: readonly string[] = ['zoo.yaml', 'zoo-old.json']) {
  const received: Received[] = [];
  const answer: { status: number; body: unknown } = { status: 200, body: {} };
  const origin = await serve(async (request, response) => {
    const { method = '', url = '', headers } = request;
    received.push({ method, url: new URL(url, 'http://zoo'), headers, body: await buffer(request) });
    const body = zoo.answer.body === undefined ? '' : JSON.stringify(zoo.answer.body);
    response.writeHead(zoo.answer.status, { 'content-type': 'application/json' }).end(body);
  });
  configure({ UPSTREAM_URL: `${origin}/v1` });
  const copy = copyOfApplication();
  const lines = descriptions.flatMap((description) => {
    const run = importInto(copy, description);
    publishAll(copy, run);
    return run.lines;
  });
  const last = () => {
    const request = received.at(-1);
    if (!request) throw new Error('Nothing was received.');
    return request;
  };
  const zoo = { received, answer, last, lines, copy, ...(await loadApplication(copy)) };
  return zoo;
}

const words = (separator: string) =>
  fc.array(
    fc.string({ unit: 'grapheme', minLength: 1 }).filter((word) => !word.includes(separator)),
    { minLength: 1, maxLength: 4 },
  );
const text = fc.string({ unit: 'grapheme', maxLength: 12 });
const header = fc.stringMatching(/^[!-~]{1,8}$/).filter((word) => !word.includes(','));
/** Any input of `animals.listAll`. */
export const animalsQuery = fc.record(
  {
    limit: fc.integer({ min: 1, max: 100 }),
    kinds: fc.array(text, { minLength: 1, maxLength: 3 }),
    ids: fc.array(fc.integer(), { minLength: 1, maxLength: 3 }),
    near: fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }).map(Math.abs), {
      minLength: 1,
      maxLength: 3,
    }),
    words: words(' '),
    size: fc.record({ min: fc.nat(), max: fc.nat() }),
    where: fc.record({ name: text, age: fc.record({ gt: fc.nat(), lt: fc.nat() }) }),
    more: fc.dictionary(fc.stringMatching(/^more-\w{1,5}$/), text, { minKeys: 1, maxKeys: 3 }),
    shape: fc.record({ round: fc.boolean() }),
    query: text,
    class: header,
    xTraceTags: fc.array(header, { minLength: 1, maxLength: 3 }),
  },
  { requiredKeys: [] },
);

/** Reads a request of `animals.listAll` as OpenAPI says that it is written. */
export function readAnimalsQuery({ url: { searchParams }, headers }: Received) {
  const get = (name: string) => searchParams.get(name);
  const list = (name: string, separator: string) => get(name)?.split(separator);
  const [minKey, min, maxKey, max] = list('size', ',') ?? [];
  const more = [...searchParams].filter(([name]) => name.startsWith('more-'));
  const traces = headers['x-trace-tags'];
  const found = {
    limit: get('limit') === null ? undefined : Number(get('limit')),
    kinds: searchParams.has('kinds') ? searchParams.getAll('kinds') : undefined,
    ids: list('ids', ',')?.map(Number),
    near: list('near', '|')?.map(Number),
    words: list('words', ' '),
    size: minKey && maxKey ? { [minKey]: Number(min), [maxKey]: Number(max) } : undefined,
    where: searchParams.has('where[name]')
      ? {
          name: get('where[name]'),
          age: { gt: Number(get('where[age][gt]')), lt: Number(get('where[age][lt]')) },
        }
      : undefined,
    more: more.length > 0 ? Object.fromEntries(more) : undefined,
    shape: get('shape') === null ? undefined : JSON.parse(String(get('shape'))),
    query: get('query') ?? undefined,
    class: headers['class'],
    xTraceTags: typeof traces === 'string' ? traces.split(',') : undefined,
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}
