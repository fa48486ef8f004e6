import { Unsupported } from '../description/unsupported.js';
import { simplified } from '../schema/merge.js';
import type { Component, ObjectShape, Shape } from '../schema/shape.js';
import { bare } from '../schema/traversal.js';
import type { Body } from './body.js';
import type { Member } from './plan.js';
import { queryStyle } from './style.js';

/**
 * Decides how the fields of a form are written: like query parameters, and objects as JSON, unless their encoding says
 * otherwise. The parts of a multipart form are written by `multipart()`, unless their encoding names a style.
 *
 * @param object - The object whose fields they are
 * @returns The object with the shapes that the input has, and what writes those fields that are not sent as they are
 * @throws {Unsupported} when the style of a field does not fit its value
 */
export function formFields(
  body: Body,
  object: ObjectShape,
): { readonly object: ObjectShape; readonly members: ReadonlyMap<string, Member> } {
  const members = new Map<string, Member>();
  const shapes = new Map<string, Shape>();
  for (const [name, given] of object.fields) {
    const { style, explode, isJson, ...encoding } = body.encodingOf(name);
    if (body.kind === 'multipart' && style === null) {
      shapes.set(name, encoding.isFile ? asFile(given) : given);
      continue;
    }
    const isDeep = style === null && (isJson || !isWordOrList(given));
    const styled = fieldStyle({ name, style: style ?? 'form', explode, isJson: isDeep }, given);
    shapes.set(name, styled.shape);
    if (styled.member) members.set(name, styled.member);
  }
  return { object: { ...object, fields: shapes }, members };
}

/** A field without a schema whose media type is that of a file is one. */
function asFile(shape: Shape): Shape {
  if (shape.kind === 'array') return { ...shape, items: asFile(shape.items) };
  return bare(shape).kind === 'unknown' ? { kind: 'file' } : shape;
}

function fieldStyle(...[style, shape]: Parameters<typeof queryStyle>): ReturnType<typeof queryStyle> {
  try {
    return queryStyle(style, shape);
  } catch (error) {
    if (!(error instanceof Unsupported)) throw error;
    throw new Unsupported(`its field "${style.name}": ${error.message}`);
  }
}

function isWordOrList(given: Shape, trail: readonly Component[] = []): boolean {
  if (given.kind === 'component')
    return (
      !trail.includes(given.component) && isWordOrList(given.component.shape, [...trail, given.component])
    );
  const shape = simplified(given);
  const isInside = (inner: Shape) => isWordOrList(inner, trail);
  switch (shape.kind) {
    case 'unknown':
    case 'scalar':
    case 'literals':
      return true;
    case 'nullable':
      return isInside(shape.inner);
    case 'array':
      return isInside(shape.items);
    case 'union':
      return shape.options.every(isInside);
    default:
      return false;
  }
}

/** Returns whether a shape is a file, or a list of files. */
export function isFile(given: Shape, trail: readonly Component[] = []): boolean {
  if (given.kind === 'component')
    return !trail.includes(given.component) && isFile(given.component.shape, [...trail, given.component]);
  const shape = simplified(given);
  if (shape.kind === 'nullable') return isFile(shape.inner, trail);
  return shape.kind === 'file' || (shape.kind === 'array' && isFile(shape.items, trail));
}
