import { isFile } from './request/body-field';
import { simplified } from './schema/merge';
import type { Printer } from './schema/print';
import type { Shape } from './schema/shape';

/** Writes the schema of a field of a FormData, whose values are files and texts. */
export function formField(printer: Printer, given: Shape, isRequired: boolean): string {
  const shape = simplified(given);
  if (shape.kind === 'nullable') return formField(printer, shape.inner, isRequired);
  const ending = isRequired ? '' : '.optional()';
  // A field that was left blank is absent: `Number('')` would be 0.
  if (shape.kind === 'scalar' && shape.type !== 'string')
    return `z.preprocess((text) => text || undefined, ${presentValue(printer, given)}${ending})${ending}`;
  return presentValue(printer, given) + ending;
}

function presentValue(printer: Printer, given: Shape): string {
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
