// Pins what happens when nobody takes what a program says: a reader who has gone has seen enough,
// and the run goes on; a full device is told and never ends in success, but stops no run either.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { sampled, type TemporaryFolder, temporaryFolder } from "../support/index.ts";

const manifold = fileURLToPath(new URL("../../manifold", import.meta.url));
const files = 300;

/** Runs a line of sh, in which "$M" is manifold, in the folder. */
function sh(
  folder: TemporaryFolder,
  line: string,
): { readonly status: number | null; stderr: string } {
  const env = { ...process.env, M: manifold, LC_ALL: "C.UTF-8" };
  return spawnSync("bash", ["-c", line], { cwd: folder.path, env, encoding: "utf8" });
}

function withSource(): TemporaryFolder {
  const folder = temporaryFolder();
  mkdirSync(folder.at("src"));
  // Names so long that their lines fill more than the pipe to a reader who has gone.
  for (let i = 0; i < files; i++) writeFileSync(folder.at(`src/${"x".repeat(200)}${i}`), "");
  return folder;
}

test("a reader who goes away ends neither the run nor its success", () => {
  for (const option of ["-v", "--json"]) {
    using folder = withSource();
    const line = `"$M" ${option} src/ dst/ | head -n1 >/dev/null; exit \${PIPESTATUS[0]}`;
    const { status, stderr } = sh(folder, line);
    assert.deepEqual({ status, stderr }, { status: 0, stderr: "" }, option);
    assert.equal(readdirSync(folder.at("dst")).length, files);
  }
  using folder = withSource();
  for (const argv of sampled(["--help", "--list-only src/", "--generate=man", "--version"])) {
    const { status, stderr } = sh(folder, `"$M" ${argv} | :; exit \${PIPESTATUS[0]}`);
    assert.deepEqual({ status, stderr }, { status: 0, stderr: "" }, argv);
  }
});

test("closed standard streams disturb nothing", () => {
  using folder = withSource();
  const { status } = sh(folder, '"$M" -v src/ dst/ <&- >&- 2>&-');
  assert.equal(status, 0);
  assert.equal(readdirSync(folder.at("dst")).length, files);
});

test("a full device is told in one line, exit 13, and the run goes to its end", () => {
  using folder = withSource();
  const lines: readonly (readonly [string, string])[] = [
    ["-v src/ dst/ >/dev/full", "standard output"],
    ["--json src/ dst/ >/dev/full", "standard output"],
    ["--log-file=/dev/full src/ dst/", 'the log file "/dev/full"'],
    ["--json=/dev/full src/ dst/", 'the event file "/dev/full"'],
    ["--list-only src/ >/dev/full", "standard output"],
    ["--help >/dev/full", "standard output"],
    ["--version >/dev/full", "standard output"],
  ];
  for (const [argv, what] of lines) {
    const { status, stderr } = sh(folder, `rm -rf dst; "$M" ${argv}`);
    assert.equal(status, 13, argv);
    assert.equal(stderr, `manifold: cannot write to ${what}: No space left on device (exit 13)\n`);
    if (argv.includes("dst/")) assert.equal(readdirSync(folder.at("dst")).length, files, argv);
  }
  assert.equal(sh(folder, '"$M" -v nothing src/ dst/ 2>/dev/full').status, 23);
});

test("a log or event file that cannot be opened stops the run before it begins", () => {
  using folder = withSource();
  for (const [option, what] of [
    ["--log-file", "log file"],
    ["--json", "event file"],
  ]) {
    const { status, stderr } = sh(folder, `"$M" ${option}=no/where src/ dst/`);
    assert.equal(status, 11);
    assert.equal(
      stderr,
      `manifold: cannot open the ${what} "no/where": No such file or directory (exit 11)\n`,
    );
  }
});
