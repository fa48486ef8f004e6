import type { Document } from '../description/document.js';
import { objectIn, textIn } from '../description/json.js';
import type { Operation } from '../description/operations.js';
import type { Evaluated } from '../endpoint/evaluate.js';
import { endpointsAt } from './endpoints-at-line.js';
import { type Group, routerFile } from './groups.js';
import { withChecksum } from './imported-file.js';
import { endpointNames } from './router-names.js';
import { type Diagnostic, openTempProject, type TempProject } from './temp-project.js';
import { type Entry, routerText } from './text.js';
import { isRefusal, outcomeOf, type RouterFile } from './write.js';

interface NamedGroup {
  readonly group: Group;
  readonly path: string;
  /** A name for each operation. */
  readonly names: readonly string[];
}

/**
 * Makes the files of routers, and leaves out the operations in which the compiler finds errors until it finds none.
 * Files that are in their place already were compiled before; files that may not be put there are not compiled.
 *
 * @param root - The project's folder
 * @param results - What becomes of each operation; those that do not compile are set to a reason
 * @param force - Overwrite imported files that were changed since
 */
export async function compiledRouters(
  root: string,
  document: Document,
  groups: readonly Group[],
  results: Map<Operation, Evaluated>,
  force: boolean,
): Promise<RouterFile[]> {
  const routers = groups.map((group) => ({
    group,
    path: routerFile(group.file),
    names: endpointNames(group.key, group.operations),
  }));
  const tempProject = openTempProject(root);
  try {
    for (;;) {
      const files = await filesOf(root, document, routers, results, tempProject, force);
      if (files.some(({ outcome }) => isRefusal(outcome))) return files;
      const changed = files.filter(({ outcome }) => outcome === 'written');
      const diagnostics = await tempProject.diagnostics(changed.map(({ path }) => path));
      if (diagnostics.length === 0) return files;
      for (const diagnostic of diagnostics) leaveOut(diagnostic, routers, files, results);
    }
  } finally {
    tempProject.close();
  }
}

async function filesOf(
  root: string,
  document: Document,
  routers: readonly NamedGroup[],
  results: ReadonlyMap<Operation, Evaluated>,
  tempProject: TempProject,
  force: boolean,
): Promise<RouterFile[]> {
  const entries = new Map(routers.map((router) => [router.path, entriesOf(router, results)] as const));
  const filled = routers.filter(({ path }) => entries.get(path)?.length);
  const codes = new Map(
    filled.map(({ path, group }) => [path, routerText(group.key, entries.get(path) ?? [])] as const),
  );
  const texts = await tempProject.put(codes);
  return filled.map(({ path, group }) => {
    const origin = originIn(document, group);
    const text = withChecksum(texts.get(path) ?? '', adviceIn(document, origin));
    const endpoints = entries.get(path)?.length ?? 0;
    const outcome = outcomeOf(root, { path, text }, origin, force);
    return { path, key: group.key, text, endpoints, outcome };
  });
}

function entriesOf({ group, names }: NamedGroup, results: ReadonlyMap<Operation, Evaluated>): Entry[] {
  return group.operations.flatMap((operation, n) => {
    const result = results.get(operation);
    return result && 'endpoint' in result ? [{ name: names[n] ?? '', endpoint: result.endpoint }] : [];
  });
}

const infoOf = (document: Document) => objectIn(objectIn(document.root.value)['info']);

/** Tag and title identify the origin of a file; the version may change. */
const originIn = (document: Document, { tag }: Group) =>
  `(${tag} of ${textIn(infoOf(document)['title']) ?? ''}`.replace(/\s+/g, ' ').trimEnd();

function adviceIn(document: Document, origin: string): string {
  const version = textIn(infoOf(document)['version']);
  const whole = version === null ? origin : `${origin} ${version}`.replace(/\s+/g, ' ');
  return `Written from a description ${whole}): change that and import it again.`;
}

function leaveOut(
  { path, line, message }: Diagnostic,
  routers: readonly NamedGroup[],
  files: readonly RouterFile[],
  results: Map<Operation, Evaluated>,
): void {
  const router = routers.find((one) => one.path === path);
  const file = files.find((one) => one.path === path);
  if (!router || !file) return;
  // The compiler read the file without its first line, the checksum.
  for (const name of endpointsAt(file.text.slice(file.text.indexOf('\n') + 1), line)) {
    const operation = router.group.operations[router.names.indexOf(name)];
    if (operation)
      results.set(operation, { reason: `its code does not compile: ${message.replace(/\.$/, '')}` });
  }
}
