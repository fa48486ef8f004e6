import { Writable } from 'node:stream';
import { pino } from 'pino';
import { z } from 'zod';

const lineSchema = z.looseObject({ level: z.number(), event: z.string() });

/** A line of the log; the levels are pino's: 30 info, 40 warn, 50 error. */
export type LogLine = z.infer<typeof lineSchema>;

/**
 * Keeps what this process logs from now on. Call before anything logs.
 *
 * @returns The lines in their order; empty it to start anew
 */
export function keepLogLines(): LogLine[] {
  const lines: LogLine[] = [];
  const stream = new Writable({
    write(chunk, _, done) {
      lines.push(lineSchema.parse(JSON.parse(String(chunk))));
      done();
    },
  });
  Object.assign(globalThis, { [Symbol.for('next-trpc-bff.log')]: pino({ base: null }, stream) });
  return lines;
}
