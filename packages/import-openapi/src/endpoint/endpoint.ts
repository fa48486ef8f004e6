import { isFile } from '../request/form-fields.js';
import type { InputField, RequestPlan } from '../request/plan.js';
import { sendCode } from '../request/send.js';
import { simplified } from '../schema/merge.js';
import type { Shape } from '../schema/shape.js';
import type { Printer } from '../zod/printer.js';
import type { ResponseShape } from './response.js';

/** An operation that can be an endpoint. */
export interface Endpoint {
  readonly summary: string | null;
  readonly isDeprecated: boolean;
  readonly access: 'public' | 'optional' | null;
  readonly request: RequestPlan;
  readonly response: ResponseShape;
}

/** Lists the shapes that an endpoint's code names. */
export function shapesOf({ request: { parameters, body }, response }: Endpoint): Shape[] {
  const inBody = body?.kind === 'fields' ? [body.body.shape, body.object] : body ? [body.field.shape] : [];
  return [...(response.shape ? [response.shape] : []), ...parameters.map(({ shape }) => shape), ...inBody];
}

/** Writes the call of `endpoint()`. */
export function endpointCode(endpoint: Endpoint, printer: Printer): string {
  const { request, response, access } = endpoint;
  const headers = headersOf(endpoint);
  const members = [
    inputCode(request, printer),
    `output: ${outputCode(response, printer)}`,
    access && `access: '${access}'`,
    headers.length > 0 && `headers: { ${headers.join(', ')} }`,
    sendOf(request),
    response.mayBeEnvelope && 'unwrap: (payload) => payload',
  ].filter((member) => typeof member === 'string');
  return `endpoint(${JSON.stringify(`${request.method} ${request.template}`)}, { ${members.join(', ')} })`;
}

function sendOf(request: RequestPlan): string | null {
  const code = sendCode(request);
  return code && `send: ${code}`;
}

function headersOf({ request: { body }, response: { accept } }: Endpoint): string[] {
  const media = body && (body.body.kind === 'json' || body.body.kind === 'file') ? body.body.media : null;
  const isDefault = media === null || /^(application\/(json|octet-stream)|\*|application\/\*)/i.test(media);
  return [
    ...(accept ? [`accept: ${JSON.stringify(accept)}`] : []),
    ...(isDefault ? [] : [`'content-type': ${JSON.stringify(media)}`]),
  ];
}

function inputCode({ parameters, body, isForm }: RequestPlan, printer: Printer): string | null {
  const write = (shape: Shape, isRequired: boolean) => {
    if (isForm) return formField(printer, shape, isRequired);
    return printer.schema(shape) + (isRequired ? '' : '.optional()');
  };
  const fields: InputField[] = [...parameters, ...(body?.kind === 'whole' ? [body.field] : [])];
  const keys = fields.map(({ key, shape, isRequired, transform }) => {
    const code =
      shape.kind === 'file' ? `fileStream()${isRequired ? '' : '.optional()'}` : write(shape, isRequired);
    return `${JSON.stringify(key)}: ${code}${transform}`;
  });
  if (body?.kind === 'fields') {
    const extended = isForm || body.body.kind === 'form' ? null : printer.extensible(body.body.shape);
    if (extended)
      return `input: ${keys.length > 0 ? `${extended}.extend({ ${keys.join(', ')} })` : extended}`;
    for (const [name, shape] of body.object.fields) {
      keys.push(`${JSON.stringify(name)}: ${write(shape, body.object.required.has(name))}`);
    }
  }
  if (keys.length === 0) return null;
  const object = `${body?.kind === 'fields' && body.object.isLoose ? 'z.looseObject' : 'z.object'}({ ${keys.join(', ')} })`;
  return `input: ${isForm ? `formInput(${object})` : object}`;
}

function outputCode({ shape, mayBeEmpty }: ResponseShape, printer: Printer): string {
  if (!shape) return 'z.void()';
  return printer.schema(shape) + (mayBeEmpty ? '.optional()' : '');
}

/** Writes the schema of a field of a FormData, whose values are files and texts. */
function formField(printer: Printer, given: Shape, isRequired: boolean): string {
  const shape = simplified(given);
  if (shape.kind === 'nullable') return formField(printer, shape.inner, isRequired);
  const ending = isRequired ? '' : '.optional()';
  // A blank field is absent: `Number('')` would be 0.
  if (shape.kind === 'scalar' && shape.type !== 'string')
    return `z.preprocess((text) => text || undefined, ${requiredField(printer, given)}${ending})${ending}`;
  return requiredField(printer, given) + ending;
}

function requiredField(printer: Printer, given: Shape): string {
  const shape = simplified(given);
  const code = printer.schema(given);
  switch (shape.kind) {
    case 'file':
      return 'z.file()';
    case 'array':
      return isFile(shape) || simplified(shape.items).kind === 'scalar'
        ? `z.array(${formField(printer, shape.items, true)})${shape.checks}`
        : `jsonText(${code})`;
    case 'scalar':
      if (shape.type === 'boolean') return 'z.stringbool()';
      return shape.type === 'number' ? `z.coerce.number().pipe(${code})` : code;
    case 'literals':
      return shape.values.every((value) => typeof value === 'string') ? code : `jsonText(${code})`;
    default:
      return `jsonText(${code})`;
  }
}
