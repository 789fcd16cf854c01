// Builds manifold: `node tools/build.mjs [BUILDS]` makes the folder BUILDS/DIGEST (default: .build)
// unless it is there already, and points BUILDS/current at it. The launcher runs it when that file
// is missing or older than a source. Any number of processes may do so at the same moment.
// `--pack` puts the build into dist/ for the npm package, `--unpack` removes that again.
//
// 1. take the lock; 2. digest the sources; 3. install packages if the build needs them; 4. bundle
// into a temporary folder, and again if a source changed meanwhile; 5. rename it to its digest;
// 6. write `current`, dated at the moment before step 2, so that any later edit is newer.

import { execFileSync } from "node:child_process";
import {
  accessSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { addNativePackages, bundle } from "./build/bundle.mjs";
import { compile, engineFlags } from "./build/compile.mjs";
import { ensurePackages, isForBuilding, missingPackages, Trouble } from "./build/install.mjs";
import { withLock } from "./build/lock.mjs";
import { digestSources } from "./build/sources.mjs";
import { sweep } from "./build/sweep.mjs";

const top = dirname(dirname(fileURLToPath(import.meta.url)));

/** How often a build is begun again because a source changed while it was made. */
const attemptsMax = 20;

/**
 * Makes sure that `builds` has a build of the sources as they are now.
 * @param {string} builds The folder of builds; it is made if missing.
 * @returns {Promise<string>} The build's folder.
 */
export async function build(builds) {
  mkdirSync(builds, { recursive: true });
  return withLock(join(builds, "lock"), async () => {
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      const before = new Date();
      const { digest, paths } = digestSources(top);
      const folder = join(builds, digest);
      if (!existsSync(folder)) {
        const temporary = await make(builds);
        if (digestSources(top).digest !== digest) continue; // Made from a mixture.
        renameSync(temporary, folder);
      }
      point(builds, { digest, paths, at: before });
      sweep(builds, digest);
      return folder;
    }
    throw new Trouble("cannot build: the sources keep changing");
  });
}

/** Returns the temporary folder with a whole build. */
async function make(builds) {
  const temporary = join(builds, "tmp-build");
  rmSync(temporary, { recursive: true, force: true });
  const packages = packagesFolder(builds);
  const isComplete = missingPackages(packages, isForBuilding).length === 0;
  say(isComplete ? "building" : "installing npm packages and building, once");
  await ensurePackages(packages, isForBuilding, say);
  await bundle({ top, packages, to: temporary });
  addNativePackages({ packages, to: temporary });
  compile(temporary, join(top, "src"));
  return temporary;
}

/** Returns where node_modules is, or can be made: beside the builds if the checkout is read-only. */
function packagesFolder(builds) {
  if (missingPackages(top, isForBuilding).length === 0 || isWritable(top)) return top;
  const packages = join(builds, "packages");
  mkdirSync(packages, { recursive: true });
  for (const name of ["package.json", "package-lock.json"]) {
    copyFileSync(join(top, name), join(packages, name));
  }
  return packages;
}

/** Writes the file that the launcher sources. */
function point(builds, { digest, paths, at }) {
  const temporary = join(builds, "tmp-current");
  const lines = [
    `build=${digest}`,
    `flags='${engineFlags().join(" ")}'`,
    `sources='${paths.join(" ")}'`,
  ];
  writeFileSync(temporary, `${lines.join("\n")}\n`);
  utimesSync(temporary, at, at);
  renameSync(temporary, join(builds, "current"));
}

/** The package brings manual pages along, for man(1). */
function writeManualPage(dist, program) {
  const argv = [join(dist, `${program}.cjs`), "--generate=man"];
  writeFileSync(join(dist, `${program}.1`), execFileSync(process.execPath, argv));
}

function isWritable(folder) {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function say(line) {
  process.stderr.write(`manifold: ${line}\n`);
}

async function main(argument) {
  const dist = join(top, "dist");
  if (argument === "--pack" || argument === "--unpack") {
    rmSync(dist, { recursive: true, force: true });
    if (argument === "--unpack") return;
    await ensurePackages(top, isForBuilding, say);
    await bundle({ top, packages: top, to: dist });
    for (const program of ["manifold", "manifold-rsync"]) writeManualPage(dist, program);
    return;
  }
  const builds = resolve(argument ?? join(top, ".build"));
  process.chdir(top); // The user's folder may be gone, or closed to the programs started here.
  await build(builds);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await main(process.argv[2]);
  } catch (error) {
    process.exitCode = 1;
    if (error instanceof Trouble) say(error.message);
    // A system call's error says all there is to say: which call, which path, why.
    else say(`cannot build: ${error.syscall ? error.message : error.stack}`);
  }
}
