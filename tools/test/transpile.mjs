// Makes JavaScript of test files and all they import, once for a whole run: a process that has to do
// so for itself takes half a second of a core more before its first test. What is shared becomes
// chunks that many files load. Source maps make stacks name the lines of the .ts files.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

/** How old a folder is that was left behind by a killed run. */
const leftBehindMs = 24 * 3_600_000;

/**
 * Writes a folder with a module for every test file, and for every program x-child.ts: FOLDER/test/x.mjs of test/x.ts.
 * @param {string} top The checkout; its node_modules holds esbuild and what tests import.
 * @param {string[]} files Relative to `top`.
 * @returns {Promise<string>} The folder, below `top` so that packages are found; the caller removes it.
 * @throws When a file does not compile; esbuild has printed why.
 */
export async function transpile(top, files) {
  const { build } = await import("esbuild"); // Not there yet when a fresh clone is being installed.
  const runs = join(top, ".build/tests");
  mkdirSync(runs, { recursive: true });
  removeLeftBehind(runs);
  const folder = mkdtempSync(join(runs, "run-"));
  await build({
    absWorkingDir: top,
    entryPoints: [...new Set([...files, ...programs(top)])],
    outdir: folder,
    outbase: top,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    chunkNames: "chunks/[name]-[hash]",
    format: "esm",
    platform: "node",
    target: "node20.19",
    packages: "external",
    sourcemap: true,
    sourcesContent: false,
    logLevel: "warning",
    define: { "import.meta.url": "sourceUrl", "import.meta.dirname": "sourceFolder" },
    plugins: [sourceAddresses],
  });
  return folder;
}

/** Programs that tests start in processes and threads of their own. */
function programs(top) {
  return readdirSync(join(top, "test"), { recursive: true })
    .filter((name) => name.endsWith("-child.ts"))
    .map((name) => join("test", name));
}

/** A module goes on finding what lies beside its source, wherever it runs from. */
const sourceAddresses = {
  name: "source addresses",
  setup(build) {
    build.onLoad({ filter: /\.(ts|mjs)$/ }, ({ path }) => {
      const text = readFileSync(path, "utf8");
      if (!text.includes("import.meta")) return undefined;
      const url = JSON.stringify(pathToFileURL(path).href);
      const folder = JSON.stringify(dirname(path));
      // In the first line, so that the lines after it keep their numbers.
      const contents = `const sourceUrl = ${url}, sourceFolder = ${folder}; ${text}`;
      return { contents, loader: path.endsWith(".ts") ? "ts" : "js" };
    });
  },
};

function removeLeftBehind(runs) {
  for (const name of readdirSync(runs)) {
    const path = join(runs, name);
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined || Date.now() - stats.mtimeMs < leftBehindMs) continue;
    rmSync(path, { recursive: true, force: true });
  }
}
