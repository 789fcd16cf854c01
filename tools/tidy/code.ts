// Tidiness of code: header comments, docstrings, lengths, parameters, doors of rooms.

import ts from "typescript";
import type { Finding, TextFile } from "./finding.ts";

/** Lines a file may have. */
const linesMax = 300;
const testLinesMax = 500;
/** A file whose header says this may be longer, and its constants need no docstrings. */
const tableMark = /this file is a table/i;
/**
 * Parameters a function may have; one whose comment says "hot loop" may have more. Four are the
 * aim; up to six primitives of different kinds still read well in code that must not allocate.
 */
const parametersMax = 6;
/** Lines of header that the sign of a room (src/ROOM/index.ts) has at least. */
const signLinesMin = 3;

/** Checks one TypeScript or JavaScript file. */
export function checkCode({ path, text }: TextFile): Finding[] {
  const findings: Finding[] = [];
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, false);
  const say = (position: number, says: string): void => {
    const line = source.getLineAndCharacterOfPosition(position).line + 1;
    findings.push({ file: path, line, says });
  };
  checkHeader(path, text, say);
  checkLength(path, text, say);
  for (const statement of source.statements) {
    if (!path.endsWith(".test.ts")) checkDocstring(statement, source, say);
    const exportsAll = ts.isExportDeclaration(statement) && statement.exportClause === undefined;
    if (exportsAll && path.startsWith("src/")) {
      say(statement.getStart(source), "name what is exported: `export *` hides a room's door");
    }
  }
  visitFunctions(source, source, say);
  return findings;
}

type Say = (position: number, says: string) => void;

function checkHeader(path: string, text: string, say: Say): void {
  const header = headerOf(text);
  if (header === "") {
    say(0, "begin the file with a comment: what it is, why it exists, what it is not");
  } else if (/^src\/[^/]+\/index\.ts$/.test(path) && header.split("\n").length < signLinesMin) {
    say(
      0,
      `a room's sign has at least ${signLinesMin} lines: the job, data in and out, no promises`,
    );
  }
}

/** Returns the comment that the file begins with, after a #! line. */
function headerOf(text: string): string {
  const start = text.startsWith("#!") ? text.indexOf("\n") + 1 : 0;
  return /^(\/\/.*\n?)+|^\/\*(?!\*)[\s\S]*?\*\//.exec(text.slice(start))?.[0].trimEnd() ?? "";
}

function checkLength(path: string, text: string, say: Say): void {
  const max = path.startsWith("test/") ? testLinesMax : linesMax;
  const count = text.split("\n").length - 1;
  if (count > max && !tableMark.test(headerOf(text))) {
    say(0, `${count} lines, the limit is ${max}: split it by concept`);
  }
}

function checkDocstring(statement: ts.Statement, source: ts.SourceFile, say: Say): void {
  if (!isExported(statement) || ts.isExportDeclaration(statement)) return;
  if (ts.isExportAssignment(statement)) return;
  const ranges = ts.getLeadingCommentRanges(source.text, statement.getFullStart()) ?? [];
  const last = ranges.at(-1);
  const comment = last === undefined ? "" : source.text.slice(last.pos, last.end);
  if (comment.startsWith("/**")) return;
  if (ts.isVariableStatement(statement) && tableMark.test(headerOf(source.text))) return;
  if (isLaterOverload(statement, source) || isLaterConstant(statement, source)) return;
  say(statement.getStart(source), `give ${nameOf(statement, source)} a docstring (/** ... */)`);
}

function isExported(statement: ts.Statement): boolean {
  if (!ts.canHaveModifiers(statement)) return false;
  const modifiers = ts.getModifiers(statement) ?? [];
  return modifiers.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
}

/** One docstring may head a run of constants that no blank line interrupts. */
function isLaterConstant(statement: ts.Statement, source: ts.SourceFile): boolean {
  const before = source.statements[source.statements.indexOf(statement) - 1];
  if (before === undefined || !ts.isVariableStatement(statement)) return false;
  const between = source.text.slice(before.end, statement.getStart(source));
  if (!ts.isVariableStatement(before) || /\n\s*\n/.test(between)) return false;
  const ranges = ts.getLeadingCommentRanges(source.text, before.getFullStart()) ?? [];
  const hasDocstring = ranges.some(({ pos }) => source.text.startsWith("/**", pos));
  return hasDocstring || isLaterConstant(before, source);
}

/** The docstring of an overloaded function stands above its first signature. */
function isLaterOverload(statement: ts.Statement, source: ts.SourceFile): boolean {
  const before = source.statements[source.statements.indexOf(statement) - 1];
  return (
    before !== undefined &&
    ts.isFunctionDeclaration(before) &&
    ts.isFunctionDeclaration(statement) &&
    before.name?.text === statement.name?.text
  );
}

function nameOf(statement: ts.Statement, source: ts.SourceFile): string {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations[0]?.name.getText(source) ?? "this";
  }
  const { name } = statement as ts.Statement & { name?: ts.Identifier };
  return name?.text ?? "this";
}

/** Walks the tree with the comment above the nearest statement or member in hand. */
function visitFunctions(node: ts.Node, source: ts.SourceFile, say: Say): void {
  node.forEachChild((child) => {
    if (
      ts.isFunctionLike(child) &&
      "body" in child &&
      child.body !== undefined &&
      child.parameters.length > parametersMax
    ) {
      // The comment stands above the function, or above the statement that names it.
      const above = source.text.slice(node.getFullStart(), child.getStart(source));
      const own = source.text.slice(child.getFullStart(), child.getStart(source));
      if (!/hot loop/i.test(above + own)) {
        const count = child.parameters.length;
        say(
          child.getStart(source),
          `${count} parameters, the limit is ${parametersMax}: take an options object, or say "hot loop" in the comment`,
        );
      }
    }
    visitFunctions(child, source, say);
  });
}
