// Programs that tests start in a process or a thread of their own: a file `x-child.ts` beside the test. They are made
// JavaScript together with the tests (tools/test/transpile.mjs), because reading TypeScript takes a process half a second.

import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const top = join(import.meta.dirname, "..", "..");

/**
 * Returns the module of such a program.
 * @param name Of its file, "x-child.ts".
 * @param test `import.meta.url` of the file beside it.
 */
export function childModule(name: string, test: string): URL {
  const source = new URL(name, test);
  const modules = process.env.MANIFOLD_TEST_MODULES;
  // A single test that is run by tsx starts programs that are.
  if (modules === undefined) return source;
  const path = relative(top, fileURLToPath(source));
  return pathToFileURL(join(modules, path.replace(/ts$/, "mjs")));
}

/** Returns what Node is started with to run it. */
export function childProgram(name: string, test: string): string[] {
  const path = fileURLToPath(childModule(name, test));
  return path.endsWith(".ts") ? ["--import", "tsx", path] : [path];
}
