import { join } from 'node:path';
import { type Document, openDocument } from './description/document.js';
import { isObject, objectIn } from './description/json.js';
import { labelOf, type Operation, operationsIn } from './description/operations.js';
import { commonServer } from './description/servers.js';
import { createEvaluator, type Evaluated } from './endpoint/evaluate.js';
import { compiledRouters } from './routers/compile.js';
import { groupsOf, routerFile } from './routers/groups.js';
import { existingEndpoints } from './routers/imported-file.js';
import { isBelow, type Selection } from './routers/selection.js';
import type { RouterFile } from './routers/write.js';
import { createShapes } from './schema/shapes.js';

/** The result of an import. */
export interface Imported {
  readonly files: readonly RouterFile[];
  /** How many operations were asked for. */
  readonly operations: number;
  /** How many of them became endpoints. */
  readonly endpoints: number;
  /** Why the others are left out, by method and path. */
  readonly leftOut: ReadonlyMap<string, string>;
  /** What is not checked or not sent, by method and path. */
  readonly notes: ReadonlyMap<string, readonly string[]>;
  /** The address of the server for which `UPSTREAM_URL` stands, null where the description names none. */
  readonly server: string | null;
}

/**
 * Reads a description and makes the texts of its routers, which compile. Puts none of them into its place.
 *
 * @param root - The project's folder
 * @param file - Path of the description
 * @param force - Overwrite imported files that were changed since
 * @throws {Error} when the description cannot be read
 */
export async function importDescription(
  root: string,
  file: string,
  selection: Selection,
  { force }: { readonly force: boolean },
): Promise<Imported> {
  const document = await openDocument(file);
  const found = operationsIn(document);
  if (found.length === 0) throw new Error(`${file} has no paths${whatInstead(document)}.`);
  const server = commonServer(
    document,
    found.flatMap((one) => ('operation' in one ? one.operation : [])),
  );
  const evaluate = createEvaluator(document, createShapes(document), server);
  const groups = groupsOf(found, selection, (name) => existingEndpoints(join(root, routerFile(name))));
  const asked = new Set(groups.flatMap(({ operations }) => operations));
  const results = new Map<Operation, Evaluated>(
    [...asked].map((operation) => [operation, evaluate(operation)]),
  );
  const files = await compiledRouters(root, document, groups, results, force);

  const unread = found.flatMap((one) =>
    'reason' in one && isBelow(one.path, selection.prefix) ? [[labelOf(one), one.reason] as const] : [],
  );
  const failed = [...results].flatMap(([operation, result]) =>
    'reason' in result ? [[labelOf(operation), result.reason] as const] : [],
  );
  const noted = [...results].flatMap(([operation, result]) =>
    'notes' in result && result.notes.length > 0 ? [[labelOf(operation), result.notes] as const] : [],
  );
  return {
    files,
    operations: asked.size + unread.length,
    endpoints: asked.size - failed.length,
    leftOut: new Map([...failed, ...unread]),
    notes: new Map(noted),
    server,
  };
}

const whatInstead = ({ root }: Document) =>
  isObject(objectIn(root.value)['webhooks']) ? ', only webhooks: those are calls to you, not by you' : '';
