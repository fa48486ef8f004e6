import { type Component, componentsIn, type Shape } from './shape';

/** Returns a text that is the same for shapes that are, components by their place. */
export const fingerprint = (shape: Shape): string =>
  JSON.stringify(shape, (key, value: unknown) => {
    if (key === 'component') return (value as Component).at;
    if (value instanceof Map) return [...value];
    return value instanceof Set ? [...value] : value;
  });

/** Returns all components that one names, directly or not, and itself first unless only a circle leads there. */
export function reachable(component: Component, { itself = true } = {}): Component[] {
  const found = new Set(itself ? [component] : componentsIn(component.shape));
  for (const one of found) for (const other of componentsIn(one.shape)) found.add(other);
  return [...found];
}
