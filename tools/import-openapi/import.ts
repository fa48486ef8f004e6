import { join } from 'node:path';
import { type Assessed, createAssessment } from './assess';
import { compiledRouters } from './compiled';
import { type Document, openDocument } from './description/document';
import { isObject, objectIn } from './description/json';
import { labelOf, type Operation, operationsIn, serverOf } from './description/operations';
import { endpointsIn } from './router-file/present';
import { groupsOf, isBelow, routerFile, type Selection } from './routers';
import { createShapes } from './schema/build';
import type { RouterFile } from './write';

/** What an import makes of a description. */
export interface Imported {
  readonly files: readonly RouterFile[];
  /** The operations that were asked for. */
  readonly operations: number;
  /** Those of them that became endpoints. */
  readonly endpoints: number;
  /** Those that are left out, and why, by method and path. */
  readonly leftOut: ReadonlyMap<string, string>;
  /** What is not checked or not sent, by method and path. */
  readonly notes: ReadonlyMap<string, readonly string[]>;
  /** The address of the server that `UPSTREAM_URL` stands for, as the description has it. */
  readonly server: string | null;
}

/**
 * Reads a description and writes the routers of it, as text that compiles.
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
  const evaluateEndpoint = createAssessment(document, createShapes(document), server);
  const groups = groupsOf(found, selection, (name) => endpointsIn(join(root, routerFile(name))));
  const asked = new Set(groups.flatMap(({ operations }) => operations));
  const results = new Map<Operation, Assessed>([...asked].map((operation) => [operation, evaluateEndpoint(operation)]));
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

/** The server of most operations: one upstream has one address. */
function commonServer(document: Document, operations: readonly Operation[]): string | null {
  const counts = new Map<string, number>();
  for (const operation of operations) {
    const server = serverOf(document, operation);
    if (server !== null) counts.set(server, (counts.get(server) ?? 0) + 1);
  }
  return [...counts].toSorted(([, a], [, b]) => b - a)[0]?.[0] ?? null;
}
