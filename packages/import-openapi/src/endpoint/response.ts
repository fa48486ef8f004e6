import type { Document } from '../description/document.js';
import { isObject, objectIn } from '../description/json.js';
import { isJson } from '../description/media-type.js';
import type { Operation } from '../description/operations.js';
import type { Node } from '../description/references.js';
import { Unsupported } from '../description/unsupported.js';
import { asObject } from '../schema/merge.js';
import type { Component, ObjectShape, Shape } from '../schema/shape.js';
import type { Shapes } from '../schema/shapes.js';
import { bare } from '../schema/traversal.js';

/** The successful responses of an operation. */
export interface ResponseShape {
  /** The shape of their content, null where there never is any. */
  readonly shape: Shape | null;
  /** Some of them have no content. */
  readonly mayBeEmpty: boolean;
  /** The media type to ask for, null for application/json. */
  readonly accept: string | null;
  /** One of them may look like the envelope that the engine opens by default. */
  readonly mayBeEnvelope: boolean;
}

/**
 * Reads the 2xx responses of an operation.
 *
 * @param notes - Collects what is not checked
 * @throws {Unsupported} when none of them is JSON or empty
 */
export function responseOf(
  document: Document,
  shapes: Shapes,
  operation: Operation,
  notes: Set<string>,
): ResponseShape {
  const responses = document.child(operation.node, 'responses');
  const statuses = Object.keys(objectIn(responses.value));
  const successes = statuses.filter((status) => /^2(\d\d|XX)$/i.test(status));
  const isDescribed = successes.length > 0 || statuses.includes('default');
  if (!isDescribed && statuses.some((status) => status.startsWith('3')))
    throw new Unsupported('it answers with a redirect');
  if (!isDescribed) notes.add('its answer is not described, so it is not handed on');
  if (!isDescribed || operation.method === 'HEAD')
    return { shape: null, mayBeEmpty: true, accept: null, mayBeEnvelope: false };
  const nodes = (successes.length > 0 ? successes : ['default']).map((status) => ({
    status,
    node: document.target(document.child(responses, status)),
  }));
  const contents = nodes.map(({ status, node }) => contentAt(document, status, node));
  const readable = contents.filter((content) => content.kind !== 'unreadable');
  if (readable.length === 0) {
    const media = contents.flatMap((content) => (content.kind === 'unreadable' ? content.media : []));
    throw new Unsupported(whyUnreadable(media));
  }
  for (const content of contents) {
    if (content.kind === 'unreadable')
      notes.add(`an answer ${content.status} (${content.media.join(', ')}) fails: it is not JSON`);
  }
  const json = readable.filter((content) => content.kind === 'json');
  const options = json.map(({ schema }) => shapes.shapeOf(schema, { direction: 'response', notes }));
  // A file stays one whatever its media type.
  if (options.some((option) => bare(option).kind === 'file'))
    throw new Unsupported(whyUnreadable(json.map(({ media }) => media)));
  const [first] = options;
  const shape: Shape | null =
    first && options.length > 1
      ? { kind: 'union', options, discriminator: null, mayBeSeveral: false }
      : (first ?? null);
  const media = [...new Set(json.map((content) => content.media))];
  return {
    shape,
    mayBeEmpty: readable.length > json.length,
    accept: media.some((type) => /^(application\/json|\*|application\/\*)/i.test(type))
      ? null
      : media.join(', ') || null,
    mayBeEnvelope: options.some((option) => mayBeEnvelope(option)),
  };
}

type Content =
  | { readonly kind: 'empty' }
  | { readonly kind: 'json'; readonly media: string; readonly schema: Node }
  | { readonly kind: 'unreadable'; readonly status: string; readonly media: readonly string[] };

function contentAt(document: Document, status: string, node: Node): Content {
  const content = objectIn(node.value)['content'];
  const types = isObject(content) ? Object.keys(content) : [];
  if (types.length === 0 || status === '204' || status === '205') return { kind: 'empty' };
  const media = types.find((type) => /^application\/json\b/i.test(type)) ?? types.find(isJson);
  if (media === undefined) return { kind: 'unreadable', status, media: types };
  const schema = document.child(node, 'content', media, 'schema');
  return { kind: 'json', media, schema: schema.value === undefined ? { ...schema, value: true } : schema };
}

function whyUnreadable(media: readonly string[]): string {
  const types = media.join(', ');
  if (media.includes('text/event-stream')) return `it answers ${types}: events are a subscription`;
  if (media.some((type) => /^text\/|xml/.test(type))) return `it answers ${types}, not JSON`;
  return `it answers ${types}: a download is a route handler`;
}

/** The engine's `unwrap` opens `{ data, message }` by default, which must have no other field. */
function mayBeEnvelope(shape: Shape, trail: readonly Component[] = []): boolean {
  const object = asObject(shape, { throughFamily: false });
  if (object) return mayHoldEnvelope(object);
  switch (shape.kind) {
    case 'component':
      return (
        !trail.includes(shape.component) && mayBeEnvelope(shape.component.shape, [...trail, shape.component])
      );
    case 'nullable':
      return mayBeEnvelope(shape.inner, trail);
    case 'union':
      return shape.options.some((option) => mayBeEnvelope(option, trail));
    default:
      return ['unknown', 'record', 'all', 'family'].includes(shape.kind);
  }
}

function mayHoldEnvelope({ isLoose, fields, required }: ObjectShape): boolean {
  const mayHave = (name: string) => isLoose || fields.has(name);
  const others = [...required].filter((name) => name !== 'data' && name !== 'message');
  return mayHave('data') && mayHave('message') && others.length === 0;
}
