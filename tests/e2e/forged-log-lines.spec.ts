import { type PlainRequest, plainRequest } from '../support/plain-http';
import { expect, test } from './fixtures';

const FORGED = '{"level":30,"event":"session_ended","reason":"forged"}';
const LINE = encodeURIComponent(`\n${FORGED}\n`);

/** Printed by Next itself, on the error output: what was printed there before is complete. */
const MARKER: PlainRequest = {
  method: 'POST',
  headers: { 'next-action': '40'.padEnd(42, 'f'), 'content-type': 'text/plain' },
  body: '[]',
};

for (const [what, address] of [
  ['a page that redirects', `/notes${LINE}`],
  ['nothing', `/nothing${LINE}`],
  ['a page', `/login%3Fx=${LINE}`],
  ['another host', `http%3A%2F%2Flocalhost%3A9%2F${LINE}`],
  ['no address', LINE],
] as const) {
  test(`S18 the image optimizer, asked for ${what}, writes no line of the client’s choice into the log`, async ({
    app,
  }) => {
    const { length } = app.output();
    const answer = await plainRequest(`${app.origin}/_next/image?url=${address}&w=640&q=75`);
    expect(answer.status).toBe(404);
    await plainRequest(`${app.origin}/login`, MARKER);
    await expect.poll(() => app.output().slice(length)).toContain('Failed to find Server Action');
    expect(app.output().slice(length)).not.toContain('forged');
  });
}
