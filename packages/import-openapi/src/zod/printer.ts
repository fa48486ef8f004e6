import { simplified } from '../schema/merge.js';
import { isOpen, type Literal, type ObjectShape, type Shape, type TupleShape } from '../schema/shape.js';
import { isInline, type Naming } from './naming.js';
import { createTypePrinter } from './type-code.js';
import { type Choice, choiceOf, type Told, type Tried } from './union.js';

/** Writes shapes as code. */
export interface Printer {
  /** The zod schema of a shape. */
  schema(shape: Shape): string;
  /** The type of a shape's values. */
  type(shape: Shape): string;
  /** The constant of the component that is exactly this shape and can be extended, null where there is none. */
  extensible(shape: Shape): string | null;
}

/** Makes a printer that writes named components by their names. */
export function createPrinter(naming: Naming): Printer {
  const { constantOf, typeOf } = naming;

  const schema = (shape: Shape): string => {
    switch (shape.kind) {
      case 'unknown':
        return 'z.unknown()';
      case 'never':
        return 'z.never()';
      case 'file':
        // A file is the field of a form, or a body; within JSON it is a text.
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
        return choiceSchema(choiceOf(shape));
      case 'family':
        return choiceSchema(choiceOf(shape.members, { isFamily: true }));
      case 'all': {
        const simple = simplified(shape);
        return simple.kind === 'all' ? simple.parts.map(schema).reduce(intersection) : schema(simple);
      }
      case 'component':
        return isInline(shape.component) ? schema(shape.component.shape) : constantOf(shape.component);
    }
  };

  const choiceSchema = (choice: Choice): string => {
    if (choice.kind === 'one') return schema(choice.shape);
    if (choice.kind === 'discriminated')
      return `z.discriminatedUnion(${JSON.stringify(choice.by)}, [${choice.options.map(toldSchema).join(', ')}])`;
    return `z.union([${choice.options.map(triedSchema).join(', ')}])`;
  };

  const toldSchema = ({ object, component }: Told) =>
    component && !typeOf(component) ? constantOf(component) : schema(object);

  const triedSchema = ({ shape, extended }: Tried): string => {
    const constant = extended && extensible({ kind: 'component', component: extended });
    if (!constant || shape.kind !== 'object' || extended.shape.kind !== 'object') return schema(shape);
    const { fields: known, isLoose } = extended.shape;
    const added = new Map([...shape.fields].filter(([name]) => !known.has(name)));
    const more = added.size > 0 ? `.extend({ ${fields({ ...shape, fields: added })} })` : '';
    return constant + more + (shape.isLoose && !isLoose ? '.loose()' : '');
  };

  const tuple = ({ items, least, rest }: TupleShape): string => {
    const codes = items.map((item, n) => (n < least ? schema(item) : `${schema(item)}.optional()`));
    return `z.tuple([${codes.join(', ')}]${rest ? `, ${schema(rest)}` : ''})`;
  };

  const fields = ({ fields, required }: ObjectShape): string =>
    [...fields]
      .map(
        ([name, shape]) => `${JSON.stringify(name)}: ${required.has(name) ? schema(shape) : optional(shape)}`,
      )
      .join(', ');

  const optional = (shape: Shape): string =>
    shape.kind === 'nullable' ? `${schema(shape.inner)}.nullish()` : `${schema(shape)}.optional()`;

  const extensible = (shape: Shape): string | null => {
    if (shape.kind !== 'component' || shape.component.shape.kind !== 'object') return null;
    return typeOf(shape.component) ? null : constantOf(shape.component);
  };

  return { schema, type: createTypePrinter(naming), extensible };
}

const intersection = (a: string, b: string) => `z.intersection(${a}, ${b})`;

function literals(values: readonly Literal[]): string {
  const words = values.filter((value) => typeof value === 'string');
  const [single] = values;
  if (words.length === values.length && words.length > 1) return `z.enum(${JSON.stringify(words)})`;
  return `z.literal(${JSON.stringify(values.length === 1 ? single : values)})`;
}
