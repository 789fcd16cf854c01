// Pins that diff finds moved files among as many as a large archive has, in bounded memory: the target is a listing that is
// written while it is read. Ten million files with MANIFOLD_LONG=1, else two hundred thousand.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { ChangesetReader } from "../../src/changeset/index.ts";
import { childProgram, temporaryFolder } from "../support/index.ts";

const manifold = fileURLToPath(new URL("../../manifold", import.meta.url));
const program = childProgram("listing-child.ts", import.meta.url).map((word) => `"${word}"`);
const files = process.env.MANIFOLD_LONG === "1" ? 10_000_000 : 200_000;
const wanted = 500;
/** The runtime, 64 MiB of candidates, and what is known of a hundred thousand directories until the end. */
const peakBytesMax = 512 * 1024 * 1024;

/** The most memory that a process has had so far; undefined when it is gone. */
function peakOf(pid: number): number | undefined {
  try {
    const found = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "latin1"));
    return found === null ? undefined : Number(found[1]) * 1024;
  } catch {
    return undefined;
  }
}

/** Runs a listing of so many files into diff, and returns what that writes and the most memory that it had. */
async function run(tree: string): Promise<{ readonly output: Buffer; readonly peak: number }> {
  const exec = 'echo $$ >&3; exec "$0" diff --delete --detect-renamed-lax "$1" - 3>&-';
  const command = `"$0" ${program.join(" ")} ${files} 3>&- | sh -c '${exec}' "$1" "$2"`;
  const running = spawn("sh", ["-c", command, process.execPath, manifold, tree], {
    stdio: ["ignore", "pipe", "inherit", "pipe"],
  });
  const [output, told] = [running.stdio[1], running.stdio[3]];
  let pid = 0;
  told?.on("data", (bytes: Buffer) => {
    pid = Number(bytes.toString());
  });
  let peak = 0;
  const pieces: Buffer[] = [];
  // What is deleted is written after everything else, so that the process is still there when matching is over.
  output?.on("data", (bytes: Buffer) => {
    if (pid !== 0) peak = Math.max(peak, peakOf(pid) ?? 0);
    // Of the many deletions only the beginning is looked at.
    if (pieces.length < 100) pieces.push(bytes);
  });
  const [exit] = (await once(running, "close")) as [number];
  assert.equal(exit, 0);
  return { output: Buffer.concat(pieces), peak };
}

test(`${wanted} moved files are found among ${files}`, { timeout: 900_000 }, async (t) => {
  if (process.platform !== "linux") {
    t.skip("the peak of a process is read from /proc");
    return;
  }
  using folder = temporaryFolder();
  const cwd = folder.path;
  mkdirSync(join(cwd, "a"));
  const step = Math.floor(files / wanted);
  for (let n = 0; n < wanted; n++) {
    const file = n * step;
    writeFileSync(join(cwd, "a", `moved-${n}`), "x".repeat(1 + ((file % 100) % 10)));
    utimesSync(join(cwd, "a", `moved-${n}`), 1_000_000_000 + file, 1_000_000_000 + file);
  }
  const { output, peak } = await run(join(cwd, "a"));
  assert.ok(peak > 0 && peak < peakBytesMax, `${peak} bytes`);
  t.diagnostic(`${peak} bytes`);
  const reader = new ChangesetReader();
  reader.push(output);
  const found = new Set<string>();
  for (let record = reader.next(); record?.type !== "closing"; record = reader.next()) {
    if (record?.type !== "late") continue;
    const { orders } = record;
    for (let row = 0; row < orders.count; row++) {
      const file = Number(/[0-9]+/.exec(orders.name(row))?.[0]) * step;
      const directory = `directory-${String(Math.floor(file / 100)).padStart(7, "0")}`;
      const name = `file-of-the-archive-${String(file % 100).padStart(3, "0")}`;
      assert.equal(orders.bases.get(row)?.path, `${directory}/${name}`);
      found.add(orders.name(row));
    }
  }
  assert.equal(found.size, wanted);
});
