import { RESERVED_WORDS } from '../description/names.js';
import { type Endpoint, endpointCode, shapesOf } from '../endpoint/endpoint.js';
import { CALLABLE } from '../request/send.js';
import { declareComponents } from '../zod/components.js';

/** An endpoint and its name in the router. */
export interface Entry {
  readonly name: string;
  readonly endpoint: Endpoint;
}

/** The modules of the names that a router's file calls, in the order in which Biome sorts imports. */
const SOURCES: readonly (readonly [from: string, names: readonly string[]])[] = [
  ['next-trpc-bff/imported', ['formInput', 'jsonText', ...CALLABLE]],
  ['next-trpc-bff/server', ['fileStream']],
  ['zod', ['z']],
  ['../trpc', ['endpoint', 'router']],
];

/** Names and patterns are the API's and may break rules of a linter. */
const UNLINTED = '// biome-ignore-all lint: written by a program';

const CALLED = [...SOURCES.flatMap(([, names]) => names), 'Blob', 'JSON', 'undefined'];

/**
 * Writes a router's file, not yet formatted.
 *
 * @param key - The router's key in the map
 */
export function routerText(key: string, entries: readonly Entry[]): string {
  const constant = `${key}Router`;
  const { declarations, code } = declareComponents(
    entries.flatMap(({ endpoint }) => shapesOf(endpoint)),
    (printer) => entries.map(({ endpoint }) => endpointCode(endpoint, printer)),
    [...RESERVED_WORDS, ...CALLED, constant],
  );
  const members = entries.map(
    ({ name, endpoint }, n) => `${comment(endpoint)}${JSON.stringify(name)}: ${code[n]},`,
  );
  const body = [...declarations, `export const ${constant} = router({\n${members.join('\n\n')}\n});`].join(
    '\n\n',
  );
  // A summary may contain `comma separated.`, which is no call.
  const calls = withoutTexts([...declarations, ...code, 'router('].join('\n'));
  const imports = SOURCES.flatMap(([from, names]) => {
    const used = names.toSorted().filter((name) => new RegExp(`\\b${name}\\b[.(]`).test(calls));
    return used.length > 0 ? [`import { ${used.join(', ')} } from '${from}';`] : [];
  });
  return `${UNLINTED}\n${imports.join('\n')}\n\n${body}\n`;
}

/** Regular expressions come first, since they may hold quotes. */
const withoutTexts = (code: string) =>
  code.replace(
    /\.regex\(\/(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\[])*\/|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'/g,
    '""',
  );

function comment({ summary, isDeprecated }: Endpoint): string {
  const lines = [
    ...(summary ? [summary.replace(/\s+/g, ' ').replaceAll('*/', '*\\/').trim()] : []),
    ...(isDeprecated ? ['@deprecated The description says so.'] : []),
  ];
  if (lines.length === 0) return '';
  return lines.length === 1
    ? `/** ${lines[0]} */\n`
    : `/**\n${lines.map((line) => ` * ${line}`).join('\n *\n')}\n */\n`;
}
