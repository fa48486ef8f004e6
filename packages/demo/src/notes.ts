import { randomUUID } from 'node:crypto';
import { seedNotesOf } from './seed-notes';

export interface Note {
  id: string;
  title: string;
  body: string;
  /** ISO 8601. */
  updatedAt: string;
}

interface StoredNote extends Note {
  /** Grows with every note; a page continues below it, so new notes never shift a list that is being read. */
  serial: number;
}

export interface NotesPage {
  items: Note[];
  nextCursor: string | null;
}

const SEED_INTERVAL_MS = 7.3 * 60 * 60 * 1000;

/** Everybody's notes; every method takes whose it is about and sees nobody else's. */
export class Notes {
  readonly #bySubject = new Map<string, StoredNote[]>();
  readonly #startedAt = Date.now();
  #lastSerial = 0;

  /** Returns a page, newest first; `null` when the cursor is not one that this list gave. */
  list(sub: string, { cursor, limit }: { cursor: string | null; limit: number }): NotesPage | null {
    const before = cursor === null ? Number.POSITIVE_INFINITY : decodeCursor(cursor);
    if (before === null) return null;
    const rest = this.#of(sub).filter((note) => note.serial < before);
    const items = rest.slice(0, limit);
    const last = items.at(-1);
    return {
      items: items.map(withoutSerial),
      nextCursor: last && rest.length > limit ? encodeCursor(last.serial) : null,
    };
  }

  find(sub: string, id: string): Note | null {
    const note = this.#stored(sub, id);
    return note ? withoutSerial(note) : null;
  }

  create(sub: string, text: { title: string; body: string }): Note {
    const note = this.#store(text, Date.now());
    this.#of(sub).unshift(note);
    return withoutSerial(note);
  }

  update(
    sub: string,
    id: string,
    text: { title?: string | undefined; body?: string | undefined },
  ): Note | null {
    const note = this.#stored(sub, id);
    if (!note) return null;
    note.title = text.title ?? note.title;
    note.body = text.body ?? note.body;
    note.updatedAt = new Date().toISOString();
    return withoutSerial(note);
  }

  remove(sub: string, id: string): boolean {
    const notes = this.#of(sub);
    const index = notes.findIndex((note) => note.id === id);
    if (index >= 0) notes.splice(index, 1);
    return index >= 0;
  }

  #stored(sub: string, id: string): StoredNote | undefined {
    return this.#of(sub).find((note) => note.id === id);
  }

  #of(sub: string): StoredNote[] {
    const notes = this.#bySubject.get(sub) ?? this.#seed(sub);
    this.#bySubject.set(sub, notes);
    return notes;
  }

  #seed(sub: string): StoredNote[] {
    const newestFirst = seedNotesOf(sub);
    return newestFirst
      .map((text, age) => ({ text, writtenAt: this.#startedAt - (age + 1) * SEED_INTERVAL_MS }))
      .reverse()
      .map(({ text, writtenAt }) => this.#store(text, writtenAt))
      .reverse();
  }

  #store(text: { title: string; body: string }, writtenAt: number): StoredNote {
    this.#lastSerial += 1;
    return {
      id: randomUUID(),
      ...text,
      updatedAt: new Date(writtenAt).toISOString(),
      serial: this.#lastSerial,
    };
  }
}

function withoutSerial({ id, title, body, updatedAt }: StoredNote): Note {
  return { id, title, body, updatedAt };
}

function encodeCursor(serial: number): string {
  return Buffer.from(`before:${serial}`).toString('base64url');
}

function decodeCursor(cursor: string): number | null {
  const serial = /^before:(\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString('utf8'))?.[1];
  return serial === undefined ? null : Number(serial);
}
