import { Unsupported } from '../description/unsupported.js';
import { asObject } from '../schema/merge.js';
import type { ObjectShape } from '../schema/shape.js';
import type { Body } from './body.js';
import { formFields, isFile } from './form-fields.js';
import type { BodyField, ParameterField } from './plan.js';

/** Returns the object whose fields are the body's, null where it is none. */
const bodyObject = (body: Body): ObjectShape | null =>
  body.kind === 'file' || body.kind === 'text' ? null : asObject(body.shape, { throughFamily: false });

/** The name that the engine's `fileStream` needs for a file that is the body. */
const FILE_KEY = 'file';

/** Returns the keys that belong to a body: the fields of a form, and a file, cannot be renamed. */
export function keysOfBody(body: Body | null): string[] {
  if (body?.kind === 'file') return [FILE_KEY];
  return body && isForm(body) ? [...(bodyObject(body)?.fields.keys() ?? [])] : [];
}

const isForm = ({ kind }: Body) => kind === 'form' || kind === 'multipart';

/**
 * Decides the place of a body in the input: its fields beside the parameters where that is possible.
 *
 * @throws {Unsupported} when the fields of a form are not known
 */
export function bodyField(body: Body, parameters: readonly ParameterField[]): BodyField {
  const names = parameters.map(({ key }) => key);
  const object = bodyObject(body);
  const isAlwaysSent = body.isRequired || isForm(body) || object?.required.size === 0;
  const isApart = object !== null && ![...object.fields.keys()].some((name) => names.includes(name));
  // Beside an index signature, the compiler loses the parameters.
  const isPlain = object !== null && (!object.isLoose || parameters.length === 0);
  if (isAlwaysSent && isApart && isPlain)
    return {
      kind: 'fields',
      body,
      ...(isForm(body) ? formFields(body, object) : { object, members: new Map() }),
    };
  if (isForm(body)) throw new Unsupported('its form is no list of known fields');
  const free = ['body', 'payload', 'content'].find((name) => !names.includes(name)) ?? 'requestBody';
  const key = body.kind === 'file' ? FILE_KEY : free;
  return {
    kind: 'whole',
    body,
    field: { key, shape: body.shape, isRequired: body.isRequired, transform: '' },
  };
}

/** Returns whether a body is a form that holds files. */
export const hasFiles = (field: BodyField): boolean =>
  field.kind === 'fields' &&
  field.body.kind === 'multipart' &&
  [...field.object.fields.values()].some((shape) => isFile(shape));
