import { Unsupported } from '../description/unsupported.js';
import { fingerprint } from './fingerprint.js';
import { type Component, type Literal, nullable, type ObjectShape, type Shape } from './shape.js';

/**
 * Returns a shape as one object, with names, families and `allOf` resolved; null where it is none.
 *
 * @param throughFamily - Take an object that others extend for itself, as those do that extend it
 */
export function asObject(shape: Shape, { throughFamily }: { throughFamily: boolean }): ObjectShape | null {
  const found = resolved(shape, throughFamily, []);
  return found.kind === 'object' ? found : null;
}

/** Returns a shape without names of components and, where its parts can be written as one, without `allOf`. */
export const simplified = (shape: Shape): Shape => resolved(shape, false, []);

function resolved(shape: Shape, throughFamily: boolean, trail: readonly Component[]): Shape {
  switch (shape.kind) {
    case 'component':
      if (trail.includes(shape.component)) throw new Unsupported('an allOf leads back to itself');
      return resolved(shape.component.shape, throughFamily, [...trail, shape.component]);
    case 'family':
      return throughFamily ? resolved(shape.base, true, trail) : shape;
    case 'all':
      return merged(shape.parts, trail);
    default:
      return shape;
  }
}

/** Writes the parts of an `allOf` as one shape, or as one object and the other parts; null where all may be null. */
function merged(parts: readonly Shape[], trail: readonly Component[]): Shape {
  const read = parts
    .map((part) => {
      const whole = resolved(part, true, trail);
      const isNull = whole.kind === 'nullable';
      const shape = isNull ? resolved(whole.inner, true, trail) : whole;
      return { isNull, shape, part: isNull ? whole.inner : part };
    })
    .filter(({ shape }) => shape.kind !== 'unknown');
  const objects = read.flatMap(({ shape }) => (shape.kind === 'object' ? shape : []));
  const others = read.flatMap(({ shape, part }) => (shape.kind === 'object' ? [] : part));
  const [first, ...rest] = [...(objects.length > 0 ? [objects.reduce(mergedObjects)] : []), ...others];
  if (!first) return { kind: 'unknown' };
  const whole = rest.reduce(both, first);
  return read.every(({ isNull }) => isNull) ? nullable(whole) : whole;
}

function mergedObjects(a: ObjectShape, b: ObjectShape): ObjectShape {
  const fields = new Map(a.fields);
  for (const [name, shape] of b.fields) {
    const known = fields.get(name);
    fields.set(name, known ? both(known, shape) : shape);
  }
  const required = new Set([...a.required, ...b.required]);
  return { kind: 'object', fields, required, isLoose: a.isLoose || b.isLoose };
}

/** Returns the shape of values that have both shapes. */
export function both(a: Shape, b: Shape): Shape {
  if (a.kind === 'unknown') return b;
  if (b.kind === 'unknown' || fingerprint(a) === fingerprint(b)) return a;
  if (a.kind === 'nullable' && b.kind === 'nullable') return nullable(both(a.inner, b.inner));
  if (a.kind === 'nullable') return both(a.inner, b);
  if (b.kind === 'nullable') return both(a, b.inner);
  if (a.kind === 'object' && b.kind === 'object') return mergedObjects(a, b);
  if (a.kind === 'literals' && b.kind === 'literals')
    return listed(a.values.filter((value) => b.values.includes(value)));
  if (a.kind === 'literals' && b.kind === 'scalar') return narrowed(a, b);
  if (a.kind === 'scalar' && b.kind === 'literals') return narrowed(b, a);
  if (a.kind === 'scalar' && b.kind === 'scalar') {
    if (a.type !== b.type) return { kind: 'never' };
    if (a.code === `z.${a.type}()`) return b;
    if (b.code === `z.${b.type}()`) return a;
  }
  if (a.kind === 'all') return { kind: 'all', parts: [...a.parts, b] };
  return { kind: 'all', parts: [a, b] };
}

const listed = (values: readonly Literal[]): Shape =>
  values.length > 0 ? { kind: 'literals', values } : { kind: 'never' };

/** Returns the listed values that have a scalar's type; its further checks stay beside them. */
function narrowed(
  literals: Extract<Shape, { kind: 'literals' }>,
  scalar: Extract<Shape, { kind: 'scalar' }>,
): Shape {
  const isInteger = scalar.code === 'z.int()';
  const values = literals.values.filter(
    (value) => typeof value === scalar.type && (!isInteger || Number.isInteger(value)),
  );
  const isPlain = isInteger || scalar.code === `z.${scalar.type}()`;
  return isPlain || values.length === 0 ? listed(values) : { kind: 'all', parts: [listed(values), scalar] };
}
