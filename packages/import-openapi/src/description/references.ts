import { objectIn } from './json.js';
import { escaped, unescaped, valueAt } from './pointer.js';
import { Unsupported } from './unsupported.js';

/** A place in a description, wherever a `$ref` led. */
export interface Node {
  readonly value: unknown;
  /** File and JSON pointer, e.g. `file:///api.yaml#/components/schemas/Note`: the same for the same place. */
  readonly at: string;
}

/** Finds places in a description and follows its references. */
export interface References {
  /** The place below a node; its value is undefined where there is none. */
  child(node: Node, ...keys: readonly (string | number)[]): Node;
  /** The place a node's `$ref` leads to, through further ones; the node itself when it has none. */
  target(node: Node): Node;
  /** The place a reference leads to. */
  refer(from: Node, reference: string): Node;
}

/**
 * Follows references within and between the files of a description.
 *
 * @param files - What each file holds, by its URL
 * @returns Functions of which `target` and `refer` throw {@link Unsupported} for a reference that leads nowhere
 */
export function createReferences(files: ReadonlyMap<string, unknown>): References {
  const child: References['child'] = (node, ...keys) =>
    keys.reduce<Node>(
      ({ value, at }, key) => ({ value: valueAt(value, String(key)), at: `${at}/${escaped(String(key))}` }),
      node,
    );

  function refer(from: Node, reference: string, trail: readonly string[] = []): Node {
    if (!URL.canParse(reference, from.at))
      throw new Unsupported(`it refers to ${reference}, which is no address`);
    const url = new URL(reference, from.at);
    const [address = '', pointer = ''] = url.href.split('#');
    if (files.get(address) === undefined)
      throw new Unsupported(`it refers to ${reference}, ${whyUnread(url)}`);
    if (pointer !== '' && !pointer.startsWith('/'))
      throw new Unsupported(`it refers to the anchor ${reference}; only paths are understood`);
    let node: Node = { value: files.get(address), at: `${address}#` };
    for (const token of pointer.split('/').slice(1)) node = child(target(node, trail), unescaped(token));
    if (node.value === undefined) throw new Unsupported(`it refers to ${reference}, which does not exist`);
    return node;
  }

  function target(node: Node, trail: readonly string[] = []): Node {
    const reference = objectIn(node.value)['$ref'];
    if (typeof reference !== 'string') return node;
    if (trail.includes(node.at)) throw new Unsupported(`the reference ${reference} leads back to itself`);
    const longer = [...trail, node.at];
    return target(refer(node, reference, longer), longer);
  }

  return { child, target: (node) => target(node), refer: (from, to) => refer(from, to) };
}

const whyUnread = (url: URL) =>
  url.protocol === 'file:' ? 'which cannot be read' : 'which is not fetched: bundle the description first';
