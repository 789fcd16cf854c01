// Brings node_modules to what package-lock.json says, installing only when something is missing.
// Install scripts are switched off: every package used here works without them. npm's output goes
// to stderr and its stdin is empty.

import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Thrown for what the user has to mend; its message is one line and is all that is printed. */
export class Trouble extends Error {}

/** What npm prints when it cannot reach its registry. */
const outOfReach =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|ENOTCACHED)\b/;

/** Packages that are needed to build and run, not only to test; those with a slash are scopes. */
const building = [
  "esbuild",
  "@esbuild/",
  "koffi",
  "@koromix/",
  "@napi-rs/",
  // What reads HTML and XML, and what that leans on.
  "htmlparser2",
  "domelementtype",
  "domhandler",
  "domutils",
  "dom-serializer",
  "entities",
];

/** Whether a package path of the lock file is needed to build and run, not only to test. */
export function isForBuilding(path) {
  const name = path.replace(/^node_modules\//, "");
  return building.some((each) => (each.endsWith("/") ? name.startsWith(each) : name === each));
}

/**
 * Installs what the lock file names for this platform and `folder` does not have in that version.
 * @param {string} folder Holds package.json, package-lock.json and node_modules.
 * @param {(path: string) => boolean} isWanted Narrows the packages that are looked at.
 * @param {(line: string) => void} say Told what it goes on without.
 * @throws {Trouble} When npm is absent, offline or fails and a package that is not optional is missing.
 */
export async function ensurePackages(folder, isWanted, say) {
  const missing = missingPackages(folder, isWanted);
  if (missing.length === 0) return;
  try {
    await runNpm(folder);
  } catch (error) {
    if (!(error instanceof Trouble) || missing.some(([path, row]) => isRequired(path, row))) {
      throw error;
    }
    say(`${error.message}; going on without ${missing.map(([path]) => path).join(", ")}`);
  }
}

/**
 * Returns the lock file's rows, as [path, row], that this platform wants and `folder` lacks.
 * @param {string} folder
 * @param {(path: string) => boolean} isWanted
 * @returns {[string, { version: string, optional?: boolean }][]}
 */
export function missingPackages(folder, isWanted) {
  const lock = JSON.parse(readFileSync(join(folder, "package-lock.json"), "utf8"));
  return Object.entries(lock.packages)
    .filter(([path, row]) => path !== "" && isWanted(path) && suitsThisPlatform(row))
    .filter(([path, row]) => installedVersion(join(folder, path)) !== row.version);
}

function isRequired(path, row) {
  return row.optional !== true || path.startsWith("node_modules/@esbuild/");
}

async function runNpm(folder) {
  // `ci` starts by deleting node_modules, which other processes may be using: only the first time.
  const how = existsSync(join(folder, "node_modules")) ? ["install", "--no-save"] : ["ci"];
  const options = [
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--no-progress",
    "--loglevel=error",
  ];
  const retries = [
    "--prefer-offline",
    "--fetch-retry-mintimeout=500",
    "--fetch-retry-maxtimeout=3000",
  ];
  const { code, output } = await outcomeOf(folder, [...how, ...options, ...retries]);
  if (code !== 0 && outOfReach.test(output)) {
    throw new Trouble("cannot install the npm packages it needs: the registry is out of reach");
  }
  process.stderr.write(output);
  if (code === 0) return;
  throw new Trouble(
    `cannot install the npm packages it needs: npm ${how[0]} ended with code ${code}`,
  );
}

function outcomeOf(folder, args) {
  return new Promise((resolve, reject) => {
    const npm = spawn("npm", args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    npm.stdout.on("data", (bytes) => (output += bytes));
    npm.stderr.on("data", (bytes) => (output += bytes));
    npm.on("close", (code) => resolve({ code, output }));
    npm.on("error", ({ code }) =>
      reject(
        new Trouble(`cannot install the npm packages it needs: npm cannot be started (${code})`),
      ),
    );
  });
}

function installedVersion(path) {
  try {
    return JSON.parse(readFileSync(join(path, "package.json"), "utf8")).version;
  } catch {
    return undefined; // Not installed.
  }
}

function suitsThisPlatform({ os, cpu, libc }) {
  return (
    suits(os, process.platform) &&
    suits(cpu, process.arch) &&
    (libc === undefined || process.platform !== "linux" || suits(libc, libcName()))
  );
}

/** npm's rule: a list of names, or of names to leave out, each with "!" before it. */
function suits(list, name) {
  if (list === undefined) return true;
  if (list.includes(`!${name}`)) return false;
  return list.includes(name) || list.every((item) => item.startsWith("!"));
}

function libcName() {
  process.report.excludeNetwork = true; // Looking up the machine's addresses can take seconds.
  return process.report.getReport().header.glibcVersionRuntime === undefined ? "musl" : "glibc";
}
