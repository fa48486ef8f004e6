import { isJson } from '../answer';
import type { Document, Node } from '../description/document';
import { listIn, objectIn, textIn } from '../description/json';
import type { Operation } from '../description/operations';
import { Unsupported } from '../inexpressible';

/** Something that a request carries beside its body. */
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
 * Lists the parameters of an operation: its own, and its path's where it has none of the same name.
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

/** The names of headers are the same in any case. */
const nameIn = ({ place, name }: Parameter) => `${place} ${place === 'header' ? name.toLowerCase() : name}`;

function parameterAt(document: Document, reference: Node): Parameter {
  const node = document.target(reference);
  const says = objectIn(node.value);
  const name = textIn(says['name']);
  const place = PLACES.find((known) => known === says['in']);
  if (name === null || !place)
    throw new Unsupported(`a parameter "${String(says['name'])}" is in "${String(says['in'])}"`);
  const [media] = Object.keys(objectIn(says['content']));
  const style = textIn(says['style']) ?? (place === 'path' || place === 'header' ? 'simple' : 'form');
  return {
    name,
    place,
    isRequired: says['required'] === true || place === 'path',
    schema:
      media === undefined ? document.child(node, 'schema') : document.child(node, 'content', media, 'schema'),
    style,
    explode: typeof says['explode'] === 'boolean' ? says['explode'] : style === 'form',
    isJson: media !== undefined && isJson(media),
  };
}
