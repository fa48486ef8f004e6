import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Lists which cases of the contract have a test that names them, and which do not: `npm run cases`. */
const LAST: Readonly<Record<string, [first: number, last: number]>> = {
  A: [1, 20],
  B: [1, 19],
  L: [0, 14],
  T: [1, 23],
  S: [1, 22],
  R: [1, 10],
};
const folder = fileURLToPath(new URL('.', import.meta.url));
const texts = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.(test|spec)\.tsx?$/.test(path))
  .map((path) => readFileSync(`${folder}/${path}`, 'utf8'));
const titles = texts.flatMap((text) =>
  [...text.matchAll(/(?:test|describe)(?:\.each\([\s\S]*?\))?\(\s*(['"`])(.+?)\1/g)].map(
    ([, , title = '']) => title,
  ),
);
const named = new Set(
  titles.flatMap((title) => [...title.matchAll(/\b[ABLTSR]\d{1,2}\b/g)].map(([number]) => number)),
);
const all = Object.entries(LAST).flatMap(([letter, [first, last]]) =>
  Array.from({ length: last - first + 1 }, (_, n) => `${letter}${first + n}`),
);

console.log(`With a test:    ${all.filter((number) => named.has(number)).join(' ')}`);
console.log(`Without a test: ${all.filter((number) => !named.has(number)).join(' ') || 'none'}`);
