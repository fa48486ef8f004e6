import type { Document } from '../description/document';
import type { Operation } from '../description/operations';
import { Unsupported } from '../inexpressible';
import type { Shapes } from '../schema/build';
import type { Shape } from '../schema/shape';
import { bodyOf } from './body';
import { bodyField, hasFiles, keysOfBody } from './body-field';
import { keyed } from './keys';
import { type Parameter, parametersOf } from './parameters';
import type { ParameterField, RequestPlan } from './plan';
import { headerShape, pathTransform, queryStyle } from './style';

/** Headers that OpenAPI says not to describe as parameters. */
const DESCRIBED_ELSEWHERE = /^(accept|authorization|content-type)$/i;

/** Headers that are the layer's or the transport's own: an input must not set them. */
const OWN_HEADERS =
  /^(accept-encoding|connection|content-length|cookie|expect|forwarded|host|keep-alive|origin|proxy-.*|referer|te|trace(parent|state)|trailer|transfer-encoding|upgrade|via|x-forwarded-.*|x-real-ip|x-request-id)$/i;

/**
 * Decides what an endpoint takes.
 *
 * @param notes - Is told what is left out or not checked
 * @throws {Unsupported} when the request cannot be made
 */
export function planRequest(
  document: Document,
  shapes: Shapes,
  operation: Operation,
  notes: Set<string>,
): RequestPlan {
  const body = bodyOf(document, shapes, operation, notes);
  const declared = parametersOf(document, operation).filter((parameter) =>
    isOurs(operation, parameter, notes),
  );
  const all = [...declared, ...undeclared(operation.path, declared)].toSorted(
    (a, b) => operation.path.indexOf(`{${a.name}}`) - operation.path.indexOf(`{${b.name}}`),
  );
  const parameters = keyed(all, keysOfBody(body)).flatMap(([key, parameter]): ParameterField[] => {
    try {
      return [fieldOf(shapes, key, parameter, notes)];
    } catch (error) {
      if (!(error instanceof Unsupported)) throw error;
      const what = `${parameter.place} parameter "${parameter.name}"`;
      if (parameter.isRequired) throw new Unsupported(`its ${what}: ${error.message}`);
      notes.add(`the ${what} is left out: ${error.message}`);
      return [];
    }
  });
  const planned = body && bodyField(body, parameters);
  const template = templateOf(operation.path, parameters);
  return {
    method: operation.method,
    template,
    parameters,
    body: planned,
    isForm: planned !== null && hasFiles(planned),
  };
}

function isOurs({ path }: Operation, { place, name }: Parameter, notes: Set<string>): boolean {
  if (place === 'path') return path.includes(`{${name}}`);
  if (place !== 'header') return true;
  const isOwn = OWN_HEADERS.test(name);
  if (isOwn) notes.add(`the header "${name}" is left out: an input may not set it`);
  return !isOwn && !DESCRIBED_ELSEWHERE.test(name);
}

/** Names in the path that no parameter declares are words. */
function undeclared(path: string, known: readonly Parameter[]): Parameter[] {
  const names = [...path.matchAll(/\{([^{}]+)\}/g)].flatMap(([, name]) => name ?? []);
  const rest = names.filter((name) => !known.some((other) => other.place === 'path' && other.name === name));
  const schema = { value: undefined, at: '' };
  const plain = { place: 'path', isRequired: true, style: 'simple', explode: false, isJson: false } as const;
  return [...new Set(rest)].map((name) => ({ ...plain, name, schema }));
}

function templateOf(path: string, parameters: readonly ParameterField[]): string {
  const keyOf = (name: string) =>
    parameters.find((parameter) => parameter.place === 'path' && parameter.name === name)?.key;
  // A fragment is never sent: some descriptions tell operations on one path apart by it.
  const template = path.replace(/#.*$/, '').replace(/\{([^{}]+)\}/g, (braces, name: string) => {
    const key = keyOf(name);
    return key ? `{${key}}` : braces;
  });
  if (!/^\/(?!\/)[^?\s\\]*$/.test(template)) throw new Unsupported('its path is more than a path');
  if (/[{}]/.test(template.replace(/\{\w+\}/g, '')))
    throw new Unsupported('its path has braces that are no names');
  return template;
}

function fieldOf(shapes: Shapes, key: string, parameter: Parameter, notes: Set<string>): ParameterField {
  const { place, name, isRequired, schema } = parameter;
  const given: Shape =
    schema.value === undefined
      ? { kind: 'unknown' }
      : shapes.shapeOf(schema, { direction: 'request', notes });
  const plain = { key, name, shape: given, isRequired, transform: '', member: null };
  switch (place) {
    case 'path':
      return { ...plain, place, ...pathTransform(parameter, given) };
    case 'query':
      return { ...plain, place, ...queryStyle(parameter, given) };
    case 'header':
      return { ...plain, place, shape: headerShape(parameter, given) };
    case 'cookie':
      throw new Unsupported('cookies are never sent');
  }
}
