import { simplified } from './merge';
import { type Component, isOpen, type Literal, type ObjectShape, type Shape, type TupleShape } from './shape';
import { type Choice, choiceOf, type Told, type Tried } from './union';

/** How components are called in the code. */
export interface Naming {
  /** The component's constant. */
  constantOf(component: Component): string;
  /** The component's type, if its schema leads back to itself: then its constant has that type, and no fields. */
  typeOf(component: Component): string | null;
}

/** Writes shapes as code. */
export interface Printer {
  /** The zod schema of a shape. */
  schema(shape: Shape): string;
  /** The zod schema of an object, as its fields. */
  fields(object: ObjectShape): string;
  /** The type of a shape's values. */
  type(shape: Shape): string;
  /** The name of the component that is exactly this shape and has fields to extend, if any. */
  extensible(shape: Shape): string | null;
}

export function createPrinter({ constantOf, typeOf }: Naming): Printer {
  const schema = (shape: Shape): string => {
    switch (shape.kind) {
      case 'unknown':
        return 'z.unknown()';
      case 'never':
        return 'z.never()';
      case 'file':
        // Only a form's own field, or a body, is a file; within JSON it is a text.
        return 'z.string()';
      case 'scalar':
        return shape.code;
      case 'literals':
        return literals(shape.values);
      case 'nullable':
        return `${schema(shape.inner)}.nullable()`;
      case 'object':
        return `${isOpen(shape) ? 'z.looseObject' : 'z.object'}({ ${fields(shape)} })`;
      case 'record':
        return `z.record(z.string(), ${schema(shape.values)})`;
      case 'array':
        return `z.array(${schema(shape.items)})${shape.checks}`;
      case 'tuple':
        return tuple(shape);
      case 'union':
        return choice(choiceOf(shape));
      case 'family':
        return choice(choiceOf(shape.members, { isFamily: true }));
      case 'all': {
        const simple = simplified(shape);
        return simple.kind === 'all' ? simple.parts.map(schema).reduce(intersection) : schema(simple);
      }
      case 'component':
        return isInline(shape.component) ? schema(shape.component.shape) : constantOf(shape.component);
    }
  };

  const choice = (made: Choice): string => {
    if (made.kind === 'one') return schema(made.shape);
    if (made.kind === 'discriminated')
      return `z.discriminatedUnion(${JSON.stringify(made.by)}, [${made.options.map(toldSchema).join(', ')}])`;
    return `z.union([${made.options.map(triedSchema).join(', ')}])`;
  };

  const triedSchema = ({ shape, extended }: Tried): string => {
    const constant = extended && extensible({ kind: 'component', component: extended });
    if (!constant || shape.kind !== 'object' || extended.shape.kind !== 'object') return schema(shape);
    const { fields: known, isLoose } = extended.shape;
    const added = new Map([...shape.fields].filter(([name]) => !known.has(name)));
    const more = added.size > 0 ? `.extend({ ${fields({ ...shape, fields: added })} })` : '';
    return constant + more + (shape.isLoose && !isLoose ? '.loose()' : '');
  };

  const toldSchema = ({ object, component }: Told) =>
    component && !typeOf(component) ? constantOf(component) : schema(object);

  const tuple = ({ items, least, rest }: TupleShape): string => {
    const codes = items.map((item, n) => (n < least ? schema(item) : `${schema(item)}.optional()`));
    return `z.tuple([${codes.join(', ')}]${rest ? `, ${schema(rest)}` : ''})`;
  };

  const tupleType = ({ items, least, rest }: TupleShape): string => {
    const types = items.map((item, n) => (n < least ? type(item) : `((${type(item)}) | undefined)?`));
    return `[${[...types, ...(rest ? [`...(${type(rest)})[]`] : [])].join(', ')}]`;
  };

  const fields = ({ fields, required }: ObjectShape): string =>
    [...fields]
      .map(
        ([name, shape]) => `${JSON.stringify(name)}: ${required.has(name) ? schema(shape) : optional(shape)}`,
      )
      .join(', ');

  const optional = (shape: Shape): string =>
    shape.kind === 'nullable' ? `${schema(shape.inner)}.nullish()` : `${schema(shape)}.optional()`;

  const type = (shape: Shape): string => {
    switch (shape.kind) {
      case 'unknown':
      case 'never':
        return shape.kind;
      case 'file':
        return 'string';
      case 'scalar':
        return shape.type;
      case 'literals':
        return shape.values.map((value) => JSON.stringify(value)).join(' | ');
      case 'nullable':
        return `(${type(shape.inner)}) | null`;
      case 'object':
        return objectType(shape);
      case 'record':
        return `{ [name: string]: ${type(shape.values)} }`;
      case 'array':
        return `(${type(shape.items)})[]`;
      case 'tuple':
        return tupleType(shape);
      case 'union':
        return choiceType(choiceOf(shape));
      case 'family':
        return choiceType(choiceOf(shape.members, { isFamily: true }));
      case 'all': {
        const simple = simplified(shape);
        if (simple.kind !== 'all') return type(simple);
        return simple.parts.map((part) => `(${type(part)})`).join(' & ');
      }
      case 'component':
        if (isInline(shape.component)) return type(shape.component.shape);
        return typeOf(shape.component) ?? `z.output<typeof ${constantOf(shape.component)}>`;
    }
  };

  const choiceType = (made: Choice): string => {
    if (made.kind === 'one') return type(made.shape);
    const types =
      made.kind === 'discriminated'
        ? made.options.map(({ object, component }) =>
            component ? type({ kind: 'component', component }) : type(object),
          )
        : made.options.map(({ shape }) => type(shape));
    return types.map((option) => `(${option})`).join(' | ');
  };

  const objectType = (object: ObjectShape): string => {
    const { fields, required } = object;
    const known = [...fields].map(([name, shape]) =>
      required.has(name)
        ? `${JSON.stringify(name)}: ${type(shape)};`
        : `${JSON.stringify(name)}?: ${type(shape)} | undefined;`,
    );
    return `{ ${known.join(' ')} ${isOpen(object) ? '[name: string]: unknown;' : ''} }`;
  };

  const extensible = (shape: Shape): string | null => {
    if (shape.kind !== 'component' || shape.component.shape.kind !== 'object') return null;
    return typeOf(shape.component) ? null : constantOf(shape.component);
  };

  return { schema, fields, type, extensible };
}

/** Components that are shorter than a name for them. */
export const isInline = ({ shape }: Component): boolean =>
  shape.kind === 'component' || shape.kind === 'scalar' || shape.kind === 'unknown' || shape.kind === 'file';

const intersection = (a: string, b: string) => `z.intersection(${a}, ${b})`;

function literals(values: readonly Literal[]): string {
  const words = values.filter((value) => typeof value === 'string');
  const [single] = values;
  if (words.length === values.length && words.length > 1) return `z.enum(${JSON.stringify(words)})`;
  return `z.literal(${JSON.stringify(values.length === 1 ? single : values)})`;
}
