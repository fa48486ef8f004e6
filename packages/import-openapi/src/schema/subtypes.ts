import type { Document } from '../description/document.js';
import { listIn, objectIn, textIn } from '../description/json.js';
import { unescaped } from '../description/pointer.js';
import type { Node } from '../description/references.js';

/** An object and those that extend it. */
export interface Family {
  /** The field whose value says which of them an object is. */
  readonly by: string;
  readonly members: readonly Node[];
  /** The values of that field for each member. */
  readonly values: readonly (readonly string[])[];
}

/**
 * Returns the values of a discriminator for each option of a union: those of its mapping, else the name of the
 * option's schema.
 *
 * @see https://spec.openapis.org/oas/v3.1.1.html#discriminator-object
 */
export function valuesByOption(document: Document, union: Node, options: readonly Node[]): string[][] {
  const mapping = mappingOf(document, union);
  return options.map((option) => {
    const { at } = document.target(option);
    const values = mapping.filter(([, target]) => target.at === at).map(([value]) => value);
    const isNamed = typeof objectIn(option.value)['$ref'] === 'string';
    return values.length > 0 || !isNamed ? values : [lastOf(at)];
  });
}

function mappingOf(document: Document, node: Node): [value: string, target: Node][] {
  const schemas = document.child(document.root, 'components', 'schemas');
  const { mapping } = objectIn(objectIn(node.value)['discriminator']);
  return Object.entries(objectIn(mapping)).flatMap(([value, reference]): [string, Node][] => {
    if (typeof reference !== 'string') return [];
    const named = document.child(schemas, reference);
    return [[value, document.target(named.value === undefined ? document.refer(node, reference) : named)]];
  });
}

/**
 * Finds the objects that other schemas extend by `allOf`: a value of such an object may be any of them.
 *
 * @returns A function that returns the family of a schema, itself among the members, or null where nothing extends it
 */
export function familiesIn(document: Document): (node: Node) => Family | null {
  const schemas = document.child(document.root, 'components', 'schemas');
  const names = Object.keys(objectIn(schemas.value));
  const parents = names.map((name) => [name, parentsOf(document, document.child(schemas, name))] as const);

  function descendants(at: string, trail: readonly string[]): string[] {
    const children = parents.filter(([name, ats]) => ats.includes(at) && !trail.includes(name));
    return children.flatMap(([name]) => [
      name,
      ...descendants(document.child(schemas, name).at, [...trail, name]),
    ]);
  }

  return (node) => {
    const schema = objectIn(node.value);
    const by = textIn(objectIn(schema['discriminator'])['propertyName']);
    if (by === null || listIn(schema['oneOf']).length > 0 || listIn(schema['anyOf']).length > 0) return null;
    const mappedTo = mappingOf(document, node).map(([, target]) => target);
    const found = [
      ...mappedTo,
      ...descendants(node.at, []).map((name) => document.child(schemas, name)),
      node,
    ];
    const members = [...new Map(found.map((member) => [member.at, member])).values()];
    if (members.length < 2) return null;
    const mapping = mappingOf(document, node);
    const values = members.map(({ at }) => {
      const own = mapping.filter(([, target]) => target.at === at).map(([value]) => value);
      return own.length > 0 ? own : [lastOf(at)];
    });
    return { by, members, values };
  };
}

/** Returns the places of the schemas that one extends by `allOf`. A broken reference is reported where it is used. */
function parentsOf(document: Document, node: Node): string[] {
  return listIn(objectIn(node.value)['allOf']).flatMap((part, n) => {
    if (typeof objectIn(part)['$ref'] !== 'string') return [];
    try {
      return [document.target(document.child(node, 'allOf', n)).at];
    } catch {
      return [];
    }
  });
}

const lastOf = (at: string) => unescaped(at.split('/').at(-1) ?? '').replace(/\.(ya?ml|json)#?$/, '');
