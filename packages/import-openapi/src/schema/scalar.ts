import { type JsonObject, numberIn, textIn } from '../description/json.js';
import type { Direction, Shape } from './shape.js';

const FORMATS: Readonly<Record<string, string>> = {
  date: 'z.iso.date()',
  'date-time': 'z.iso.datetime({ offset: true })',
  email: 'z.email()',
  ipv4: 'z.ipv4()',
  ipv6: 'z.ipv6()',
  uri: 'z.url()',
  uuid: 'z.guid()',
};

/** Returns the shape of a text. In a response only the type is checked. */
export function text(schema: JsonObject, direction: Direction): Shape {
  if (isBinary(schema)) return { kind: 'file' };
  const code = direction === 'response' ? 'z.string()' : checkedText(schema);
  return { kind: 'scalar', type: 'string', code };
}

/** OpenAPI 3.0 has the format `binary`; 3.1 a media type without an encoding, which would make a text of it. */
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

/** Returns the shape of a number. In a response only the type is checked. */
export function number(schema: JsonObject, isInteger: boolean, direction: Direction): Shape {
  const code = direction === 'response' ? 'z.number()' : checkedNumber(schema, isInteger);
  return { kind: 'scalar', type: 'number', code };
}

function checkedNumber(schema: JsonObject, isInteger: boolean): string {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  // OpenAPI 3.0 has `exclusiveMinimum: true` beside `minimum`, 3.1 has the bound itself.
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

/** How many steps a match may take in the worst case. */
const MOST_STEPS = 10_000_000;
/** How many characters the text of a request has at most. */
const LONGEST_TEXT = 1_000_000;

/**
 * Returns a pattern as the source code of a regular expression, or null where the API had better check it.
 * It will run on whatever users send: so it must be anchored, without groups and alternatives, and its repetitions
 * must not multiply to more than {@link MOST_STEPS}.
 */
export function cheapPattern(pattern: string): string | null {
  const bare = pattern.replace(/\\./g, 'x').replace(/\[[^\]]*\]/g, 'x');
  if (!bare.startsWith('^') || /[(|]/.test(bare)) return null;
  const repetitions = [...bare.matchAll(/[*+?]|\{(\d+)(,?)(\d*)\}/g)];
  const steps = repetitions.reduce((product, [sign, least, comma, most]) => {
    if (sign === '?') return product * 2;
    if (sign.startsWith('{') && (!comma || most))
      return product * (1 + Number(most || least) - Number(least));
    return product * LONGEST_TEXT;
  }, 1);
  return steps <= MOST_STEPS ? sourceOf(pattern) : null;
}

function sourceOf(pattern: string): string | null {
  for (const flags of ['u', '']) {
    try {
      return `/${new RegExp(pattern, flags).source}/${flags}`;
    } catch {
      // Some patterns are not JavaScript's, and some are only without the flag.
    }
  }
  return null;
}
