// `npm test`: everything, from a fresh clone on. Installs npm packages and the oracles' Debian
// packages, builds, runs the static checks, then the tests.
//   node tools/test.mjs [--long] [FOLDER or FILE.test.ts]...
// --long runs the seeded suites at their full counts (MANIFOLD_LONG=1). With names given, only
// those tests run, and no static checks. Node's own modules only, until the packages are there.

import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensurePackages, Trouble } from "./build/install.mjs";
import { build } from "./build.mjs";
import { check } from "./check.mjs";
import { ensurePrograms } from "./test/debian.mjs";
import { runFiles } from "./test/run-files.mjs";
import { makeScratch } from "./test/scratch.mjs";

const top = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(top);

async function main(args) {
  const isLong = args.includes("--long");
  const named = args.filter((argument) => argument !== "--long");
  console.log("checking npm and Debian packages");
  await ensurePackages(
    top,
    () => true,
    (line) => console.log(line),
  );
  ensurePrograms();
  // The compiler of the checks keeps one processor busy, the build the other.
  const [, isClean] = await Promise.all([build(join(top, ".build")), named.length > 0 || check()]);
  const files = listTests(named.length > 0 ? named : ["test"]);
  const env = {
    ...process.env,
    ...(isLong && { MANIFOLD_LONG: "1" }),
    NODE_OPTIONS: "",
    TMPDIR: makeScratch(),
    // Reading them is half of what it takes Node to start; npm alone needs them.
    NODE_EXTRA_CA_CERTS: undefined,
    MANIFOLD_TEST_CA_CERTS: process.env.NODE_EXTRA_CA_CERTS,
  };
  const hasPassed = await runFiles(files, { env, minutesMax: isLong ? 120 : 4 });
  if (!isClean) console.log("static checks failed, see above");
  return isClean && hasPassed ? 0 : 1;
}

/** Returns the test files under the named folders, sorted; Node 20's --test takes no patterns. */
function listTests(names) {
  return names
    .filter((name) => existsSync(join(top, name)))
    .flatMap((name) =>
      statSync(join(top, name)).isDirectory()
        ? readdirSync(join(top, name), { recursive: true }).map((file) => join(name, file))
        : [name],
    )
    .filter((file) => file.endsWith(".test.ts"))
    .sort();
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.exitCode = 1;
  console.log(error instanceof Trouble ? error.message : error);
}
