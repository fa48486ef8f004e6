/** Which way a schema's values go: a request is checked fully, a response for its shape. */
export type Direction = 'request' | 'response';

/** What a schema is read for. */
export interface Reading {
  readonly direction: Direction;
  /** Collects what is not checked. */
  readonly notes: Set<string>;
}

/** A value that a schema lists. */
export type Literal = string | number | boolean | null;

/** A schema that others refer to. */
export interface Component {
  /** Its place in the description: the same for the same component. */
  readonly at: string;
  readonly direction: Direction;
  /** Built when first asked for; throws `Unsupported`. */
  readonly shape: Shape;
  /** What of it is not checked. Complete once its shape is built. */
  readonly notes: ReadonlySet<string>;
}

/** An object with known fields. */
export interface ObjectShape {
  readonly kind: 'object';
  readonly fields: ReadonlyMap<string, Shape>;
  /** Names of the required fields; another part of an `allOf` may describe them. */
  readonly required: ReadonlySet<string>;
  /** Keeps fields that the schema does not name. */
  readonly isLoose: boolean;
}

/** A list whose first items each have a shape. */
export interface TupleShape {
  readonly kind: 'tuple';
  readonly items: readonly Shape[];
  /** How many of them are required. */
  readonly least: number;
  /** The shape of what follows, null where nothing may. */
  readonly rest: Shape | null;
}

/** A field whose value says which option of a union a value is. */
export interface Discriminator {
  readonly by: string;
  /** The values that stand for each option, in the options' order. */
  readonly values: readonly (readonly Literal[])[];
}

/** What a schema says, the same for every version of OpenAPI. */
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
  /** An object that others extend; a field says which of them a value is. */
  | { readonly kind: 'family'; readonly base: Shape; readonly members: Extract<Shape, { kind: 'union' }> }
  | { readonly kind: 'component'; readonly component: Component };

/** Returns whether an object keeps fields that its schema does not name, as one does that only lists required names. */
export const isOpen = ({ isLoose, fields, required }: ObjectShape): boolean =>
  isLoose || (fields.size === 0 && required.size > 0);

/** Returns a shape that may be null. */
export const nullable = (shape: Shape): Shape =>
  shape.kind === 'nullable' || shape.kind === 'unknown' ? shape : { kind: 'nullable', inner: shape };
