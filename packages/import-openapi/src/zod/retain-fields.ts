import { fingerprint } from '../schema/fingerprint.js';
import { simplified } from '../schema/merge.js';
import { isOpen, nullable, type ObjectShape, type Shape } from '../schema/shape.js';
import { bare } from '../schema/traversal.js';

/**
 * Returns a shape that retains, at every depth, the fields that another one names, as far as a value may fit both:
 * zod drops the fields that an option of a union does not name, also where a later option names them.
 *
 * @param areBoth - A value may fit both although one requires fields that the other does not name
 * @returns The shape itself where no field could be lost
 */
export function retainFields(shape: Shape, other: Shape, areBoth: boolean): Shape {
  const results = new Map<string, Shape>();
  const underWay = new Map<string, number>();

  /** A circle is read once; below that, a response is retained as it is. */
  function named(a: Shape, b: Shape, both: boolean, depth: number): Shape {
    const key = `${fingerprint(a)} ${fingerprint(b)} ${both}`;
    const known = results.get(key);
    if (known) return known;
    const start = underWay.get(key);
    if (start !== undefined) {
      const isResponse = [a, b].some(
        (one) => one.kind === 'component' && one.component.direction === 'response',
      );
      return isResponse && start < depth ? { kind: 'unknown' } : a;
    }
    underWay.set(key, depth);
    const inner = a.kind === 'component' ? a.component.shape : a;
    const found = keep(inner, b.kind === 'component' ? b.component.shape : b, both, depth);
    const result = found === inner ? a : found;
    underWay.delete(key);
    results.set(key, result);
    return result;
  }

  function keep(a: Shape, b: Shape, both: boolean, depth: number): Shape {
    if (a.kind === 'component' && b.kind === 'component' && a.component.at === b.component.at) return a;
    if (a.kind === 'component' || b.kind === 'component') return named(a, b, both, depth);
    switch (b.kind) {
      case 'nullable':
        return keep(a, b.inner, both, depth);
      case 'union':
        return b.options.reduce((one, option) => keep(one, option, both, depth), a);
      case 'family':
        return keep(keep(a, b.base, both, depth), b.members, both, depth);
      case 'all': {
        const whole = simplified(b);
        if (whole.kind !== 'all') return keep(a, whole, both, depth);
        return whole.parts.reduce((one, part) => keep(one, part, true, depth), a);
      }
    }
    switch (a.kind) {
      case 'nullable': {
        const inner = keep(a.inner, b, both, depth);
        return inner === a.inner ? a : nullable(inner);
      }
      case 'union': {
        const options = each(a.options, (option) => keep(option, b, both, depth));
        return options === a.options ? a : { ...a, options };
      }
      case 'family': {
        const options = each(a.members.options, (option) => keep(option, b, both, depth));
        return options === a.members.options ? a : { ...a, members: { ...a.members, options } };
      }
      case 'all': {
        const whole = simplified(a);
        if (whole.kind !== 'all') {
          const kept = keep(whole, b, both, depth);
          return kept === whole ? a : kept;
        }
        const parts = each(whole.parts, (part) => keep(part, b, both, depth));
        return parts === whole.parts ? a : { kind: 'all', parts };
      }
      default:
        return deeper(a, b, both, depth + 1);
    }
  }

  function deeper(a: Shape, b: Shape, both: boolean, depth: number): Shape {
    const all = (shape: Shape, others: readonly Shape[]) =>
      others.reduce((one, inner) => keep(one, inner, areBoth, depth), shape);
    switch (a.kind) {
      case 'object':
        if (b.kind !== 'object' && b.kind !== 'record') return a;
        return b.kind === 'object' && areExclusive(a, b, both) ? a : withFields(a, b, all);
      case 'record': {
        const values = all(
          a.values,
          b.kind === 'object' ? [...b.fields.values()] : b.kind === 'record' ? [b.values] : [],
        );
        return values === a.values ? a : { ...a, values };
      }
      case 'array': {
        const items = all(a.items, itemsOf(b));
        return items === a.items ? a : { ...a, items };
      }
      case 'tuple': {
        const items = each(a.items, (item, n) =>
          all(item, b.kind === 'tuple' ? b.items.slice(n, n + 1) : itemsOf(b)),
        );
        return items === a.items ? a : { ...a, items };
      }
      default:
        return a;
    }
  }

  return keep(shape, other, areBoth, 0);
}

const UNKNOWN: Shape = { kind: 'unknown' };

function withFields(
  a: ObjectShape,
  b: Extract<Shape, { kind: 'object' | 'record' }>,
  all: (shape: Shape, others: readonly Shape[]) => Shape,
): ObjectShape {
  const names = [...a.fields.keys()];
  const othersOf = (name: string) => (b.kind === 'record' ? [b.values] : [b.fields.get(name) ?? []].flat());
  const shapes = [...a.fields.values()];
  const fields = each(shapes, (shape, n) => all(shape, othersOf(names[n] ?? '')));
  const isLoose = a.isLoose || b.kind === 'record' || isOpen(b);
  // The other option checks its own fields.
  const added = isLoose ? [] : [...b.fields.keys()].filter((name) => !a.fields.has(name));
  if (fields === shapes && isLoose === a.isLoose && added.length === 0) return a;
  const known = fields.map((shape, n) => [names[n] ?? '', shape] as const);
  return { ...a, isLoose, fields: new Map([...known, ...added.map((name) => [name, UNKNOWN] as const)]) };
}

function itemsOf(shape: Shape): readonly Shape[] {
  if (shape.kind === 'array') return [shape.items];
  return shape.kind === 'tuple' ? [...shape.items, ...(shape.rest ? [shape.rest] : [])] : [];
}

/** Maps a list; returns the list itself where nothing in it changes. */
function each(list: readonly Shape[], change: (shape: Shape, n: number) => Shape): readonly Shape[] {
  const changed = list.map(change);
  return changed.every((shape, n) => shape === list[n]) ? list : changed;
}

/**
 * Returns whether no value fits two objects, judged by their own fields.
 *
 * @param areBoth - A value may be both although one requires fields that the other does not name
 */
const areExclusive = (a: ObjectShape, b: ObjectShape, areBoth: boolean): boolean =>
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
