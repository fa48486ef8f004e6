import { isBuiltin } from 'node:module';
import { syntaxOf } from './syntax';

/**
 * Returns which packages some source files import, as the compiler reads them; Node's own modules and files of the
 * project do not count.
 *
 * @param files - Absolute paths
 * @returns Names of packages, by file
 */
export function packagesImportedBy(files: readonly string[]): Map<string, Set<string>> {
  return new Map(
    [...syntaxOf(files)].map(([file, { imports }]) => [
      file,
      new Set(imports.filter(isOfPackage).map(packageOf)),
    ]),
  );
}

/** `@/` is the root folder, by tsconfig.json. */
const isOfPackage = (specifier: string) => !/^(?:\.|\/|@\/|file:)/.test(specifier) && !isBuiltin(specifier);

const packageOf = (specifier: string) => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
