// Part of every build: loads a bundle in the form that the engine compiled it to when the build was
// made, which halves the time until the first directory is read. The engine checks that form against
// the source, its own version and its flags; where they differ it is compiled anew, as ever.

import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import process from "node:process";
import { setFlagsFromString } from "node:v8";
import { Script } from "node:vm";

const here = new URL(".", import.meta.url);
const requirePackage = createRequire(here);

/**
 * Runs NAME.cjs of this build and returns its exports. With MANIFOLD_COMPILE in the environment, the compiled form of
 * all that was run is written beside it when the thread ends.
 * @param {string} name
 */
export function load(name) {
  const url = new URL(`${name}.cjs`, here);
  const code = readFileSync(url, "latin1");
  const compiled = new URL(`${name}.compiled`, here);
  const script = new Script(`(function(exports,require,module,__url){${code}\n})`, {
    filename: url.pathname,
    cachedData: readIfThere(compiled),
  });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, requireFrom, module, url.href);
  if (process.env.MANIFOLD_COMPILE === undefined) optimizeLate();
  else {
    const mode = 0o644;
    process.once("exit", () => writeFileSync(compiled, script.createCachedData(), { mode }));
  }
  return module.exports;
}

/**
 * Most runs last less than a second, and each lane is an engine of its own: optimizing code as early as a browser does
 * costs more than it gains. Bytes of executed code before a function is optimized; 66 KB unless said otherwise.
 * Known to help V8 11 (Node.js 20): 10 % of a run on a kernel tree. Other engines keep their own rule. Only now, since
 * compiled forms, Node's own ones included, are good for the flags that they were made with.
 */
function optimizeLate() {
  if (process.versions.v8.startsWith("11.")) setFlagsFromString("--interrupt-budget=400000");
}

/** Other bundles of the build are loaded as this one was; everything else is Node's or a package. */
function requireFrom(name) {
  const own = /^\.\/(.*)\.cjs$/.exec(name);
  return own === null ? requirePackage(name) : load(own[1]);
}

function readIfThere(url) {
  try {
    return readFileSync(url);
  } catch {
    return undefined;
  }
}
