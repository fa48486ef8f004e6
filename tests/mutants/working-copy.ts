import {
  copyFileSync,
  cpSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MADE } from './sources';

/** A copy of the project, for trying one mutant after the other; gone when this process ends. */
export class WorkingCopy {
  readonly folder = mkdtempSync(join(tmpdir(), 'bff-mutants-'));

  /** @param root - The project's folder, absolute; its packages are installed */
  constructor(root: string) {
    process.once('exit', () => rmSync(this.folder, { recursive: true, force: true }));
    copyFolder(root, this.folder);
  }

  /** Overwrites files with texts, by path below the folder. */
  write(texts: ReadonlyMap<string, string>): void {
    for (const [path, text] of texts) writeFileSync(join(this.folder, path), text);
  }
}

function copyFolder(from: string, to: string): void {
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (MADE.includes(entry.name)) continue;
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (!entry.isDirectory()) {
      cpSync(source, target, { verbatimSymlinks: true });
      continue;
    }
    mkdirSync(target);
    if (entry.name === 'node_modules') linkPackages(source, target);
    else copyFolder(source, target);
  }
}

/** Hard links are files of the copy's own, as bundlers want them, and take no time. */
function linkPackages(from: string, to: string): void {
  for (const name of readdirSync(from)) {
    // Tools keep caches in folders with a dot, and write into the files there.
    if (name === '.bin' || !name.startsWith('.')) link(join(from, name), join(to, name));
  }
}

function link(from: string, to: string): void {
  const stats = lstatSync(from);
  if (stats.isDirectory()) {
    mkdirSync(to);
    for (const name of readdirSync(from)) link(join(from, name), join(to, name));
  } else if (stats.isSymbolicLink()) {
    // npm's links to packages of a workspace are relative: here they lead to the copies of those.
    cpSync(from, to, { verbatimSymlinks: true });
  } else {
    try {
      linkSync(from, to);
    } catch {
      // On another file system.
      copyFileSync(from, to);
    }
  }
}
