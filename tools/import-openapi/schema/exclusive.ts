import { bare, isOpen, type ObjectShape, type Shape } from './shape';

/**
 * Returns whether no value is both of two objects, as far as their own fields tell.
 *
 * @param areBoth - A value may be both although one requires fields that the other does not name
 */
export const areExclusive = (a: ObjectShape, b: ObjectShape, areBoth: boolean): boolean =>
  [...a.fields].some(([name, shape]) => {
    const other = b.fields.get(name);
    if (!other) return a.required.has(name) && !isOpen(b) && !areBoth;
    return (a.required.has(name) || b.required.has(name)) && areDisjoint(bare(shape), bare(other));
  });

function areDisjoint(a: Shape, b: Shape): boolean {
  if (a.kind === 'literals' && b.kind === 'literals')
    return !a.values.some((value) => b.values.includes(value));
  const types = [a, b].map(typeOf);
  return types[0] !== null && types[1] !== null && types[0] !== types[1];
}

function typeOf(shape: Shape): string | null {
  if (shape.kind === 'scalar') return shape.type;
  if (shape.kind === 'literals') {
    const types = new Set(shape.values.map((value) => typeof value));
    return types.size === 1 ? ([...types][0] ?? null) : null;
  }
  if (shape.kind === 'array' || shape.kind === 'tuple') return 'array';
  return shape.kind === 'object' || shape.kind === 'record' ? 'object' : null;
}
