import { type PlainRequest, plainRequest, signInOverHttp } from '../support/plain-http';
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

/** What a stranger can put into a request so that Next quotes it in an error. */
const QUOTED: Record<string, { readonly arguments: string; readonly error: string }> = {
  'a number': { arguments: JSON.stringify([`$nx\n${FORGED}\n`]), error: 'to a BigInt' },
  'a number with the line break of old': {
    arguments: JSON.stringify([`$nx\r${FORGED}\r`]),
    error: 'to a BigInt',
  },
};

for (const [what, { arguments: body, error }] of Object.entries(QUOTED)) {
  test(`S18 a Server Action, called with ${what} that is none, writes no line of the client’s choice into the log`, async ({
    app,
  }) => {
    const { length } = app.output();
    // What an action is called, somebody who is signed in can tell; nobody has to be to call it.
    const cookie = `bff-session=${await signInOverHttp(app)}`;
    const page = await plainRequest(`${app.origin}/notes/new`, { headers: { cookie } });
    const [action = ''] = page.body.match(/\b[0-9a-f]{42}\b/) ?? [];
    const headers = { 'next-action': action, 'content-type': 'text/plain' };
    const request = { method: 'POST', headers, body };
    expect((await plainRequest(`${app.origin}/notes/new`, request)).status).toBe(500);
    await expect.poll(() => app.output().slice(length)).toContain(error);
    const lines = app
      .output()
      .slice(length)
      .split(/[\r\n]+/);
    expect(lines.map((line) => line.trim())).not.toContain(FORGED);
  });
}
