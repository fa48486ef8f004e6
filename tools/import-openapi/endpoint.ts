import type { ResponseShape } from './answer';
import { formField } from './form-field';
import type { InputField, RequestPlan } from './request/plan';
import { sendCode } from './request/send';
import type { Printer } from './schema/print';
import type { Shape } from './schema/shape';

/** An operation that can be expressed. */
export interface Endpoint {
  readonly summary: string | null;
  readonly isDeprecated: boolean;
  readonly access: 'public' | 'optional' | null;
  readonly request: RequestPlan;
  readonly answer: ResponseShape;
}

/** Lists the shapes that an endpoint's code names. */
export function shapesOf({ request: { parameters, body }, answer }: Endpoint): Shape[] {
  const inBody = body?.kind === 'fields' ? [body.body.shape, body.object] : body ? [body.field.shape] : [];
  return [...(answer.shape ? [answer.shape] : []), ...parameters.map(({ shape }) => shape), ...inBody];
}

/** Writes the call of `endpoint()`, the one function of the layer that this depends on. */
export function endpointCode(endpoint: Endpoint, printer: Printer): string {
  const { request, answer, access } = endpoint;
  const headers = headersOf(endpoint);
  const members = [
    inputCode(request, printer),
    `output: ${outputCode(answer, printer)}`,
    access && `access: '${access}'`,
    headers.length > 0 && `headers: { ${headers.join(', ')} }`,
    sendOf(request),
    answer.mayBeEnvelope && 'unwrap: (payload) => payload',
  ].filter((member) => typeof member === 'string');
  return `endpoint(${JSON.stringify(`${request.method} ${request.template}`)}, { ${members.join(', ')} })`;
}

function sendOf(request: RequestPlan): string | null {
  const code = sendCode(request);
  return code && `send: ${code}`;
}

function headersOf({ request: { body }, answer: { accept } }: Endpoint): string[] {
  const media = body && (body.body.kind === 'json' || body.body.kind === 'file') ? body.body.media : null;
  const isUsual = media === null || /^(application\/(json|octet-stream)|\*|application\/\*)/i.test(media);
  return [
    ...(accept ? [`accept: ${JSON.stringify(accept)}`] : []),
    ...(isUsual ? [] : [`'content-type': ${JSON.stringify(media)}`]),
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
