import { asObject, simplified } from '../schema/merge.js';
import type { Component, Literal, ObjectShape, Shape } from '../schema/shape.js';
import { bare, within } from '../schema/traversal.js';
import { retainFields } from './retain-fields.js';

/** How a union is written. */
export type Choice =
  | { readonly kind: 'one'; readonly shape: Shape }
  | { readonly kind: 'discriminated'; readonly by: string; readonly options: readonly Told[] }
  | { readonly kind: 'tried'; readonly options: readonly Tried[] };

/** An option that the value of a field identifies. */
export interface Told {
  readonly object: ObjectShape;
  /** The component that is exactly this object, if any. */
  readonly component: Component | null;
}

/** An option that is tried in turn. */
export interface Tried {
  /** Its shape, with the fields of later options. */
  readonly shape: Shape;
  /** The component to which only fields of later options are added, if any. */
  readonly extended: Component | null;
}

type Union = Extract<Shape, { kind: 'union' }>;

/**
 * Decides how a union is written. Zod takes the first option that fits and drops the fields that it does not name,
 * so larger objects come first, and an option that accepts another's values retains their fields.
 *
 * @param isFamily - The options extend each other: each stands for itself only
 */
export function choiceOf(union: Union, { isFamily = false } = {}): Choice {
  const options = union.options.flatMap(flattened);
  if (options.some((option) => simplified(option).kind === 'unknown'))
    return { kind: 'one', shape: { kind: 'unknown' } };
  const values = options.map((option) => (option.kind === 'literals' ? option.values : null));
  if (values.every((list) => list !== null))
    return { kind: 'one', shape: { kind: 'literals', values: [...new Set(values.flat())] } };
  const [single] = options;
  if (single && options.length === 1) return { kind: 'one', shape: single };
  return discriminated(union, isFamily) ?? tried(options, mayBeSeveral(union));
}

const mayBeSeveral = (shape: Shape): boolean =>
  shape.kind === 'union' && (shape.mayBeSeveral || shape.options.some(mayBeSeveral));

const flattened = (shape: Shape): readonly Shape[] =>
  shape.kind === 'union' && !shape.discriminator ? shape.options.flatMap(flattened) : [shape];

function discriminated(union: Union, isFamily: boolean): Choice | null {
  const { options, discriminator } = union;
  const objects = options.map((option) => asObject(option, { throughFamily: isFamily }));
  if (!objects.every((object) => object !== null)) return null;
  const names = discriminator ? [discriminator.by] : [...(objects[0]?.required ?? [])];
  for (const by of names) {
    const values = objects.map((object, n) => {
      const own = ownValues(object, by);
      const said = discriminator?.values[n]?.filter((value) => !own || own.includes(value)) ?? [];
      return said.length > 0 ? said : (own ?? []);
    });
    const all = values.flat();
    if (values.some((list) => list.length === 0) || new Set(all).size < all.length) continue;
    // The specification wants a discriminator to be required; some are not.
    if (objects.some(({ required }) => !required.has(by)))
      return tried(
        options.map((option, n) => {
          const object = objects[n];
          const isTold = object && ownValues(object, by)?.length !== values[n]?.length;
          return isTold ? withLiterals(object, by, values[n] ?? []) : option;
        }),
        mayBeSeveral(union),
      );
    return {
      kind: 'discriminated',
      by,
      options: objects.map((object, n) => told(object, options[n], by, values[n] ?? [])),
    };
  }
  return null;
}

/** The values that an object's own schema lists for a field, if it does. */
function ownValues(object: ObjectShape, by: string): readonly Literal[] | null {
  const field = object.fields.get(by);
  const shape = field && (object.required.has(by) || field.kind === 'literals') ? bare(field) : null;
  return shape?.kind === 'literals' ? shape.values : null;
}

function told(object: ObjectShape, option: Shape | undefined, by: string, values: readonly Literal[]): Told {
  const field = object.fields.get(by);
  const isExact =
    object.required.has(by) && field?.kind === 'literals' && field.values.length === values.length;
  if (isExact && option?.kind === 'component' && option.component.shape.kind === 'object')
    return { object, component: option.component };
  return { object: withLiterals(object, by, values), component: null };
}

const withLiterals = (object: ObjectShape, by: string, values: readonly Literal[]): ObjectShape => ({
  ...object,
  fields: new Map(object.fields).set(by, { kind: 'literals', values }),
});

function tried(options: readonly Shape[], severally: boolean): Choice {
  const sorted = options.toSorted((a, b) => sizeOf(b) - sizeOf(a));
  return {
    kind: 'tried',
    options: sorted.map((option, n) => {
      const later = sorted.slice(n + 1);
      return triedAs(
        option,
        later.reduce((one, other) => retainFields(one, other, severally), option),
      );
    }),
  };
}

function triedAs(option: Shape, shape: Shape): Tried {
  const component = option.kind === 'component' ? option.component : null;
  const known = component?.shape.kind === 'object' ? [...component.shape.fields] : null;
  const isExtended = shape !== option && shape.kind === 'object';
  const isSame = isExtended && known?.every(([name, field]) => shape.fields.get(name) === field);
  return { shape, extended: isSame ? component : null };
}

/** How many components within each other are counted. */
const MOST_DEPTH = 6;

const sizes = new WeakMap<Component, Map<number, number>>();

/** Counts the fields that a shape names, at every depth. */
function sizeOf(given: Shape, depth = MOST_DEPTH): number {
  const shape = given.kind === 'component' ? given : simplified(given);
  if (shape.kind === 'component') return depth === 0 ? 0 : componentSize(shape.component, depth - 1);
  const own = shape.kind === 'object' ? shape.fields.size : 0;
  return own + within(shape).reduce((sum, inner) => sum + sizeOf(inner, depth), 0);
}

function componentSize(component: Component, depth: number): number {
  const known = sizes.get(component) ?? new Map<number, number>();
  sizes.set(component, known);
  const size = known.get(depth) ?? sizeOf(component.shape, depth);
  known.set(depth, size);
  return size;
}
