import { camelCase, pascalCase, uniqueNames } from '../description/names.js';
import { unescaped } from '../description/pointer.js';
import { fingerprint } from '../schema/fingerprint.js';
import type { Component, Shape } from '../schema/shape.js';
import { componentsIn, reachable } from '../schema/traversal.js';
import { isInline, type Naming } from './naming.js';
import { createPrinter, type Printer } from './printer.js';

/** Code, and the constants that it names, each after those that it names itself. */
export interface Declared {
  readonly declarations: readonly string[];
  readonly code: readonly string[];
}

/**
 * Writes code that names components, and the constants of these components.
 *
 * @param shapes - The shapes in the code, in its order
 * @param write - Writes the code
 * @param taken - Names that have another meaning in the file
 */
export function declareComponents(
  shapes: readonly Shape[],
  write: (printer: Printer) => readonly string[],
  taken: readonly string[],
): Declared {
  const named = shapes.flatMap(componentsIn);
  const sameOf = sharing(inOrder(named, (component) => component));
  const kept = inOrder(named, sameOf).filter((component) => !isInline(component));
  const recursive = new Set(
    kept.filter((component) => reachable(component, { itself: false }).includes(component)),
  );

  const used = new Set<Component>();
  const looking = createPrinter({
    constantOf: (component) => {
      used.add(sameOf(component));
      return '_';
    },
    typeOf: (component) => {
      if (!recursive.has(sameOf(component))) return null;
      used.add(sameOf(component));
      return '_';
    },
  });
  write(looking);
  for (const component of used) declaration(component, looking, '_', recursive.has(component));

  const printed = kept.filter((component) => used.has(component));
  const unique = uniqueNames(taken);
  const constants = new Map<Component, string>();
  for (const component of printed) {
    const isTwice = printed.some((other) => other !== component && other.at === component.at);
    const name = constantNameOf(component.at);
    constants.set(component, unique(isTwice && component.direction === 'request' ? `${name}Input` : name));
  }
  const naming: Naming = {
    constantOf: (component) => constants.get(sameOf(component)) ?? '',
    typeOf: (component) =>
      recursive.has(sameOf(component)) ? pascalCase(constants.get(sameOf(component)) ?? '') : null,
  };
  const printer = createPrinter(naming);
  return {
    declarations: printed.map((component) =>
      declaration(component, printer, naming.constantOf(component), recursive.has(component)),
    ),
    code: write(printer),
  };
}

/** A circular schema is lazy, and its type is written out for the compiler. */
function declaration({ shape }: Component, printer: Printer, name: string, isRecursive: boolean): string {
  const code = printer.schema(shape);
  if (!isRecursive) return `const ${name} = ${code};`;
  const type = pascalCase(name);
  return `type ${type} = ${printer.type(shape)};\nconst ${name}: z.ZodType<${type}, ${type}> = z.lazy(() => ${code});`;
}

/** Sorts components, each after those that it names as far as there is no circle. */
function inOrder(roots: readonly Component[], sameOf: (component: Component) => Component): Component[] {
  const seen = new Set<Component>();
  const ordered: Component[] = [];
  const visit = (given: Component) => {
    const component = sameOf(given);
    if (seen.has(component)) return;
    seen.add(component);
    componentsIn(component.shape).forEach(visit);
    ordered.push(component);
  };
  roots.forEach(visit);
  return ordered;
}

/** A component that is the same in requests and responses, with all that it names, is written once. */
function sharing(components: readonly Component[]): (component: Component) => Component {
  const responses = new Map(
    components
      .filter(({ direction }) => direction === 'response')
      .map((component) => [component.at, component]),
  );
  const same = new Map<Component, Component>();
  for (const component of components) {
    const response = component.direction === 'request' ? responses.get(component.at) : undefined;
    if (response && signature(response) === signature(component)) same.set(component, response);
  }
  return (component) => same.get(component) ?? component;
}

const signature = (component: Component) =>
  reachable(component)
    .map(({ at, shape }) => `${at} ${fingerprint(shape)}`)
    .join('\n');

/** Steps of a JSON pointer that are keywords of OpenAPI. */
const STEPS = new Set(
  `additionalProperties allOf anyOf components content definitions $defs headers items not oneOf parameters paths
  patternProperties prefixItems properties requestBodies requestBody responses schema schemas`.split(/\s+/),
);

/** Returns the name of a component's constant: the last step of its JSON pointer that the description chose. */
function constantNameOf(at: string): string {
  const [file = '', pointer = ''] = at.split('#');
  const steps = pointer.split('/').map(unescaped);
  const named = steps.findLast((step) => /^[^\d/-][^/]*$/.test(step) && !STEPS.has(step));
  return camelCase(
    named ??
      file
        .split('/')
        .at(-1)
        ?.replace(/\.\w+$/, '') ??
      'shape',
  );
}
