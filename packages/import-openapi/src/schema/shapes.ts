import type { Document } from '../description/document.js';
import { isObject, listIn, objectIn, textIn } from '../description/json.js';
import type { Node } from '../description/references.js';
import { isNullSchema, saysNothing, typesOf, UNCHECKED } from './keywords.js';
import { ownShape } from './own-shape.js';
import { type Component, type Direction, nullable, type Reading, type Shape } from './shape.js';
import { familiesIn, valuesByOption } from './subtypes.js';

/** Reads schemas; each component is built once. */
export interface Shapes {
  /** Returns the shape of the schema at a node. */
  shapeOf(node: Node, reading: Reading): Shape;
}

/** Reads the schemas of a description. */
export function createShapes(document: Document): Shapes {
  const components = new Map<string, Component>();
  const familyOf = familiesIn(document);
  const isOld = document.version.startsWith('3.0');

  function component(node: Node, direction: Direction): Component {
    const key = `${direction} ${node.at}`;
    const known = components.get(key);
    if (known) return known;
    const notes = new Set<string>();
    let shape: Shape | null = null;
    const built: Component = {
      at: node.at,
      direction,
      notes,
      get shape() {
        shape ??= withFamily(node, { direction, notes });
        return shape;
      },
    };
    components.set(key, built);
    return built;
  }

  function shapeOf(node: Node, reading: Reading): Shape {
    if (typeof node.value === 'boolean') return { kind: node.value ? 'unknown' : 'never' };
    const schema = objectIn(node.value);
    if (typeof schema['$ref'] !== 'string') return inPlace(node, reading);
    const target = document.target(node);
    const named: Shape = { kind: 'component', component: component(target, reading.direction) };
    const { $ref: _, ...beside } = schema;
    // OpenAPI 3.0 allows nothing beside a reference, but descriptions have `nullable` there.
    if (isOld) return beside['nullable'] === true ? nullable(named) : named;
    if (saysNothing(beside)) return named;
    return { kind: 'all', parts: [named, inPlace({ value: beside, at: node.at }, reading)] };
  }

  /** A value of a component that others extend may be any of them. */
  function withFamily(node: Node, reading: Reading): Shape {
    const base = inPlace(node, reading);
    const family = familyOf(node);
    if (!family) return base;
    const self: Component = { at: `${node.at}/-`, ...reading, shape: base };
    const options = family.members.map((member): Shape => {
      const isSelf = member.at === node.at;
      return { kind: 'component', component: isSelf ? self : component(member, reading.direction) };
    });
    const discriminator = { by: family.by, values: family.values };
    return { kind: 'family', base, members: { kind: 'union', options, discriminator, mayBeSeveral: false } };
  }

  function inPlace(node: Node, reading: Reading): Shape {
    const schema = objectIn(node.value);
    for (const keyword of UNCHECKED)
      if (schema[keyword] !== undefined) reading.notes.add(`"${keyword}" is not checked`);
    const combined = [
      ...listIn(schema['allOf']).map((_, n) => shapeOf(document.child(node, 'allOf', n), reading)),
      ...['oneOf', 'anyOf'].flatMap((keyword) => unionAt(node, keyword, reading) ?? []),
    ];
    const own = ownShape(document, node, reading, shapeOf);
    // `type: object` beside an `allOf` adds nothing to its parts.
    const isBare = own.kind === 'unknown' || (own.kind === 'record' && own.values.kind === 'unknown');
    const parts = combined.length > 0 && isBare ? combined : [own, ...combined];
    const [first] = parts;
    const shape: Shape = first && parts.length === 1 ? first : { kind: 'all', parts };
    const mayBeNull = typesOf(schema).includes('null') || (isOld && schema['nullable'] === true);
    return mayBeNull ? nullable(shape) : shape;
  }

  function unionAt(node: Node, keyword: string, reading: Reading): Shape | null {
    const schema = objectIn(node.value);
    const options = listIn(schema[keyword]);
    if (options.length === 0) return null;
    if (options.every(isRule)) {
      reading.notes.add(`which fields go together, by "${keyword}", is not checked`);
      return null;
    }
    const nodes = options.map((_, n) => document.child(node, keyword, n));
    const others = nodes.filter(({ value }) => !isNullSchema(value));
    const shapes = others.map((option) => shapeOf(option, reading));
    const by = textIn(objectIn(schema['discriminator'])['propertyName']);
    const discriminator = by === null ? null : { by, values: valuesByOption(document, node, others) };
    const [first] = shapes;
    if (!first) return { kind: 'literals', values: [null] };
    const shape: Shape =
      shapes.length === 1
        ? first
        : { kind: 'union', options: shapes, discriminator, mayBeSeveral: keyword === 'anyOf' };
    return others.length < nodes.length ? nullable(shape) : shape;
  }

  return { shapeOf };
}

/** An option that only says which fields are required or forbidden. */
const isRule = (option: unknown) =>
  isObject(option) && Object.keys(option).every((key) => key === 'required' || key === 'not');
