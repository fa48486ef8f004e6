import { type JsonObject, numberIn, textIn } from '../description/json';
import { cheapPattern } from './pattern';
import type { Direction, Shape } from './shape';

const FORMATS: Readonly<Record<string, string>> = {
  date: 'z.iso.date()',
  'date-time': 'z.iso.datetime({ offset: true })',
  email: 'z.email()',
  ipv4: 'z.ipv4()',
  ipv6: 'z.ipv6()',
  uri: 'z.url()',
  uuid: 'z.guid()',
};

/** Returns the shape of a text. Of an answer's, nothing more is checked than that it is one. */
export function text(schema: JsonObject, direction: Direction): Shape {
  if (isBinary(schema)) return { kind: 'file' };
  const code = direction === 'answer' ? 'z.string()' : checkedText(schema);
  return { kind: 'scalar', type: 'string', code };
}

/** OpenAPI 3.0 has the format `binary`; 3.1 a media type, and no encoding that would make a text of it. */
function isBinary({ format, contentMediaType, contentEncoding }: JsonObject): boolean {
  if (format === 'binary') return true;
  const media = textIn(contentMediaType);
  return media !== null && textIn(contentEncoding) === null && !/^text\/|json/.test(media);
}

function checkedText(schema: JsonObject): string {
  const least = numberIn(schema['minLength']) ?? 0;
  const most = numberIn(schema['maxLength']);
  const pattern = cheapPattern(textIn(schema['pattern']) ?? '');
  return [
    FORMATS[textIn(schema['format']) ?? ''] ?? 'z.string()',
    least > 0 && `.min(${least})`,
    most !== null && most >= 0 && `.max(${most})`,
    pattern && `.regex(${pattern})`,
  ]
    .filter((part) => part !== false && part !== null)
    .join('');
}

/** Returns the shape of a number. Of an answer's, nothing more is checked than that it is one. */
export function number(schema: JsonObject, isInteger: boolean, direction: Direction): Shape {
  const code = direction === 'answer' ? 'z.number()' : checkedNumber(schema, isInteger);
  return { kind: 'scalar', type: 'number', code };
}

function checkedNumber(schema: JsonObject, isInteger: boolean): string {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  // OpenAPI 3.0 has `exclusiveMinimum: true` beside a minimum, 3.1 the bound itself.
  const checks = [
    [exclusiveMinimum === true ? 'gt' : 'min', minimum],
    [exclusiveMaximum === true ? 'lt' : 'max', maximum],
    ['gt', exclusiveMinimum],
    ['lt', exclusiveMaximum],
    ['multipleOf', multipleOf === 0 ? null : multipleOf],
  ] as const;
  const text = checks.flatMap(([name, bound]) => {
    const value = numberIn(bound);
    return value === null ? [] : [`.${name}(${value})`];
  });
  return (isInteger ? 'z.int()' : 'z.number()') + text.join('');
}

/** Returns the checks of a list's length. */
export function lengthChecks(schema: JsonObject, direction: Direction): string {
  if (direction === 'answer') return '';
  const least = numberIn(schema['minItems']) ?? 0;
  const most = numberIn(schema['maxItems']);
  return (least > 0 ? `.min(${least})` : '') + (most !== null && most >= 0 ? `.max(${most})` : '');
}
