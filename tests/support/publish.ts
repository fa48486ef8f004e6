import { appendFileSync } from 'node:fs';

/**
 * Adds to the map of routers.
 *
 * @param file - The map
 * @param lines - A line for each router
 */
export function publish(file: string, lines: readonly string[]): void {
  appendFileSync(file, `${lines.join('\n')}\n`);
}
