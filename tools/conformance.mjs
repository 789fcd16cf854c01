// Runs rsync's own test suite against ./manifold-rsync and prints what passed and what did not.
//
//   node tools/conformance.mjs SUITE LIST [TEST...] [--nobody] [--program=PATH] [--peer=PATH] [--log]
//
// SUITE is a built checkout of rsync (its suite is GPL and stays outside this repository: it is run,
// never copied). LIST is a file of lines "NAME pass". --nobody runs as the user nobody, who must be
// able to read the checkouts. --program runs another program than ours, such as the installed rsync,
// to compare with; --peer runs one at the other end: daemons, and what remote shells start. --log prints
// what a failing test said. Each test runs by itself, twice when it fails, because some depend on the
// machine's load.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(dirname(fileURLToPath(import.meta.url)));
const flags = process.argv.slice(2).filter((argument) => argument.startsWith("--"));
const [suite, list, ...chosen] = process.argv
  .slice(2)
  .filter((argument) => !argument.startsWith("--"));

if (suite === undefined || list === undefined) {
  process.stderr.write(
    "usage: node tools/conformance.mjs SUITE LIST [TEST...] [--nobody] [--program=PATH] [--peer=PATH] [--log]\n",
  );
  process.exit(1);
}
const asNobody = flags.includes("--nobody");
const isLogged = flags.includes("--log");

/** What a flag of the form --NAME=VALUE gives. */
function givenBy(name) {
  return flags.find((flag) => flag.startsWith(`--${name}=`))?.slice(name.length + 3);
}

const program = givenBy("program") ?? resolve(here, "manifold-rsync");
const peer = givenBy("peer");

const expected = readFileSync(list, "utf8")
  .split("\n")
  .filter((line) => /^[a-z0-9]/i.test(line))
  .map((line) => line.split(/\s+/)[0]);
const names = chosen.length > 0 ? chosen : expected;

/** Runs one test; returns "PASS", "FAIL", "SKIP", "ERROR" or what the runner called it, and what was said. */
function run(name) {
  const scratch = mkdtempSync(join(tmpdir(), "conformance-"));
  const command = [
    "python3",
    "./runtests.py",
    `--rsync-bin=${program}`,
    ...(peer === undefined ? [] : [`--rsync-bin2=${peer}`]),
    "-j1",
    "--race-timeout=1",
    "--timeout=120",
    name,
  ];
  if (asNobody) spawnSync("chown", ["nobody", scratch]);
  const argv = asNobody
    ? ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", ...command]
    : command;
  // A python of root's own is out of nobody's reach.
  const path = asNobody ? "/usr/local/bin:/usr/bin:/bin" : process.env.PATH;
  const ended = spawnSync(argv[0], argv.slice(1), {
    cwd: resolve(suite),
    env: { ...process.env, PATH: path, scratchbase: scratch },
    encoding: "utf8",
  });
  rmSync(scratch, { recursive: true, force: true });
  const line = ended.stdout
    .split("\n")
    .find((text) => new RegExp(`^[A-Z]+ +${name}\\b`).test(text));
  return { result: line?.split(/\s+/)[0] ?? "ERROR", said: ended.stdout + ended.stderr };
}

const results = new Map();
for (const name of names) {
  let { result, said } = run(name);
  if (result !== "PASS" && result !== "SKIP") ({ result, said } = run(name));
  results.set(name, result);
  const isFailed = result !== "PASS" && result !== "SKIP";
  process.stdout.write(`${isLogged && isFailed ? said : ""}${result.padEnd(6)} ${name}\n`);
}
const count = (wanted) => [...results.values()].filter((result) => result === wanted).length;
const failed = [...results]
  .filter(([, result]) => result !== "PASS" && result !== "SKIP")
  .map(([name]) => name);
process.stdout.write(
  `\n${count("PASS")} passed, ${failed.length} failed, ${count("SKIP")} skipped\n`,
);
if (failed.length > 0) process.stdout.write(`failed: ${failed.join(" ")}\n`);
process.exit(failed.length > 0 ? 1 : 0);
