import { asciiName, camelCase, uniqueNames } from '../description/names.js';
import type { Parameter } from './parameters.js';

/** Headers that OpenAPI says not to describe as parameters. */
const DESCRIBED_ELSEWHERE = /^(accept|authorization|content-type)$/i;

/** Headers that the engine or the transport sets: an input must not. */
const OWN_HEADERS =
  /^(accept-encoding|connection|content-length|cookie|expect|forwarded|host|keep-alive|origin|proxy-.*|referer|te|trace(parent|state)|trailer|transfer-encoding|upgrade|via|x-forwarded-.*|x-real-ip|x-request-id)$/i;

const ORDER: readonly Parameter['place'][] = ['path', 'query', 'header', 'cookie'];

/** Properties of every object, which zod would read in the place of an absent key. */
const INHERITED = Object.getOwnPropertyNames(Object.prototype);

/**
 * Names the parameters of a path as keys of one input: by their names, headers in camelCase. Those of the path come
 * first, in its order, and of two with the same name that of the path keeps it.
 *
 * @param declared - The parameters that the description has
 * @param taken - Keys that have another meaning
 * @param notes - Collects what is not sent
 * @returns The parameters that an input may set, also those that only the path names
 */
export function keyedParameters(
  path: string,
  declared: readonly Parameter[],
  taken: readonly string[],
  notes: Set<string>,
): (readonly [key: string, parameter: Parameter])[] {
  const sent = declared.filter((parameter) => isSent(path, parameter, notes));
  const positionOf = ({ name }: Parameter) => path.indexOf(`{${name}}`);
  const sorted = [...sent, ...undeclared(path, sent)]
    .toSorted((a, b) => positionOf(a) - positionOf(b))
    .toSorted((a, b) => ORDER.indexOf(a.place) - ORDER.indexOf(b.place));
  const unique = uniqueNames([...taken, ...INHERITED]);
  const used = new Set([...taken, ...INHERITED]);
  return sorted.map((parameter) => {
    const { name, place } = parameter;
    const isOwn = place === 'query' || (place === 'path' && /^\w+$/.test(name));
    const named = place === 'path' ? asciiName : camelCase;
    const wanted = isOwn ? name : named(name);
    const key = unique(used.has(wanted) ? named(`${place} ${name}`) : wanted);
    used.add(key);
    return [key, parameter];
  });
}

function isSent(path: string, { place, name }: Parameter, notes: Set<string>): boolean {
  if (place === 'path') return path.includes(`{${name}}`);
  if (place !== 'header') return true;
  const isOwn = OWN_HEADERS.test(name);
  if (isOwn) notes.add(`the header "${name}" is left out: an input may not set it`);
  return !isOwn && !DESCRIBED_ELSEWHERE.test(name);
}

/** Names in the path that no parameter declares are words. */
function undeclared(path: string, declared: readonly Parameter[]): Parameter[] {
  const names = [...path.matchAll(/\{([^{}]+)\}/g)].flatMap(([, name]) => name ?? []);
  const rest = names.filter((name) => !declared.some((one) => one.place === 'path' && one.name === name));
  const schema = { value: undefined, at: '' };
  const plain = { place: 'path', isRequired: true, style: 'simple', explode: false, isJson: false } as const;
  return [...new Set(rest)].map((name) => ({ ...plain, name, schema }));
}
