// --chmod against rsync: random clauses on all kinds of modes, under several umasks.
// MANIFOLD_LONG=1 runs the full count, MANIFOLD_SEED=n starts elsewhere.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import { type Random, seededRandom } from "../../src/base/index.ts";
import { applyChmod, parseChmod } from "../../src/options/index.ts";
import { temporaryFolder } from "../support/index.ts";
import { noRsync } from "./oracle.ts";

const rounds = process.env.MANIFOLD_LONG === "1" ? 600 : 25;
const firstSeed = Number(process.env.MANIFOLD_SEED ?? 1);
const umasks = [0o022, 0o077, 0o007, 0];
/** Modes that everybody may have and read; root also gets odd ones. */
const readable = [0o600, 0o644, 0o755, 0o700, 0o750, 0o777, 0o4755, 0o6711, 0o1777, 0o2770];
const modes = process.getuid?.() === 0 ? [...readable, 0, 0o007, 0o070, 0o111, 0o7777] : readable;

function randomClause(random: Random): string {
  const one = (list: readonly string[]) => list[random.uint32() % list.length] ?? "";
  const scope = one(["", "", "D", "F"]);
  const octal = ["755", "644", "0", "4711", "7777"];
  if (random.uint32() % 6 === 0) return scope + one(octal);
  const who = one(["", "u", "g", "o", "a", "ug", "go", "uo"]);
  const what = one(["", "r", "w", "x", "X", "s", "t", "rw", "rX", "ts", "st", "u", "g", "o"]);
  return scope + who + one(["+", "-", "="]) + what;
}

describe("--chmod against rsync", { skip: noRsync }, () => {
  it("makes the same modes of files and directories", () => {
    using folder = temporaryFolder();
    const source = folder.at("s");
    mkdirSync(source);
    for (const mode of modes) {
      const name = mode.toString(8);
      writeFileSync(`${source}/f${name}`, "");
      mkdirSync(`${source}/d${name}`);
      for (const kind of ["f", "d"]) chmodSync(`${source}/${kind}${name}`, mode);
    }
    for (let seed = firstSeed; seed < firstSeed + rounds; seed++) {
      const random = seededRandom(seed);
      const length = 1 + (random.uint32() % 3);
      const text = Array.from({ length }, () => randomClause(random)).join(",");
      const umask = umasks[random.uint32() % umasks.length] ?? 0;
      const target = folder.at(`t${seed}`);
      const script = `umask ${umask.toString(8)} && exec rsync -rp --chmod="$1" "$2" "$3"`;
      const argv = ["-c", script, "sh", `Du+rwx,${text}`, `${source}/`, `${target}/`];
      const { status, stderr } = spawnSync("sh", argv, { encoding: "utf8" });
      assert.equal(status, 0, stderr);
      const rules = parseChmod(`Du+rwx,${text}`);
      for (const mode of modes) {
        for (const kind of ["f", "d"]) {
          const got = statSync(`${target}/${kind}${mode.toString(8)}`).mode & 0o7777;
          const want = applyChmod(mode, kind === "d", rules, umask);
          const about = `MANIFOLD_SEED=${seed} ${text} on ${kind}${mode.toString(8)} umask ${umask}`;
          assert.equal(want.toString(8), got.toString(8), about);
        }
      }
      rmSync(target, { recursive: true, force: true });
    }
  });
});
