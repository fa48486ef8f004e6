import { simplified } from '../schema/merge.js';
import { type Component, nullable, type Shape } from '../schema/shape.js';

/** The form of a value in a URL: one word, a list of words, an object of these, or deeper than that. */
export type UrlKind = 'word' | 'list' | 'object' | 'deep';

const WORD: Shape = {
  kind: 'union',
  discriminator: null,
  mayBeSeveral: false,
  options: (['string', 'number', 'boolean'] as const).map((type) => ({
    kind: 'scalar',
    type,
    code: `z.${type}()`,
  })),
};

const TEXT: Shape = { kind: 'scalar', type: 'string', code: 'z.string()' };

/** Returns a shape for a URL, in which an unknown value is a word and a file is a text. */
export function worded(shape: Shape): Shape {
  switch (shape.kind) {
    case 'unknown':
      return WORD;
    case 'file':
      return TEXT;
    case 'nullable':
      return nullable(worded(shape.inner));
    case 'array':
      return { ...shape, items: worded(shape.items) };
    case 'record':
      return { ...shape, values: worded(shape.values) };
    case 'component':
      return shape.component.shape.kind === 'unknown' ? WORD : shape;
    default:
      return shape;
  }
}

/** Returns the form of a shape's values in a URL. */
export const urlKind = (shape: Shape): UrlKind => kindOf(shape, []);

function kindOf(given: Shape, trail: readonly Component[]): UrlKind {
  if (given.kind === 'component') {
    if (trail.includes(given.component)) return 'deep';
    return kindOf(given.component.shape, [...trail, given.component]);
  }
  const shape = simplified(given);
  const inner = (one: Shape) => kindOf(one, trail);
  const isFlat = (shapes: readonly Shape[]) => shapes.every((one) => ['word', 'list'].includes(inner(one)));
  switch (shape.kind) {
    case 'scalar':
    case 'literals':
      return 'word';
    case 'nullable':
      return inner(shape.inner);
    case 'array':
      return inner(shape.items) === 'word' ? 'list' : 'deep';
    case 'record':
      return isFlat([shape.values]) ? 'object' : 'deep';
    case 'object':
      return !shape.isLoose && isFlat([...shape.fields.values()]) ? 'object' : 'deep';
    case 'union': {
      const kinds = new Set(shape.options.map(inner));
      if (kinds.has('deep') || kinds.has('object')) return 'deep';
      return kinds.has('list') ? 'list' : 'word';
    }
    case 'all':
      return shape.parts.some((part) => inner(part) === 'word') ? 'word' : 'deep';
    default:
      return 'deep';
  }
}
