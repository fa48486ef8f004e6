import type { Component, Shape } from './shape.js';

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

/** Returns the shape behind names of components and without null; unknown where the names form a circle. */
export function bare(shape: Shape, trail: readonly Component[] = []): Shape {
  if (shape.kind === 'nullable') return bare(shape.inner, trail);
  if (shape.kind !== 'component') return shape;
  const { component } = shape;
  return trail.includes(component) ? { kind: 'unknown' } : bare(component.shape, [...trail, component]);
}

/** Returns all components that one names, directly or not. The first is itself, unless only a circle leads there. */
export function reachable(component: Component, { itself = true } = {}): Component[] {
  const found = new Set(itself ? [component] : componentsIn(component.shape));
  for (const one of found) for (const other of componentsIn(one.shape)) found.add(other);
  return [...found];
}
