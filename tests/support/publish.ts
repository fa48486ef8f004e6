import { readFileSync, writeFileSync } from 'node:fs';

/**
 * Adds to the map of routers.
 *
 * @param file - The map
 * @param lines - Imports of routers, and their lines
 */
export function publish(file: string, lines: readonly string[]): void {
  const imports = lines.filter((line) => line.trimStart().startsWith('import '));
  const members = lines.filter((line) => !imports.includes(line));
  const map = readFileSync(file, 'utf8')
    .replace('export const appRouter', `${imports.join('\n')}\n\nexport const appRouter`)
    .replace('appRouter = router({\n', `appRouter = router({\n${members.join('\n')}\n`);
  writeFileSync(file, map);
}
