import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Note } from './notes';

/** What happened to a note. */
export type NoteChange =
  | { type: 'created'; note: Note }
  | { type: 'updated'; note: Note }
  | { type: 'removed'; id: string };

interface Happened {
  sub: string;
  serial: number;
  change: NoteChange;
}

const KEPT_CHANGES = 1_000;
const HEARTBEAT_MS = 15_000;

/** What happened to everybody's notes, as server-sent events; a browser hears of its own user's only. */
export class NoteChanges {
  readonly #news = new EventEmitter().setMaxListeners(0);
  readonly #kept: Happened[] = [];
  readonly #open = new Set<ServerResponse>();
  /** Ids of another run of the demo mean nothing to this one. */
  readonly #run = Date.now().toString(36);
  #lastSerial = 0;

  /** How many streams are open. */
  get openStreams(): number {
    return this.#open.size;
  }

  publish(sub: string, change: NoteChange): void {
    this.#lastSerial += 1;
    const happened = { sub, serial: this.#lastSerial, change };
    this.#kept.push(happened);
    if (this.#kept.length > KEPT_CHANGES) this.#kept.shift();
    this.#news.emit('change', happened);
  }

  /** Answers with the changes of a user's notes from now on, or after the one that `Last-Event-ID` names. */
  stream(sub: string, { headers }: IncomingMessage, response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    const send = ({ serial, sub: owner, change }: Happened) => {
      if (owner === sub) response.write(this.#event(serial, change));
    };
    const since = this.#serialOf(headers['last-event-id']);
    // An event of no content: whoever hears of no change for an hour knows where to go on nevertheless.
    if (since === null) response.write(this.#event(this.#lastSerial, null));
    else for (const happened of this.#kept) if (happened.serial > since) send(happened);

    const heartbeat = setInterval(() => response.write(':\n\n'), HEARTBEAT_MS).unref();
    this.#news.on('change', send);
    this.#open.add(response);
    response.once('close', () => {
      clearInterval(heartbeat);
      this.#news.off('change', send);
      this.#open.delete(response);
    });
  }

  /** Breaks all streams off, as a network does. */
  drop(): number {
    const dropped = this.#open.size;
    for (const response of this.#open) response.destroy();
    return dropped;
  }

  #event(serial: number, data: NoteChange | null): string {
    return `id: ${this.#run}-${serial}\ndata: ${JSON.stringify(data)}\n\n`;
  }

  #serialOf(id: string | string[] | undefined): number | null {
    const [run, serial] = String(id ?? '').split('-');
    return run === this.#run ? Number(serial) : null;
  }
}
