import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import type { AuthenticateBearer } from './access-token';
import { answerApiFault } from './api-fault';
import { createAttachmentsApi } from './attachments-api';
import { abortWhenCallerLeaves, type DemoResponse, delay, parseJson, readBody, sendAnswer } from './http';
import { Notes } from './notes';
import type { DemoState } from './state';
import type { DemoUser } from './users';

const BODY_LIMIT_BYTES = 100_000;
const DEFAULT_LIMIT = 20;
const NO_SUCH_NOTE: DemoResponse = { status: 404, json: { message: 'There is no such note.' } };

const title = z
  .string('The title must be text.')
  .trim()
  .min(1, { error: 'The title must not be empty.', abort: true })
  .max(200, 'The title must have at most 200 characters.')
  // A rule of its own, which the front end cannot know.
  .regex(/[\p{L}\p{N}]/u, 'The title must contain a letter or a digit.');
const body = z.string('The body must be text.').max(10_000, 'The body must have at most 10,000 characters.');
const newNote = z.object({ title, body: body.default('') });
const noteChange = z.object({ title: title.optional(), body: body.optional() });

/**
 * Serves `/api/*`: each user's own notes, their attachments and their changes as events, `/api/me`, and
 * `/api/public/motd` for everybody.
 */
export function createNotesApi(authenticate: AuthenticateBearer, state: DemoState) {
  const notes = new Notes();
  const attachments = createAttachmentsApi(state);

  return async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    const { api: knob } = state.knobs;
    const isStream = url.pathname === '/api/notes/events';
    state.counters[isStream ? 'eventRequests' : 'apiRequests'] += 1;
    const callerLeft = abortWhenCallerLeaves(response);
    callerLeft.addEventListener('abort', () => {
      if (!isStream) state.counters.apiAborts += 1;
    });
    if (knob.delayMs) await delay(knob.delayMs, callerLeft);
    if (callerLeft.aborted) return;
    if (isStream && knob.status === undefined) return streamChanges(request, response);
    sendAnswer(
      response,
      knob.status === undefined ? await answer(request, url) : answerApiFault(knob.status, knob),
    );
  };

  async function streamChanges(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const user = await authenticate(request.headers.authorization);
    if (!user) return sendAnswer(response, unauthorized(request));
    if (request.method !== 'GET')
      return sendAnswer(response, await forMethod(request, { get: () => ok(null) }));
    state.changes.stream(user.sub, request, response);
  }

  async function answer(request: IncomingMessage, url: URL): Promise<DemoResponse> {
    const [, resource, id, ...rest] = url.pathname.split('/').slice(1);
    if (resource === 'public' && id === 'motd' && rest.length === 0) {
      return forMethod(request, { get: () => ok({ message: 'Water the plants, oil the chain.' }) });
    }
    const user = await authenticate(request.headers.authorization);
    if (!user) return unauthorized(request);
    if (resource === 'me' && id === undefined) return forMethod(request, { get: () => ok(user) });
    if (resource === 'notes' && id !== undefined && rest[0] === 'attachments')
      return ofAttachments(user, id, rest.slice(1), request, url);
    if (resource !== 'notes' || rest.length > 0) return { status: 404, json: { message: 'Not found.' } };
    if (id === undefined) {
      return forMethod(request, {
        get: () => list(user, url.searchParams),
        post: () => create(user, request),
      });
    }
    return forMethod(request, {
      get: () => orNoSuchNote(notes.find(user.sub, id)),
      patch: () => update(user, id, request),
      delete: () => remove(user, id),
    });
  }

  function ofAttachments(
    { sub }: DemoUser,
    noteId: string,
    [id, ...rest]: string[],
    request: IncomingMessage,
    { searchParams }: URL,
  ): DemoResponse | Promise<DemoResponse> {
    if (rest.length > 0) return { status: 404, json: { message: 'Not found.' } };
    if (!notes.find(sub, noteId)) return NO_SUCH_NOTE;
    if (id === undefined) {
      return forMethod(request, {
        get: () => attachments.list(noteId),
        post: () => attachments.add(noteId, request, searchParams),
      });
    }
    return forMethod(request, {
      get: () => attachments.send(noteId, id, request),
      head: () => attachments.send(noteId, id, request),
      delete: () => attachments.remove(noteId, id),
    });
  }

  function list({ sub }: DemoUser, query: URLSearchParams): DemoResponse {
    const limit = query.has('limit') ? Number(query.get('limit') || Number.NaN) : DEFAULT_LIMIT;
    if (!Number.isInteger(limit) || limit < 1 || limit > 100) {
      return { status: 400, json: { message: 'The limit must be a whole number from 1 to 100.' } };
    }
    const page = notes.list(sub, { cursor: query.get('cursor'), limit });
    return page ? ok(page) : { status: 400, json: { message: 'The cursor is invalid.' } };
  }

  async function create({ sub }: DemoUser, request: IncomingMessage): Promise<DemoResponse> {
    const input = await readInput(request, newNote);
    if ('problem' in input) return input.problem;
    const note = notes.create(sub, input.value);
    state.changes.publish(sub, { type: 'created', note });
    return { status: 201, json: note };
  }

  async function update({ sub }: DemoUser, id: string, request: IncomingMessage): Promise<DemoResponse> {
    if (!notes.find(sub, id)) return NO_SUCH_NOTE;
    const input = await readInput(request, noteChange);
    if ('problem' in input) return input.problem;
    const note = notes.update(sub, id, input.value);
    if (note) state.changes.publish(sub, { type: 'updated', note });
    return orNoSuchNote(note);
  }

  function remove({ sub }: DemoUser, id: string): DemoResponse {
    if (!notes.remove(sub, id)) return NO_SUCH_NOTE;
    state.changes.publish(sub, { type: 'removed', id });
    return { status: 204 };
  }
}

async function readInput<T>(
  request: IncomingMessage,
  schema: z.ZodType<T>,
): Promise<{ value: T } | { problem: DemoResponse }> {
  const text = await readBody(request, BODY_LIMIT_BYTES);
  if (text === null) return { problem: { status: 413, json: { message: 'The body is too large.' } } };
  const json = parseJson(text);
  if (typeof json !== 'object' || json === null) {
    return { problem: { status: 400, json: { message: 'The body must be a JSON object.' } } };
  }
  const input = schema.safeParse(json);
  if (input.success) return { value: input.data };
  const { fieldErrors } = z.flattenError(input.error);
  return { problem: { status: 422, json: { message: 'The given data was invalid.', errors: fieldErrors } } };
}

function forMethod(
  { method = '' }: IncomingMessage,
  answers: Record<string, () => DemoResponse | Promise<DemoResponse>>,
): DemoResponse | Promise<DemoResponse> {
  const allow = Object.keys(answers).join(', ').toUpperCase();
  return (
    answers[method.toLowerCase()]?.() ?? {
      status: 405,
      headers: { allow },
      json: { message: `Use ${allow}.` },
    }
  );
}

function unauthorized({ headers }: IncomingMessage): DemoResponse {
  // RFC 6750, section 3: no error code for a request that carried no credentials.
  const challenge = headers.authorization
    ? 'Bearer realm="notes", error="invalid_token"'
    : 'Bearer realm="notes"';
  return { status: 401, headers: { 'www-authenticate': challenge }, json: { message: 'Unauthenticated.' } };
}

function ok(json: unknown): DemoResponse {
  return { status: 200, json };
}

function orNoSuchNote(note: unknown): DemoResponse {
  return note ? ok(note) : NO_SUCH_NOTE;
}
