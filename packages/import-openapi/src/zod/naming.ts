import type { Component } from '../schema/shape.js';

/** The names of components in the code. */
export interface Naming {
  /** The component's constant. */
  constantOf(component: Component): string;
  /** The component's type if its schema is circular, else null. A constant with such a type has no `extend`. */
  typeOf(component: Component): string | null;
}

/** Returns whether a component is written in place: its code is shorter than a name. */
export const isInline = ({ shape }: Component): boolean =>
  shape.kind === 'component' || shape.kind === 'scalar' || shape.kind === 'unknown' || shape.kind === 'file';
