import { camelCase, RESERVED_WORDS, uniqueNames } from '../description/names.js';
import type { BodyField, RequestPlan } from './plan.js';

/** The functions of `next-trpc-bff/imported` that a `send` calls. */
export const CALLABLE = ['deepObject', 'headerFields', 'multipart', 'separated', 'urlEncoded'] as const;

/**
 * Writes the `send` of an endpoint, the function that says where its input goes; null where the default is right.
 * It gets the input without the names in the path.
 */
export function sendCode(plan: RequestPlan): string | null {
  const { parameters, body, method } = plan;
  const beside = parameters.filter(({ place }) => place !== 'path');
  const isBodyRest = body?.kind === 'fields';
  const isPlain = ({ key, name, place, member }: (typeof beside)[number]) =>
    place === 'query' && key === name && member === null;
  const taken = isBodyRest ? beside : beside.filter((field) => !isPlain(field));
  const hasRest = isBodyRest || taken.length < beside.length;
  const defaultRest = method === 'GET' || method === 'HEAD' || method === 'DELETE' ? 'query' : 'body';

  const isDefault = isBodyRest
    ? defaultRest === 'body' && body.body.kind === 'json'
    : !body && (defaultRest === 'query' || parameters.length === 0);
  if (taken.length === 0 && isDefault) return null;

  const local = uniqueNames([...RESERVED_WORDS, ...CALLABLE, 'JSON', 'undefined']);
  const variables = new Map<string, string>();
  const variable = (key: string) => {
    const known = variables.get(key);
    if (known) return known;
    const name = local(/^[A-Za-z_$][\w$]*$/.test(key) ? key : camelCase(key));
    variables.set(key, name);
    return name;
  };
  for (const { key } of taken) variable(key);
  const inBody = body ? bodyCode(body, variable) : null;
  const rest = hasRest ? local(isBodyRest ? 'body' : 'query') : null;
  const query = taken
    .filter(({ place }) => place === 'query')
    .map(({ key, name, member }) => member?.(variable(key)) ?? pair(name, variable(key)));
  const headers = taken
    .filter(({ place }) => place === 'header')
    .map(({ key, name }) => pair(name.toLowerCase(), variable(key)));

  const queryRest = isBodyRest ? null : rest;
  const members = [
    query.length > 0 ? `query: ${objectOf(query, queryRest)}` : queryRest && pair('query', queryRest),
    inBody && pair('body', inBody(rest ?? '')),
    headers.length > 0 && `headers: headerFields({ ${headers.join(', ')} })`,
  ].filter((member) => typeof member === 'string');
  const names = [...variables].map(([key, name]) => pair(key, name));
  const argument =
    names.length === 0 ? (rest ?? '') : `{ ${[...names, ...(rest ? [`...${rest}`] : [])].join(', ')} }`;
  return `(${argument}) => ({ ${members.join(', ')} })`;
}

/** Names that an input chooses come first, so that they do not replace names of the description. */
function objectOf(members: readonly string[], rest: string | null): string {
  const isSpread = (member: string) => /^\.{3}[^(]+$/.test(member);
  const named = members.filter((member) => !isSpread(member));
  return `{ ${[...members.filter(isSpread), ...(rest ? [`...${rest}`] : []), ...named].join(', ')} }`;
}

function pair(key: string, code: string): string {
  if (key === code) return key;
  // A plain `__proto__` would set the object's prototype.
  return `${key === '__proto__' ? "['__proto__']" : JSON.stringify(key)}: ${code}`;
}

/** Returns what writes the body, given the code for the rest of the input. */
function bodyCode(field: BodyField, variable: (key: string) => string): (rest: string) => string {
  if (field.kind === 'whole') {
    const name = variable(field.field.key);
    if (field.body.kind !== 'text') return () => name;
    const blob = `new Blob([${name}], { type: ${JSON.stringify(field.body.media)} })`;
    return () => (field.field.isRequired ? blob : `${name} === undefined ? undefined : ${blob}`);
  }
  const special = [...field.members].map(([key, member]) => member(variable(key)));
  const form = (call: string) => (rest: string) =>
    `${call}(${special.length === 0 ? rest : objectOf(special, rest)})`;
  if (field.body.kind === 'form') return form('urlEncoded');
  return field.body.kind === 'multipart' ? form('multipart') : (rest) => rest;
}
