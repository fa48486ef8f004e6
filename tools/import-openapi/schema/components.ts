import { pascalCase, uniqueNames } from '../names';
import { constantNameOf } from './component-name';
import { fingerprint, reachable } from './fingerprint';
import { createPrinter, isInline, type Naming, type Printer } from './print';
import { type Component, componentsIn, type Shape } from './shape';

/** Code, and the constants that it needs, each after those that it needs itself. */
export interface Declared {
  readonly declarations: readonly string[];
  readonly code: readonly string[];
}

/**
 * Writes code that names components, and these.
 *
 * @param shapes - What the code says, in its order
 * @param write - Writes the code
 * @param taken - Names that are something else in the file
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

/** A schema that leads back to itself is read when it is needed, and the compiler is told its type. */
function declaration({ shape }: Component, printer: Printer, name: string, isRecursive: boolean): string {
  const code = printer.schema(shape);
  if (!isRecursive) return `const ${name} = ${code};`;
  const type = pascalCase(name);
  return `type ${type} = ${printer.type(shape)};\nconst ${name}: z.ZodType<${type}, ${type}> = z.lazy(() => ${code});`;
}

/** Each after those that it names, but for circles. */
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

/** A component that is the same in requests and answers, with all that it names, is written once. */
function sharing(components: readonly Component[]): (component: Component) => Component {
  const answers = new Map(
    components
      .filter(({ direction }) => direction === 'answer')
      .map((component) => [component.at, component]),
  );
  const same = new Map<Component, Component>();
  for (const component of components) {
    const answer = component.direction === 'request' ? answers.get(component.at) : undefined;
    if (answer && signature(answer) === signature(component)) same.set(component, answer);
  }
  return (component) => same.get(component) ?? component;
}

const signature = (component: Component) =>
  reachable(component)
    .map(({ at, shape }) => `${at} ${fingerprint(shape)}`)
    .join('\n');
