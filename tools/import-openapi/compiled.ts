import type { Assessed } from './assess';
import type { Document } from './description/document';
import { objectIn, textIn } from './description/json';
import type { Operation } from './description/operations';
import { endpointNames } from './names';
import { endpointsAt } from './router-file/blame';
import { sealed } from './router-file/checksum';
import { type Complaint, openStage, type Stage } from './router-file/stage';
import { type Entry, routerText } from './router-file/text';
import { type Group, routerFile } from './routers';
import { isRefusal, outcomeOf, type RouterFile } from './write';

interface Named {
  readonly group: Group;
  readonly path: string;
  /** A name for each operation. */
  readonly names: readonly string[];
}

/**
 * Writes the files of routers, and leaves out what the compiler does not like, until it has nothing to say. What is
 * in its place already was compiled before, and what cannot be put there need not be.
 *
 * @param root - The project's folder
 * @param results - What became of each operation; is told of those that do not compile
 * @param force - Overwrite imported files that were changed since
 */
export async function compiledRouters(
  root: string,
  document: Document,
  groups: readonly Group[],
  results: Map<Operation, Assessed>,
  force: boolean,
): Promise<RouterFile[]> {
  const routers = groups.map((group) => ({
    group,
    path: routerFile(group.file),
    names: endpointNames(group.key, group.operations),
  }));
  const tempProject = openStage(root);
  try {
    for (;;) {
      const files = await filesOf(root, document, routers, results, tempProject, force);
      if (files.some(({ outcome }) => isRefusal(outcome))) return files;
      const changed = files.filter(({ outcome }) => outcome === 'written');
      const complaints = await tempProject.complaints(changed.map(({ path }) => path));
      if (complaints.length === 0) return files;
      for (const complaint of complaints) endpointsAtLine(complaint, routers, files, results);
    }
  } finally {
    tempProject.close();
  }
}

async function filesOf(
  root: string,
  document: Document,
  routers: readonly Named[],
  results: ReadonlyMap<Operation, Assessed>,
  tempProject: Stage,
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
    const text = sealed(texts.get(path) ?? '', adviceIn(document, origin));
    const endpoints = entries.get(path)?.length ?? 0;
    const outcome = outcomeOf(root, { path, text }, origin, force);
    return { path, key: group.key, text, endpoints, outcome };
  });
}

function entriesOf({ group, names }: Named, results: ReadonlyMap<Operation, Assessed>): Entry[] {
  return group.operations.flatMap((operation, n) => {
    const result = results.get(operation);
    return result && 'endpoint' in result ? [{ name: names[n] ?? '', endpoint: result.endpoint }] : [];
  });
}

const infoOf = (document: Document) => objectIn(objectIn(document.root.value)['info']);

/** Tag and title; the version may change. */
const originIn = (document: Document, { tag }: Group) =>
  `(${tag} of ${textIn(infoOf(document)['title']) ?? ''}`.replace(/\s+/g, ' ').trimEnd();

function adviceIn(document: Document, origin: string): string {
  const version = textIn(infoOf(document)['version']);
  const whole = version === null ? origin : `${origin} ${version}`.replace(/\s+/g, ' ');
  return `Written from a description ${whole}): change that and import it again.`;
}

function endpointsAtLine(
  { path, line, message }: Complaint,
  routers: readonly Named[],
  files: readonly RouterFile[],
  results: Map<Operation, Assessed>,
): void {
  const router = routers.find((one) => one.path === path);
  const file = files.find((one) => one.path === path);
  if (!router || !file) return;
  // The compiler saw the file without its first line, the checksum.
  for (const name of endpointsAt(file.text.slice(file.text.indexOf('\n') + 1), line)) {
    const operation = router.group.operations[router.names.indexOf(name)];
    if (operation)
      results.set(operation, { reason: `its code does not compile: ${message.replace(/\.$/, '')}` });
  }
}
