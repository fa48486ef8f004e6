/** A terminal and a log collector begin a new line at each of these. */
const LINE_BREAK = /\r\n?|\n(?!$)/g;

/**
 * Marks each further line of what is printed at once, so that it cannot be taken for a log line: Next prints errors
 * whose messages quote the request, line breaks included. The logger writes past it, one JSON line an event.
 *
 * @param stream - `process.stdout` or `process.stderr`
 */
export function markFurtherLines(stream: NodeJS.WriteStream): void {
  const { write } = stream;
  Object.assign(stream, {
    write: (printed: string | Uint8Array, ...rest: readonly unknown[]): boolean => {
      const marked = typeof printed === 'string' ? printed.replace(LINE_BREAK, '\n| ') : printed;
      return Reflect.apply(write, stream, [marked, ...rest]);
    },
  });
}
