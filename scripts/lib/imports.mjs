import ts from 'typescript';

/** @typedef {{ specifier: string, line: number }} Import */

/** @param {ts.Node | undefined} node @returns {ts.StringLiteralLike | undefined} */
function literal(node) {
  return node && ts.isStringLiteralLike(node) ? node : undefined;
}

/** @param {ts.CallExpression} call */
function loadsModule(call) {
  if (call.expression.kind === ts.SyntaxKind.ImportKeyword) return true;
  return ts.isIdentifier(call.expression) && call.expression.text === 'require';
}

/** @param {ts.Node} node @returns {ts.StringLiteralLike | undefined} the module that this node names */
function moduleNamedBy(node) {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return literal(node.moduleSpecifier);
  if (ts.isExternalModuleReference(node)) return literal(node.expression);
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return literal(node.argument.literal);
  if (ts.isCallExpression(node) && loadsModule(node)) return literal(node.arguments[0]);
  return undefined;
}

/**
 * Lists what a file imports: static, dynamic, `require`, `export from`, `import type` and `import('x').T` alike.
 * @param {string} text @param {string} fileName @returns {Import[]}
 */
export function findImports(text, fileName) {
  const file = ts.createSourceFile(fileName, text, ts.ScriptTarget.Latest, true);
  /** @type {Import[]} */
  const found = [];
  const visit = (/** @type {ts.Node} */ node) => {
    const name = moduleNamedBy(node);
    if (name) found.push({ specifier: name.text, line: file.getLineAndCharacterOfPosition(name.getStart()).line + 1 });
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}
