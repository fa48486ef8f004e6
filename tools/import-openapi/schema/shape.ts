/** Where a schema's values come from: a request is checked fully, an answer for its shape. */
export type Direction = 'request' | 'answer';

/** A value that a schema names. */
export type Literal = string | number | boolean | null;

/** A schema that others refer to. */
export interface Component {
  /** Where the description has it: the same for the same component. */
  readonly at: string;
  readonly direction: Direction;
  /** Built when first asked for; throws {@link Inexpressible}. */
  readonly shape: Shape;
  /** What of it is not checked. Complete once its shape is built. */
  readonly notes: ReadonlySet<string>;
}

/** An object with known fields. */
export interface ObjectShape {
  readonly kind: 'object';
  readonly fields: ReadonlyMap<string, Shape>;
  /** Names of the fields that must be there; may name fields that another part of an `allOf` describes. */
  readonly required: ReadonlySet<string>;
  /** Keeps fields that the schema does not name. */
  readonly isLoose: boolean;
}

/** A list whose first items have shapes of their own. */
export interface TupleShape {
  readonly kind: 'tuple';
  readonly items: readonly Shape[];
  /** How many of them must be there. */
  readonly least: number;
  /** The shape of what follows, null where nothing may. */
  readonly rest: Shape | null;
}

/** Which member of a union a value is, told by one of its fields. */
export interface Discriminator {
  readonly by: string;
  /** The values that stand for each option, in the options' order. */
  readonly values: readonly (readonly Literal[])[];
}

/** A schema as it was understood, the same for every dialect. */
export type Shape =
  | { readonly kind: 'unknown' | 'never' | 'file' }
  | { readonly kind: 'scalar'; readonly type: 'string' | 'number' | 'boolean'; readonly code: string }
  | { readonly kind: 'literals'; readonly values: readonly Literal[] }
  | { readonly kind: 'nullable'; readonly inner: Shape }
  | ObjectShape
  | { readonly kind: 'record'; readonly values: Shape }
  | { readonly kind: 'array'; readonly items: Shape; readonly checks: string }
  | TupleShape
  | {
      readonly kind: 'union';
      readonly options: readonly Shape[];
      readonly discriminator: Discriminator | null;
      /** A value may be several of the options at once (`anyOf`). */
      readonly mayBeSeveral: boolean;
    }
  | { readonly kind: 'all'; readonly parts: readonly Shape[] }
  /** An object of which others are special cases, told apart by one of its fields. */
  | { readonly kind: 'family'; readonly base: Shape; readonly members: Extract<Shape, { kind: 'union' }> }
  | { readonly kind: 'component'; readonly component: Component };

/** Returns whether an object keeps what its schema does not name: all of it, where only required names are given. */
export const isOpen = ({ isLoose, fields, required }: ObjectShape): boolean =>
  isLoose || (fields.size === 0 && required.size > 0);

/** Returns a shape that may be null. */
export const nullable = (shape: Shape): Shape =>
  shape.kind === 'nullable' || shape.kind === 'unknown' ? shape : { kind: 'nullable', inner: shape };

/** Returns the shapes directly within a shape. */
export function within(shape: Shape): readonly Shape[] {
  switch (shape.kind) {
    case 'nullable':
      return [shape.inner];
    case 'object':
      return [...shape.fields.values()];
    case 'record':
      return [shape.values];
    case 'array':
      return [shape.items];
    case 'tuple':
      return shape.rest ? [...shape.items, shape.rest] : shape.items;
    case 'union':
      return shape.options;
    case 'all':
      return shape.parts;
    case 'family':
      return [shape.base, shape.members];
    default:
      return [];
  }
}

/** Returns the components that a shape names, not those that these name. */
export const componentsIn = (shape: Shape): Component[] =>
  shape.kind === 'component' ? [shape.component] : within(shape).flatMap(componentsIn);

/** Returns the shape itself, where it is a component's name or may be null; unknown where that is only its own name. */
export function bare(shape: Shape, trail: readonly Component[] = []): Shape {
  if (shape.kind === 'nullable') return bare(shape.inner, trail);
  if (shape.kind !== 'component') return shape;
  const { component } = shape;
  return trail.includes(component) ? { kind: 'unknown' } : bare(component.shape, [...trail, component]);
}
