import { writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import type { Node } from 'typescript/unstable/ast';
import {
  isCallExpression,
  isExportDeclaration,
  isImportDeclaration,
  isImportTypeNode,
  isLiteralTypeNode,
  isModuleDeclaration,
  isStringLiteral,
} from 'typescript/unstable/ast/is';
import { API } from 'typescript/unstable/sync';
import { temporaryFolder } from './environment';

/** Only the syntax counts: no file is looked for that another one imports. */
const SYNTAX_ONLY = { noResolve: true, noLib: true, allowJs: true, jsx: 'preserve', types: [], noEmit: true };

/** `import()`, `require()`, `require.resolve()`, `createRequire(…).resolve()`, `import.meta.resolve()`. */
const LOADERS = /^(?:import|require|import\.meta\.resolve|(?:require|createRequire\(.*\))\.resolve)$/s;

/**
 * Returns which packages some source files import, as the compiler reads them: types, re-exports and declarations
 * that extend a module count too; Node's own modules and files of the project do not.
 *
 * @param files - Absolute paths
 * @returns Names of packages, by file
 */
export function packagesImportedBy(files: readonly string[]): Map<string, Set<string>> {
  const configuration = join(temporaryFolder(), 'tsconfig.json');
  writeFileSync(configuration, JSON.stringify({ compilerOptions: SYNTAX_ONLY, files }));
  const api = new API();
  try {
    const project = api.updateSnapshot({ openProjects: [configuration] }).getProject(configuration);
    return new Map(
      files.map((file) => {
        const source = project?.program.getSourceFile(file);
        if (!source) throw new Error(`The compiler does not read ${file}.`);
        return [file, new Set(specifiersIn(source).filter(isOfPackage).map(packageOf))];
      }),
    );
  } finally {
    api.close();
  }
}

function specifiersIn(source: Node): string[] {
  const found: string[] = [];
  const visit = (node: Node): void => {
    const specifier = specifierOf(node);
    if (specifier && isStringLiteral(specifier)) found.push(specifier.text);
    node.forEachChild((child) => visit(child));
  };
  visit(source);
  return found;
}

function specifierOf(node: Node): Node | undefined {
  if (isImportDeclaration(node) || isExportDeclaration(node)) return node.moduleSpecifier;
  if (isModuleDeclaration(node)) return node.name;
  if (isImportTypeNode(node)) return isLiteralTypeNode(node.argument) ? node.argument.literal : undefined;
  return isCallExpression(node) && LOADERS.test(node.expression.getText()) ? node.arguments[0] : undefined;
}

/** `@/` is the root folder, by tsconfig.json. */
const isOfPackage = (specifier: string) => !/^(?:\.|\/|@\/|file:)/.test(specifier) && !isBuiltin(specifier);

const packageOf = (specifier: string) => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
