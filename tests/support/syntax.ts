import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Node } from 'typescript/unstable/ast';
import {
  isCallExpression,
  isExportDeclaration,
  isExternalModuleReference,
  isIdentifier,
  isImportDeclaration,
  isImportSpecifier,
  isImportTypeNode,
  isJsxAttribute,
  isLiteralTypeNode,
  isMetaProperty,
  isModuleDeclaration,
  isNoSubstitutionTemplateLiteral,
  isPrivateIdentifier,
  isPropertyAccessExpression,
  isPropertyAssignment,
  isShorthandPropertyAssignment,
  isStringLiteral,
} from 'typescript/unstable/ast/is';
import { API } from 'typescript/unstable/sync';
import { temporaryFolder } from './environment';

/** Only the syntax counts: no file is looked for that another one imports. */
const SYNTAX_ONLY = { noResolve: true, noLib: true, allowJs: true, jsx: 'preserve', types: [], noEmit: true };

/** `import()`, `require()`, `require.resolve()`, `createRequire(…).resolve()`, `import.meta.resolve()`. */
const LOADERS = /^(?:import|require|import\.meta\.resolve|(?:require|createRequire\(.*\))\.resolve)$/s;

/** What a source file says, as the compiler reads it. */
export interface Syntax {
  /** What it imports: types, re-exports and declarations that extend a module count too. */
  readonly imports: readonly string[];
  /** Names that it declares: of variables, parameters, functions, types and their members. */
  readonly declares: readonly string[];
}

/**
 * Reads source files by the compiler's own parser.
 *
 * @param files - Absolute paths
 * @returns What they say, by file
 */
export function syntaxOf(files: readonly string[]): Map<string, Syntax> {
  const configuration = join(temporaryFolder(), 'tsconfig.json');
  writeFileSync(configuration, JSON.stringify({ compilerOptions: SYNTAX_ONLY, files }));
  const api = new API();
  try {
    const project = api.updateSnapshot({ openProjects: [configuration] }).getProject(configuration);
    return new Map(
      files.map((file) => {
        const source = project?.program.getSourceFile(file);
        if (!source) throw new Error(`The compiler does not read ${file}.`);
        return [file, { imports: found(source, specifierIn), declares: found(source, declaredName) }];
      }),
    );
  } finally {
    api.close();
  }
}

function found(source: Node, look: (node: Node) => string | null): string[] {
  const names: string[] = [];
  const visit = (node: Node): void => {
    const name = look(node);
    if (name !== null) names.push(name);
    node.forEachChild((child) => visit(child));
  };
  visit(source);
  return names;
}

function specifierIn(node: Node): string | null {
  const specifier = specifierOf(node);
  return specifier && (isStringLiteral(specifier) || isNoSubstitutionTemplateLiteral(specifier))
    ? specifier.text
    : null;
}

function specifierOf(node: Node): Node | undefined {
  if (isImportDeclaration(node) || isExportDeclaration(node)) return node.moduleSpecifier;
  if (isExternalModuleReference(node)) return node.expression;
  if (isModuleDeclaration(node)) return node.name;
  if (isImportTypeNode(node)) return isLiteralTypeNode(node.argument) ? node.argument.literal : undefined;
  return isCallExpression(node) && LOADERS.test(node.expression.getText()) ? node.arguments[0] : undefined;
}

function declaredName(node: Node): string | null {
  const { parent } = node;
  if (!(isIdentifier(node) || isPrivateIdentifier(node)) || !('name' in parent) || parent.name !== node)
    return null;
  return isOfAnother(parent) ? null : node.text.replace(/^#/, '');
}

/** What has a name that was declared elsewhere: a member that is read or given, and what a package exports. */
const isOfAnother = (node: Node) =>
  isPropertyAccessExpression(node) ||
  isPropertyAssignment(node) ||
  isShorthandPropertyAssignment(node) ||
  isJsxAttribute(node) ||
  isMetaProperty(node) ||
  (isImportSpecifier(node) && !node.propertyName);
