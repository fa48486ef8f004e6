import type { Document } from '../description/document.js';
import { objectIn, textIn } from '../description/json.js';
import { isJson } from '../description/media-type.js';
import type { Operation } from '../description/operations.js';
import type { Node } from '../description/references.js';
import { Unsupported } from '../description/unsupported.js';
import { simplified } from '../schema/merge.js';
import type { Shape } from '../schema/shape.js';
import type { Shapes } from '../schema/shapes.js';
import { bare } from '../schema/traversal.js';

/** The body that an operation takes. */
export interface Body {
  readonly kind: 'json' | 'form' | 'multipart' | 'file' | 'text';
  readonly shape: Shape;
  readonly isRequired: boolean;
  /** As the description writes it. */
  readonly media: string;
  /** Returns how a field of a form is written. */
  encodingOf(field: string): {
    readonly style: string | null;
    readonly explode: boolean;
    readonly isJson: boolean;
    /** Its media type is that of a file. */
    readonly isFile: boolean;
  };
}

const KINDS: readonly (readonly [pattern: RegExp, kind: Body['kind']])[] = [
  [/^application\/json\b/i, 'json'],
  [/^application\/[\w.-]+\+json\b/i, 'json'],
  [/^application\/x-www-form-urlencoded\b/i, 'form'],
  [/^multipart\/form-data\b/i, 'multipart'],
  [/^text\/(?!xml|event-stream)/i, 'text'],
];

/**
 * Reads the body that an operation takes; of several media types, the first one in the order of {@link KINDS}.
 *
 * @param notes - Collects what is not checked or not sent
 * @throws {Unsupported} when it cannot be sent
 */
export function bodyOf(
  document: Document,
  shapes: Shapes,
  operation: Operation,
  notes: Set<string>,
): Body | null {
  const node = document.target(document.child(operation.node, 'requestBody'));
  const content = objectIn(objectIn(node.value)['content']);
  const types = Object.keys(content);
  if (types.length === 0) return null;
  if (operation.method === 'GET' || operation.method === 'HEAD') {
    if (objectIn(node.value)['required'] === true) throw new Unsupported('it takes a body');
    notes.add('its body is left out');
    return null;
  }
  const { media, kind: found } = bestOf(types);
  const place = document.child(node, 'content', media);
  const text = document.child(place, 'schema');
  const schema = text.value === undefined ? { ...text, value: true } : text;
  const shape: Shape =
    found === 'file' ? { kind: 'file' } : shapes.shapeOf(schema, { direction: 'request', notes });
  // A large text is described as a file.
  const kind = found === 'text' && bare(shape).kind === 'file' ? 'file' : found;
  return {
    kind,
    media,
    isRequired: objectIn(node.value)['required'] === true,
    shape: kind === 'text' ? textual(shape, media) : kind === 'file' ? bare(shape) : shape,
    encodingOf: (field) => encodingAt(document.child(place, 'encoding', field)),
  };
}

/** A schema that says nothing is a text, too. */
function textual(shape: Shape, media: string): Shape {
  const whole = simplified(shape);
  if (whole.kind === 'unknown') return { kind: 'scalar', type: 'string', code: 'z.string()' };
  const isText =
    whole.kind === 'literals'
      ? whole.values.every((value) => typeof value === 'string')
      : whole.kind === 'scalar' && whole.type === 'string';
  if (!isText) throw new Unsupported(`it takes ${media} that its schema says to be no text`);
  return shape;
}

function bestOf(types: readonly string[]): { media: string; kind: Body['kind'] } {
  for (const [pattern, kind] of KINDS) {
    const media = types.find((type) => pattern.test(type.trim()));
    if (media !== undefined) return { media, kind };
  }
  const other = types.find((type) => !/xml|^multipart\//i.test(type));
  if (other === undefined) throw new Unsupported(`it takes ${types.join(', ')}`);
  return { media: other, kind: isJson(other) ? 'json' : 'file' };
}

function encodingAt({ value }: Node): ReturnType<Body['encodingOf']> {
  const stated = objectIn(value);
  const style = textIn(stated['style']);
  const media = textIn(stated['contentType']) ?? '';
  return {
    style,
    explode: typeof stated['explode'] === 'boolean' ? stated['explode'] : style === null || style === 'form',
    isJson: isJson(media),
    isFile: media !== '' && !/^text\/|json|xml|urlencoded|\*\/\*/i.test(media),
  };
}
