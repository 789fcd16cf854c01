// Part of every build: loads a bundle in the form that the engine compiled it to when the build was
// made, which halves the time until the first directory is read. The engine checks that form against
// the source, its own version and its flags; where they differ it is compiled anew, as ever.
// It is a CommonJS module, as all of a build are: Node's loader for the other kind starts 6 ms later, in every lane.

const { readFileSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const { pathToFileURL } = require("node:url");
const { Script } = require("node:vm");

/**
 * Most runs last less than a second, and each lane is an engine of its own: optimizing code as early as a browser does
 * costs more than it gains. Bytes of executed code before a function is optimized; 132 KB unless said otherwise.
 * Known to help V8 11 (Node.js 20): 10 % of a run on a kernel tree. Other engines keep their own rule.
 * The launcher has said so already where it knows the engine: node:v8 brings thirty modules along.
 */
const budget = "--interrupt-budget=400000";
if (process.versions.v8.startsWith("11.") && !process.execArgv.includes(budget)) {
  require("node:v8").setFlagsFromString(budget);
}

/**
 * Runs NAME.cjs of this build, which is the text of a function, and returns its exports. With MANIFOLD_COMPILE in the
 * environment, the compiled form of all that was run is written beside it when the thread ends.
 * @param {string} name
 */
function load(name) {
  const path = join(__dirname, `${name}.cjs`);
  const compiled = join(__dirname, `${name}.compiled`);
  const script = new Script(readFileSync(path, "latin1"), {
    filename: path,
    cachedData: readIfThere(compiled),
  });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, requireFrom, module, pathToFileURL(path).href);
  if (process.env.MANIFOLD_COMPILE !== undefined) {
    const mode = 0o644;
    process.once("exit", () => writeFileSync(compiled, script.createCachedData(), { mode }));
  }
  return module.exports;
}

/** Modules of Node that every run needs, or that are called so often that they must be had as they are. */
const atOnce = new Set(["node:fs", "node:process"]);

/** Other bundles of the build are loaded as this one was; everything else is Node's or a package. */
function requireFrom(name) {
  const own = /^\.\/(.*)\.cjs$/.exec(name);
  if (own !== null) return load(own[1]);
  // What a bundle would make with node:module is what loads this file.
  if (name === "node:module") return { createRequire: () => require };
  return name.startsWith("node:") && !atOnce.has(name) ? late(name) : require(name);
}

/**
 * A module of Node that is loaded when something of it is first asked for: a run on one machine needs neither network
 * nor keys, and loading them takes as long as a small job.
 */
function late(name) {
  let found;
  const module = () => {
    found ??= require(name);
    return found;
  };
  return new Proxy(
    {},
    {
      get: (_, key) => module()[key],
      has: (_, key) => key in module(),
      ownKeys: () => Reflect.ownKeys(module()),
      // A proxy may not show what cannot be taken away where its own object has nothing.
      getOwnPropertyDescriptor: (_, key) => {
        const shown = Reflect.getOwnPropertyDescriptor(module(), key);
        return shown && { ...shown, configurable: true };
      },
    },
  );
}

function readIfThere(path) {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

module.exports = { load };
