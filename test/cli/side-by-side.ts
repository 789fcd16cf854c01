// rsync and manifold-rsync, side by side: the same command in two copies of one scene. Compared are
// the exit status, the lines on standard output (sorted: rsync's processes race one another) and
// everything that the scene then holds. Times that a run sets to "now" need not agree.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, lstatSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { compareTrees, readTree, type TreeEntry } from "../support/index.ts";
import { setTimesExactly } from "../support/system-calls.ts";

/** Where the launcher is; another build can be tried with MANIFOLD_RSYNC. */
const launcher =
  process.env.MANIFOLD_RSYNC ?? join(import.meta.dirname, "..", "..", "manifold-rsync");

/**
 * Not comparable are the accounts of the wire, and changes of owner or group alone: rsync looks again after chown
 * where the mode has set-id bits, and then tells nothing.
 */
export function isComparable(line: string): boolean {
  return !/^(sent |total |Total bytes|File list|building |done$|sending |delta-|\.[fdDS]\S*[og])/.test(
    line,
  );
}

/** How one of the two ended. */
interface Ended {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Options of a comparison. */
export interface SideBySide {
  /** Both run as nobody, where we are root. */
  readonly asNobody?: boolean;
  /** Lines of standard output that are compared; default all but a few. */
  readonly lines?: (line: string) => boolean;
  /** The dry run's lines must be the real run's, too. */
  readonly dryRunToo?: boolean;
  /** The lines on standard error must agree, too. */
  readonly stderrToo?: boolean;
  /** What of the trees need not agree besides. */
  readonly ignore?: (path: string, attribute: string) => boolean;
}

/**
 * Runs both on copies of the scene, a folder that holds what `argv` names by relative paths, and asserts that they did
 * and said the same. `about` tells how to repeat the case.
 */
export function assertSideBySide(
  scene: string,
  argv: readonly string[],
  about: string,
  {
    asNobody = false,
    lines = isComparable,
    dryRunToo = false,
    stderrToo = false,
    ignore = () => false,
  }: SideBySide = {},
): void {
  const top = `${scene}.runs`;
  mkdirSync(top);
  if (asNobody) chmodSync(top, 0o777);
  try {
    const copies = { theirs: `${top}/theirs`, ours: `${top}/ours` };
    const times = argv.some((option) => /^-[a-zA-Z]*U|^--atimes/.test(option))
      ? timesOf(scene)
      : [];
    for (const copy of Object.values(copies)) {
      execFileSync("cp", ["-a", scene, copy]);
      for (const { below, atimeNs, mtimeNs } of times) {
        setTimesExactly(copy + below, atimeNs, mtimeNs);
      }
    }
    const start = BigInt(Date.now() - 20) * 1_000_000n;
    const theirs = run("rsync", argv, copies.theirs, asNobody);
    const dry = dryRunToo ? run(launcher, ["-n", ...argv], copies.ours, asNobody) : undefined;
    const ours = run(launcher, argv, copies.ours, asNobody);
    const told = `${about}\nargv: ${argv.join(" ")}\nrsync: ${theirs.stderr}\nours: ${ours.stderr}`;
    assertSameLines(sorted(ours.stdout, lines), sorted(theirs.stdout, lines), told);
    assert.equal(ours.exit, theirs.exit, `exit status differs: ${told}`);
    if (stderrToo) assert.equal(ours.stderr, theirs.stderr, about);
    if (dry !== undefined) {
      const real = sorted(ours.stdout, lines);
      assertSameLines(sorted(dry.stdout, lines), real, `dry run against real run: ${told}`);
    }
    const [left, right] = [readTree(copies.theirs), readTree(copies.ours)];
    const isNew = (entry: TreeEntry | undefined) => entry !== undefined && entry.mtimeNs >= start;
    const second = (entry: TreeEntry | undefined) => entry && entry.mtimeNs / 1_000_000_000n;
    const isNear = (path: string): boolean => {
      const [one, other] = [left.entries.get(path), right.entries.get(path)];
      return one?.kind === "directory" && second(one) === second(other);
    };
    const differences = compareTrees(left, right, {
      // What a directory's time is after backups were made in it depends on who comes last. One that has the right
      // second is set again by rsync, or not.
      ignore: (path, attribute, entry) =>
        ignore(path, attribute) ||
        (attribute === "mtimeNs" &&
          (isNew(entry)
            ? entry?.kind === "directory" || isNew(right.entries.get(path))
            : isNear(path))),
    });
    assert.deepEqual(differences, [], `trees differ: ${told}`);
  } finally {
    rmSync(top, { recursive: true, force: true });
  }
}

/** The times of everything below the folder, what is in a directory before itself: copying changes when it was read. */
function timesOf(
  folder: string,
  below = "",
): { readonly below: string; readonly atimeNs: bigint; readonly mtimeNs: bigint }[] {
  const path = Buffer.from(folder + below, "latin1");
  const { atimeNs, mtimeNs } = lstatSync(path, { bigint: true });
  const names = lstatSync(path).isDirectory() ? readdirSync(path, { encoding: "latin1" }) : [];
  const inside = names.flatMap((name) => timesOf(folder, `${below}/${name}`));
  return [...inside, { below, atimeNs, mtimeNs }];
}

function assertSameLines(found: readonly string[], wanted: readonly string[], told: string): void {
  const rest = [...wanted];
  const surplus = found.filter((line) => {
    const at = rest.indexOf(line);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
  const differences = [...rest.map((line) => `- ${line}`), ...surplus.map((line) => `+ ${line}`)];
  assert.deepEqual(differences, [], `lines differ: ${told}`);
}

function run(program: string, argv: readonly string[], cwd: string, asNobody: boolean): Ended {
  const nobody = asNobody && process.geteuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  const env = { ...process.env, LC_ALL: "C.UTF-8", HOME: "/nonexistent" };
  const ran = spawnSync(program, argv, { cwd, env, timeout: 60_000, ...nobody });
  return {
    exit: ran.status,
    stdout: ran.stdout.toString("latin1").replaceAll(cwd, "/scene"),
    stderr: ran.stderr.toString("latin1").replaceAll(cwd, "/scene"),
  };
}

function sorted(stdout: string, wanted: (line: string) => boolean): string[] {
  return (
    stdout
      .split("\n")
      // How often a block only looked like another one is the affair of how blocks are looked for.
      .map((line) => line.replace(/ hash_hits=\d+ {2}false_alarms=\d+ /, " "))
      .filter((line) => line !== "" && wanted(line))
      .sort()
  );
}
