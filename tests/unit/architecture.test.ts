import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SOURCE = join(ROOT, 'packages/next-trpc-bff/src');
const page = readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8');

/** The rows of the table of rooms: each room, and the rooms that it may import. */
const rooms = new Map(
  [...page.matchAll(/^\| `([\w-]+)` +\|.*\|([^|]*)\|$/gm)].map(([, room = '', imports = '']) => [
    room,
    [...imports.matchAll(/`([\w-]+)`/g)].map(([, name = '']) => name),
  ]),
);

const roomOf = (path: string) => relative(SOURCE, path).split('/')[0] ?? '';

/** Every import of one room from another, as the room, the other one, and the file that does it. */
function importsBetweenRooms(): [string, string, string][] {
  const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /\/.*\.tsx?$/.test(file),
  );
  return files.flatMap((file) => {
    const text = readFileSync(join(SOURCE, file), 'utf8');
    const imported = [...text.matchAll(/(?:from|import)\s*\(?'(\.[^']+)'/g)].map(([, specifier = '']) =>
      roomOf(join(SOURCE, dirname(file), specifier)),
    );
    const room = roomOf(join(SOURCE, file));
    return imported
      .filter((other) => other !== room)
      .map((other): [string, string, string] => [room, other, file]);
  });
}

test('docs/architecture.md has a row for every room of the package, and for no other', () => {
  const folders = readdirSync(SOURCE, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect([...rooms.keys()].sort()).toEqual(folders.map(({ name }) => name).sort());
});

test('a room imports only the rooms that docs/architecture.md allows it', () => {
  const imports = importsBetweenRooms();
  expect(imports.length).toBeGreaterThan(100);
  expect(imports.filter(([room, other]) => !rooms.get(room)?.includes(other))).toEqual([]);
});

test('every file and folder that docs/architecture.md names exists', () => {
  const named = [
    ...page.matchAll(/(?:^|[\s`(])((?:[\w.[\]-]+\/)+(?:[\w.[\]-]+\.tsx?)?|[\w.]+\.ts)(?=[\s`),]|$)/gm),
  ].map(([, path = '']) => path);
  expect(named.length).toBeGreaterThan(25);
  const places = [ROOT, SOURCE, ...[...rooms.keys()].map((room) => join(SOURCE, room))];
  expect(named.filter((path) => !places.some((place) => existsSync(join(place, path))))).toEqual([]);
});

test('every file and folder that the other documents name exists', () => {
  const documents = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' });
  const tops = ['app', 'server', 'trpc', 'packages', 'docs', 'tests', ...rooms.keys()].join('|');
  const name = new RegExp(`\`((?:${tops})/(?:[\\w./[\\]-]*(?:/|\\.\\w+))?)\``, 'g');
  const named = documents
    .filter((file) => file.endsWith('.md'))
    .flatMap((file) => [...readFileSync(join(ROOT, 'docs', file), 'utf8').matchAll(name)])
    .map(([, path = '']) => path);
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((path) => ![ROOT, SOURCE].some((place) => existsSync(join(place, path))))).toEqual([]);
});

test('the rooms of docs/architecture.md import in one direction', () => {
  const visit = (room: string, above: readonly string[]): string[] =>
    above.includes(room)
      ? [...above, room]
      : (rooms.get(room) ?? []).flatMap((next) => visit(next, [...above, room]));
  expect([...rooms.keys()].flatMap((room) => visit(room, []))).toEqual([]);
});
