// Makes one build: src/ bundled by esbuild into a few modules, and beside them the two packages
// that carry native code. A build needs nothing else of the checkout, so it goes on working while
// packages are installed anew, and it can live in another folder.

import { copyFileSync, existsSync, linkSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { Trouble } from "./install.mjs";

/**
 * The modules of a build, each a bundle of its own with exactly what it needs: what starts often
 * must not read what it does not run. Absent sources are passed over.
 */
const entries = {
  manifold: "src/cli/manifold.ts",
  "manifold-rsync": "src/cli/manifold-rsync.ts",
  "print-version": "src/cli/print-version.ts",
  "print-text": "src/cli/print-text.ts",
  main: "src/cli/main.ts",
  "run-serve": "src/cli/run-serve.ts",
  lane: "src/sync/lane.ts",
};

/** Those that load.cjs loads in compiled form: the large ones. */
const compiled = ["main", "lane", "print-text", "run-serve"];

/** Packages that stay outside the bundle because they load native code from their own folder. */
const nativePackages = ["koffi", "@napi-rs/blake-hash"];

/**
 * Bundles the sources under `top` into the folder `to`. What esbuild finds goes to stderr.
 * @param {{ top: string, packages: string, to: string }} where `packages` holds node_modules.
 * @throws {Trouble} When a source does not compile, after all findings have been printed.
 */
export async function bundle({ top, packages, to }) {
  const esbuild = createRequire(join(packages, "package.json"))("esbuild");
  const present = Object.entries(entries).filter(([, source]) => existsSync(join(top, source)));
  const builds = present.map(([name, source]) =>
    esbuild.build({
      absWorkingDir: top,
      entryPoints: { [name]: source },
      outdir: to,
      bundle: true,
      ...(compiled.includes(name) ? asScript : asModule),
      platform: "node",
      target: "node20.19",
      external: nativePackages,
      plugins: [entriesApart(name, new Map(present.map(([n, path]) => [join(top, path), n])))],
      charset: "ascii",
      // Shorter to read for the engine; names and short lines keep a bug's stack readable.
      minifyWhitespace: true,
      minifySyntax: true,
      lineLimit: 120,
      legalComments: "none",
      logLevel: "silent",
    }),
  );
  const outcomes = await Promise.allSettled(builds);
  const found = (kind) => outcomes.flatMap(({ value, reason }) => (value ?? reason)[kind] ?? []);
  await print(esbuild, "warning", found("warnings"));
  await print(esbuild, "error", found("errors"));
  const failed = outcomes.find(({ status }) => status === "rejected");
  if (failed === undefined) {
    addLoader(to);
    return;
  }
  throw failed.reason.errors ? new Trouble("cannot build: see above") : failed.reason;
}

const common = {
  format: "cjs",
  outExtension: { ".js": ".cjs" },
  define: { "import.meta.url": "__url" },
  supported: { "dynamic-import": false },
};
/** A CommonJS module: Node starts those sooner than the others. */
const asModule = {
  ...common,
  banner: { js: 'const __url=require("node:url").pathToFileURL(__filename).href;' },
};
/** The text of a function for load.cjs, which passes the script's address and what it requires. */
const asScript = {
  ...common,
  banner: { js: "(function(exports,require,module,__url){" },
  footer: { js: "})" },
};

/** Gives the build load.cjs, and to each bundle that it loads a module that does so. */
function addLoader(to) {
  copyFileSync(new URL("load.cjs", import.meta.url), join(to, "load.cjs"));
  for (const name of compiled) {
    if (!existsSync(join(to, `${name}.cjs`))) continue;
    const module = `module.exports=require("./load.cjs").load("${name}");\n`;
    writeFileSync(join(to, `${name}.start.cjs`), module);
  }
}

/**
 * Prints findings, each once: what several bundles contain, all of them find. esbuild would print
 * them itself, but from a process of its own, and so at any time before or after our last line.
 */
async function print(esbuild, kind, findings) {
  const each = new Map(
    findings.map(({ text, location }) => [JSON.stringify([text, location]), { text, location }]),
  );
  const texts = await esbuild.formatMessages([...each.values()], {
    kind,
    color: process.stderr.isTTY,
  });
  process.stderr.write(texts.join(""));
}

/** Makes `import("./entry.ts")` of another entry load that entry's own bundle, which scripts leave to load.cjs. */
function entriesApart(importer, names) {
  const isScript = compiled.includes(importer);
  return {
    name: "entries apart",
    setup(build) {
      build.onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir, kind }) => {
        const name = kind === "dynamic-import" && names.get(join(resolveDir, path));
        if (!name) return undefined;
        const starts = !isScript && compiled.includes(name);
        return { path: `./${name}${starts ? ".start" : ""}.cjs`, external: true };
      });
    },
  };
}

/**
 * Gives the build `to` its own node_modules with the native packages installed in `packages`.
 * Files are hard-linked where possible: no second copy on the disk.
 * @param {{ packages: string, to: string }} where
 */
export function addNativePackages({ packages, to }) {
  const names = [...nativePackages];
  for (const scope of ["@koromix", "@napi-rs"]) {
    const folder = join(packages, "node_modules", scope);
    if (existsSync(folder)) names.push(...readdirSync(folder).map((name) => `${scope}/${name}`));
  }
  for (const name of new Set(names)) {
    const from = join(packages, "node_modules", name);
    if (existsSync(from)) addFolder(from, join(to, "node_modules", name));
  }
}

function addFolder(from, to) {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (entry.isDirectory()) addFolder(join(from, entry.name), join(to, entry.name));
    else addFile(join(from, entry.name), join(to, entry.name));
  }
}

function addFile(from, to) {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to); // Another file system, or one without hard links.
  }
}
