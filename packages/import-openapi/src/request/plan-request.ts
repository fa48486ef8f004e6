import type { Document } from '../description/document.js';
import type { Operation } from '../description/operations.js';
import { Unsupported } from '../description/unsupported.js';
import type { Shape } from '../schema/shape.js';
import type { Shapes } from '../schema/shapes.js';
import { bodyOf } from './body.js';
import { bodyField, hasFiles, keysOfBody } from './body-field.js';
import { keyedParameters } from './parameter-keys.js';
import { type Parameter, parametersOf } from './parameters.js';
import type { ParameterField, RequestPlan } from './plan.js';
import { headerShape, pathTransform, queryStyle } from './style.js';

/**
 * Decides what an endpoint takes.
 *
 * @param notes - Collects what is not sent or not checked
 * @throws {Unsupported} when the request cannot be made
 */
export function planRequest(
  document: Document,
  shapes: Shapes,
  operation: Operation,
  notes: Set<string>,
): RequestPlan {
  const body = bodyOf(document, shapes, operation, notes);
  const declared = parametersOf(document, operation);
  const keyed = keyedParameters(operation.path, declared, keysOfBody(body), notes);
  const parameters = keyed.flatMap(([key, parameter]) => fieldsOf(shapes, key, parameter, notes));
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

/** A parameter that cannot be sent and is not required is left out. */
function fieldsOf(shapes: Shapes, key: string, parameter: Parameter, notes: Set<string>): ParameterField[] {
  try {
    return [fieldOf(shapes, key, parameter, notes)];
  } catch (error) {
    if (!(error instanceof Unsupported)) throw error;
    const label = `${parameter.place} parameter "${parameter.name}"`;
    if (parameter.isRequired) throw new Unsupported(`its ${label}: ${error.message}`);
    notes.add(`the ${label} is left out: ${error.message}`);
    return [];
  }
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
