import type { IncomingMessage, ServerResponse } from 'node:http';
import { decodeJwt } from 'jose';
import { serve } from './http-server';

/** What the server was asked. */
interface Asked {
  readonly room: string;
  readonly lastEventId: string | null;
  readonly token: string;
}

/** An API that sends events, as a test tells it to. Its streams end, and begin, with those who read them. */
export interface EventServer {
  readonly origin: string;
  /** The requests for a room so far. */
  asked(room: string): Asked[];
  /** How many streams of a room are open. */
  open(room: string): number;
  /** Sends an event to everybody in a room, and keeps it for those who come back. */
  push(room: string, ...contents: unknown[]): void;
  /** Sends text as it is. */
  write(room: string, text: string): void;
  /** Breaks the streams of a room off. */
  drop(room: string): void;
  /** Answers requests for a room by something else from now on; null: by events again. */
  answerWith(room: string, answer: ((response: ServerResponse) => void) | null): void;
}

/** Starts an API at whose `/rooms/{room}/events` tests subscribe; `/notes/events` is the room of a user's name. */
export async function startEventServer(): Promise<EventServer> {
  const asked: Asked[] = [];
  const streams = new Map<string, Set<ServerResponse>>();
  const history = new Map<string, unknown[]>();
  const others = new Map<string, (response: ServerResponse) => void>();
  const streamsOf = (room: string) => streams.get(room) ?? new Set();
  const eventOf = (content: unknown, n: number) => `id: ${n}\ndata: ${JSON.stringify(content)}\n\n`;

  function answer({ url = '', headers }: IncomingMessage, response: ServerResponse): void {
    const token = headers.authorization?.slice('Bearer '.length) ?? '';
    const room = /^\/rooms\/([^/]+)\/events$/.exec(url)?.[1] ?? decodeJwt(token).sub ?? '';
    const lastEventId = String(headers['last-event-id'] ?? '') || null;
    asked.push({ room, lastEventId, token });
    const other = others.get(room);
    if (other) {
      other(response);
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
    if (lastEventId !== null)
      for (const [index, content] of (history.get(room) ?? []).entries())
        if (index >= Number(lastEventId)) response.write(eventOf(content, index + 1));
    streams.set(room, streamsOf(room).add(response));
    response.once('close', () => streamsOf(room).delete(response));
  }

  const origin = await serve(answer);
  const write = (room: string, text: string) => {
    for (const response of streamsOf(room)) response.write(text);
  };
  return {
    origin,
    asked: (room) => asked.filter((one) => one.room === room),
    open: (room) => streamsOf(room).size,
    push(room, ...contents) {
      for (const content of contents) {
        const all = [...(history.get(room) ?? []), content];
        history.set(room, all);
        write(room, eventOf(content, all.length));
      }
    },
    write,
    drop(room) {
      for (const response of streamsOf(room)) response.destroy();
    },
    answerWith(room, next) {
      if (next) others.set(room, next);
      else others.delete(room);
    },
  };
}
