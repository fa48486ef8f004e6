import { Unsupported } from '../inexpressible';
import { asObject, simplified } from '../schema/merge';
import { bare, type Component, type ObjectShape, type Shape } from '../schema/shape';
import type { Body } from './body';
import type { BodyField, Member, ParameterField } from './plan';
import { queryStyle } from './style';

/** Returns the object whose fields are the body's, if it is one. */
export const bodyObject = (body: Body): ObjectShape | null =>
  body.kind === 'file' || body.kind === 'text' ? null : asObject(body.shape, { throughFamily: false });

/** What `server/upload.ts` calls the file that is a body. */
const FILE_KEY = 'file';

/** Returns the keys that a body needs for itself: the fields of a form, and a file, cannot have other names. */
export function keysOfBody(body: Body | null): string[] {
  if (body?.kind === 'file') return [FILE_KEY];
  return body && isForm(body) ? [...(bodyObject(body)?.fields.keys() ?? [])] : [];
}

const isForm = ({ kind }: Body) => kind === 'form' || kind === 'multipart';

/**
 * Decides where a body is in the input: its fields beside the parameters where that is possible.
 *
 * @throws {Unsupported} when a form is not a list of fields
 */
export function bodyField(body: Body, parameters: readonly ParameterField[]): BodyField {
  const names = parameters.map(({ key }) => key);
  const object = bodyObject(body);
  const isAlwaysSent = body.isRequired || isForm(body) || object?.required.size === 0;
  const isApart = object !== null && ![...object.fields.keys()].some((name) => names.includes(name));
  // Beside an index signature, the compiler loses the parameters.
  const isPlain = object !== null && (!object.isLoose || parameters.length === 0);
  if (isAlwaysSent && isApart && isPlain)
    return isForm(body) ? formFields(body, object) : fields(body, object);
  if (isForm(body)) throw new Unsupported('its form is no list of known fields');
  const free = ['body', 'payload', 'content'].find((name) => !names.includes(name)) ?? 'requestBody';
  const key = body.kind === 'file' ? FILE_KEY : free;
  return {
    kind: 'whole',
    body,
    field: { key, shape: body.shape, isRequired: body.isRequired, transform: '' },
  };
}

const fields = (body: Body, object: ObjectShape): BodyField => ({
  kind: 'fields',
  body,
  object,
  members: new Map(),
});

/**
 * A field of a form is written as a query parameter is; an object is JSON, unless its encoding says otherwise. The
 * parts of a multipart form are written by `multipart()`, unless their encoding names a style.
 */
function formFields(body: Body, object: ObjectShape): BodyField {
  const members = new Map<string, Member>();
  const worded = new Map<string, Shape>();
  for (const [name, given] of object.fields) {
    const { style, explode, isJson, ...encoding } = body.encodingOf(name);
    if (body.kind === 'multipart' && style === null) {
      worded.set(name, encoding.isFile ? asFile(given) : given);
      continue;
    }
    const isDeep = style === null && (isJson || !isWordOrList(given));
    const text = fieldStyle({ name, style: style ?? 'form', explode, isJson: isDeep }, given);
    worded.set(name, text.shape);
    if (text.member) members.set(name, text.member);
  }
  return { kind: 'fields', body, object: { ...object, fields: worded }, members };
}

/** A field that only its media type describes is a file. */
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

/** Returns whether a body is a form that holds files. */
export const hasFiles = (field: BodyField): boolean =>
  field.kind === 'fields' &&
  field.body.kind === 'multipart' &&
  [...field.object.fields.values()].some((shape) => isFile(shape));
