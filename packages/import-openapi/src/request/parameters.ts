import type { Document } from '../description/document.js';
import { listIn, objectIn, textIn } from '../description/json.js';
import { isJson } from '../description/media-type.js';
import type { Operation } from '../description/operations.js';
import type { Node } from '../description/references.js';
import { Unsupported } from '../description/unsupported.js';

/** A part of a request beside its body. */
export interface Parameter {
  readonly name: string;
  readonly place: 'path' | 'query' | 'header' | 'cookie';
  readonly isRequired: boolean;
  /** Its schema; the value is undefined where it has none. */
  readonly schema: Node;
  readonly style: string;
  readonly explode: boolean;
  /** Its value is sent as JSON. */
  readonly isJson: boolean;
}

const PLACES = ['path', 'query', 'header', 'cookie'] as const;

/**
 * Lists the parameters of an operation: its own, and those of its path that it does not replace by its own.
 *
 * @throws {Unsupported} when one cannot be read
 */
export function parametersOf(document: Document, { node, items }: Operation): Parameter[] {
  const found = [...items, node].flatMap((owner) => {
    const list = document.child(owner, 'parameters');
    return listIn(list.value).map((_, n) => parameterAt(document, document.child(list, n)));
  });
  return [...new Map(found.map((parameter) => [nameIn(parameter), parameter])).values()];
}

/** Names of headers are case-insensitive. */
const nameIn = ({ place, name }: Parameter) => `${place} ${place === 'header' ? name.toLowerCase() : name}`;

function parameterAt(document: Document, reference: Node): Parameter {
  const node = document.target(reference);
  const stated = objectIn(node.value);
  const name = textIn(stated['name']);
  const place = PLACES.find((known) => known === stated['in']);
  if (name === null || !place)
    throw new Unsupported(`a parameter "${String(stated['name'])}" is in "${String(stated['in'])}"`);
  const [media] = Object.keys(objectIn(stated['content']));
  const style = textIn(stated['style']) ?? (place === 'path' || place === 'header' ? 'simple' : 'form');
  return {
    name,
    place,
    isRequired: stated['required'] === true || place === 'path',
    schema:
      media === undefined ? document.child(node, 'schema') : document.child(node, 'content', media, 'schema'),
    style,
    explode: typeof stated['explode'] === 'boolean' ? stated['explode'] : style === 'form',
    isJson: media !== undefined && isJson(media),
  };
}
