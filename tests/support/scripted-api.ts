import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { serve } from './http-server';

/** An API that answers as the test says, and remembers what it was asked. */
export interface ScriptedApi {
  readonly origin: string;
  /** Requests since the last {@link answering}: method and address. */
  readonly lines: string[];
  /** Requests that the caller gave up before they were answered. */
  readonly givenUp: string[];
  /** Answers from now on by this; the last of several goes on for ever. */
  answering(...listeners: RequestListener[]): void;
}

export async function scriptedApi(): Promise<ScriptedApi> {
  const [lines, givenUp]: [string[], string[]] = [[], []];
  let script: RequestListener[] = [json({})];
  const origin = await serve((request, response) => {
    const line = `${request.method} ${request.url}`;
    lines.push(line);
    response.once('close', () => void (response.writableFinished || givenUp.push(line)));
    const [listener] = script.length > 1 ? script.splice(0, 1) : script;
    listener?.(request, response);
  });
  return {
    origin,
    lines,
    givenUp,
    answering(...listeners) {
      script = listeners;
      lines.length = 0;
      givenUp.length = 0;
    },
  };
}

/** Answers JSON. */
export const json = (body: unknown, status = 200, headers: Record<string, string> = {}): RequestListener =>
  answer(status, { 'content-type': 'application/json', ...headers }, JSON.stringify(body));

/** Answers a status without a body. */
export const status = (code: number, headers: Record<string, string> = {}): RequestListener =>
  answer(code, headers);

/** Answers what is given. */
export const answer =
  (code: number, headers: Record<string, string>, body?: string | Uint8Array): RequestListener =>
  (_, response) =>
    void response.writeHead(code, headers).end(body);

/** Breaks the connection. */
export const broken = (request: IncomingMessage): void => void request.socket.destroy();

/** Keeps requests waiting until the test answers them. */
export function holding(): {
  listener: RequestListener;
  held: ServerResponse[];
  release(body?: unknown): void;
} {
  const held: ServerResponse[] = [];
  return {
    listener: (_, response) => void held.push(response),
    held,
    release: (body = {}) => {
      for (const response of held.splice(0))
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    },
  };
}
