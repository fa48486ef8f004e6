import { simplified } from '../schema/merge.js';
import { isOpen, type ObjectShape, type Shape, type TupleShape } from '../schema/shape.js';
import { isInline, type Naming } from './naming.js';
import { type Choice, choiceOf } from './union.js';

/** Writes the types of shapes' values, for schemas that are circular: the compiler cannot infer those. */
export function createTypePrinter({ constantOf, typeOf }: Naming): (shape: Shape) => string {
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

  const objectType = (object: ObjectShape): string => {
    const members = [...object.fields].map(([name, shape]) =>
      object.required.has(name)
        ? `${JSON.stringify(name)}: ${type(shape)};`
        : `${JSON.stringify(name)}?: ${type(shape)} | undefined;`,
    );
    return `{ ${members.join(' ')} ${isOpen(object) ? '[name: string]: unknown;' : ''} }`;
  };

  const tupleType = ({ items, least, rest }: TupleShape): string => {
    const types = items.map((item, n) => (n < least ? type(item) : `((${type(item)}) | undefined)?`));
    return `[${[...types, ...(rest ? [`...(${type(rest)})[]`] : [])].join(', ')}]`;
  };

  const choiceType = (choice: Choice): string => {
    if (choice.kind === 'one') return type(choice.shape);
    const types =
      choice.kind === 'discriminated'
        ? choice.options.map(({ object, component }) =>
            component ? type({ kind: 'component', component }) : type(object),
          )
        : choice.options.map(({ shape }) => type(shape));
    return types.map((option) => `(${option})`).join(' | ');
  };

  return type;
}
