import { simplified } from './merge';
import { type Component, type Shape, within } from './shape';

/** Components within components, as deep as their fields are counted. */
const MOST_DEPTH = 6;

const sizes = new WeakMap<Component, Map<number, number>>();

/** Counts the fields that a shape names, within each other too. */
export function sizeOf(given: Shape, depth = MOST_DEPTH): number {
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
