// Pushes to a real rsync, by rsync's protocol, held against the same push by rsync itself: trees, lines, exit status.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { seededRandom } from "../../src/base/index.ts";
import { damaged } from "../support/damaged-pieces.ts";
import { assertSameTree, readTree, sampled, temporaryFolder } from "../support/index.ts";
import { rsyncPlace } from "./rsync-daemon.ts";
import { linesOf, makeTrees } from "./rsync-scene.ts";
import { isRoot, runOurs } from "./run-ours.ts";

const hostileServers = Number(
  process.env.MANIFOLD_LONG ? (process.env.MANIFOLD_SESSIONS ?? 500) : 3,
);

const rows: readonly string[] = [
  "-ai --delete --protocol=30",
  "-aiz --delete --protocol=31",
  "-aHAi --delete",
  "-aHi --delete-before --numeric-ids --protocol=30",
  "-aci --protocol=30 --cc=xxh64,md4",
  "-aizz --no-whole-file --zl=9 --cc=sha1",
  "-ai --zc=zlib --no-whole-file",
  "-ai --inplace --no-whole-file --cc=md4",
  "-aiI --no-whole-file --cc=xxh3 --zc=lz4",
  "-ai --stats --delete",
  "-ani --delete-after",
  "-aii",
  "-ai --exclude=large --include=mid* --exclude=tops/* --delete",
  "-ai --delete-excluded --filter=-_small",
  "-ai --partial --fuzzy",
  "-ai --backup --backup-dir=/saved",
  "-ai --partial-dir=.parts --delay-updates",
  "-rlti --size-only --chmod=go-rwx",
  "-aiu --existing",
  "-ai --ignore-existing",
  "-ai --max-size=100K",
  "-anRi",
  "-dlti",
  "-aLi",
  "-aim --delete",
  "-ai --no-inc-recursive --delete-delay",
  "-aiS --link-dest=/before",
  "-ai --copy-dest=/before --checksum",
  "-ai --usermap=*:1 --groupmap=*:2",
  "-ai --log-file=log",
  "-av --delete --max-delete=1",
  "-aXi --delete",
  "-aHAXXi --protocol=30",
  "-ai --append",
  "-aiz --append --protocol=30 --cc=xxh64",
  "-ai --append-verify --exclude=large --exclude=middle --exclude=other-name",
  "-ai --munge-links",
  "-ai --files-from=names --delete-missing-args",
];

describe("a push by rsync's protocol", () => {
  for (const row of sampled(rows, 9)) {
    it(`does what rsync does: ${row}`, async () => {
      await using folder = temporaryFolder();
      const at = (name: string): string => join(folder.path, name);
      makeTrees(at, row);
      const options = row.split(" ").map((word) => word.replace("_", " "));
      const told = (["rsync", "ours"] as const).map((who) => {
        mkdirSync(at(who));
        spawnSync("cp", ["-a", at("before"), at(`${who}/to`)]);
        spawnSync("cp", ["-a", at("before"), at(`${who}/before`)]);
        const { env } = rsyncPlace(at(who), at(who), "", true);
        const argv = [...options, "src/", "rsync://host/m/to/"];
        const cwd = folder.path;
        writeFileSync(at("names"), "tops/empty/\ntops/empty/missing\n");
        if (who === "ours") {
          return runOurs("manifold-rsync", [...argv, "--protocol=rsync"], { cwd, env });
        }
        const ran = spawnSync("rsync", argv, {
          cwd,
          env: { ...process.env, ...env },
          encoding: "latin1",
        });
        return { exit: ran.status, stdout: ran.stdout, stderr: ran.stderr };
      });
      const [rsync, ours] = told as [(typeof told)[0], (typeof told)[0]];
      const problems = (text: string): string => text.replace(/^rsync error: .*\n/m, "");
      assert.deepEqual([ours.exit, problems(ours.stderr)], [rsync.exit, problems(rsync.stderr)]);
      assert.deepEqual(itemsOf(ours.stdout, row), itemsOf(rsync.stdout, row));
      assertSameTree(readTree(at("rsync/to")), at("ours/to"));
    });
  }

  it("goes over a remote shell, too, by itself where there is no manifold", async () => {
    await using folder = temporaryFolder();
    const at = (name: string): string => join(folder.path, name);
    makeTrees(at);
    const { shell } = rsyncPlace(folder.path, at("src"));
    const argv = ["-H", "--delete", `--rsh=${shell}`, "src/", `there:${at("to")}/`];
    const cwd = folder.path;
    spawnSync("cp", ["-a", at("before"), at("to")]);
    const asked = runOurs("manifold", [...argv, "--protocol=rsync"], { cwd });
    assert.deepEqual([asked.exit, asked.stderr], [0, ""]);
    assertSameTree(readTree(at("src")), at("to"));
    rmSync(at("to"), { recursive: true });
    mkdirSync(at("bin"));
    spawnSync("ln", ["-s", "/usr/bin/rsync", at("bin/rsync")]);
    const bare = at("bare-shell");
    writeFileSync(bare, `#!/bin/sh\nshift\nPATH=${at("bin")}\nexec /bin/sh -c "$*"\n`, {
      mode: 0o755,
    });
    const fallen = runOurs("manifold", argv.with(2, `--rsh=${bare}`), { cwd });
    assert.equal(fallen.exit, 0);
    assert.match(fallen.stderr, /there has no manifold: its rsync is spoken with/);
    assertSameTree(readTree(at("src")), at("to"));
    const named = [`--files-from=there:${at("list")}`, `--rsh=${shell}`, "--protocol=rsync"];
    writeFileSync(at("src/named"), "named");
    writeFileSync(at("list"), "named\nnot-there\n");
    const listed = runOurs("manifold", [...named, "src/", `there:${at("list-to")}/`], { cwd });
    assert.equal(listed.exit, 23);
    assert.match(listed.stderr, /not-there/);
    assert.equal(readFileSync(at("list-to/named"), "utf8"), "named");
  });

  it("removes at the source what has come, in both directions, and a server does, too", async () => {
    await using folder = temporaryFolder();
    const at = (name: string): string => join(folder.path, name);
    const { shell } = rsyncPlace(folder.path, at("src"));
    const path = `--rsync-path=${join(import.meta.dirname, "..", "..", "manifold-rsync")}`;
    const runs = [
      ["ours", "src/", `there:${at("to")}/`],
      ["ours", `there:${at("src")}/`, "to/"],
      ["theirs", path, `there:${at("src")}/`, "to/"],
      ["theirs", path, "src/", `there:${at("to")}/`],
    ] as const;
    for (const [who, ...ends] of runs) {
      for (const name of ["src", "to"]) rmSync(at(name), { recursive: true, force: true });
      mkdirSync(at("src/dir"), { recursive: true });
      for (const name of ["src/a", "src/dir/b", "src/same"]) writeFileSync(at(name), name);
      spawnSync("cp", ["-a", at("src"), at("to")]);
      rmSync(at("to/a"));
      const argv = ["-a", "--remove-source-files", `--rsh=${shell}`, ...ends];
      const cwd = folder.path;
      const ran =
        who === "ours"
          ? runOurs("manifold-rsync", [...argv, "--protocol=rsync"], { cwd })
          : { exit: spawnSync("rsync", argv, { cwd }).status };
      assert.equal(ran.exit, 0, `${who} ${ends}`);
      assert.deepEqual([...readTree(at("src")).entries.keys()].sort(), ["", "dir"], `${ends}`);
      assert.equal(readTree(at("to")).entries.size, 5);
    }
  });

  it(`ends whatever a server says, and leaves its source alone: ${hostileServers} times`, async () => {
    await using folder = temporaryFolder();
    const at = (name: string): string => join(folder.path, name);
    mkdirSync(at("src/d"), { recursive: true });
    writeFileSync(at("src/d/file"), "content".repeat(1000));
    writeFileSync(at("src/small"), "small");
    symlinkSync("small", at("src/link"));
    spawnSync("cp", ["-a", at("src"), at("to")]);
    writeFileSync(at("to/d/file"), "content".repeat(900));
    rmSync(at("to/small"));
    writeFileSync(at("to/extra"), "");
    const { shell } = rsyncPlace(folder.path, at("src"));
    const script = (name: string, command: string): string => {
      writeFileSync(at(name), `#!/bin/sh\n${command}\n`, { mode: 0o755 });
      return at(name);
    };
    const push = (rsh: string): ReturnType<typeof runOurs> => {
      const argv = ["-ai", "--delete", "--remove-source-files", "--protocol=rsync", `--rsh=${rsh}`];
      return runOurs("manifold-rsync", [...argv, "src/", `there:${at("to")}/`], {
        cwd: folder.path,
      });
    };
    spawnSync("cp", ["-a", at("src"), at("kept")]);
    assert.equal(push(script("recording", `"${shell}" "$@" | tee "${at("said")}"`)).exit, 0);
    const said = readFileSync(at("said"));
    const before = readTree(at("kept"));
    for (let seed = 0; seed < hostileServers; seed++) {
      rmSync(at("src"), { recursive: true });
      spawnSync("cp", ["-a", at("kept"), at("src")]);
      const random = seededRandom(seed);
      // What it says of files that are in their place may be true: then these are gone.
      writeFileSync(at("damaged"), Buffer.concat(damaged([said], random)));
      const told = push(script("hostile", `cat "${at("damaged")}"; exec cat >/dev/null`));
      assert.ok(told.exit !== null && told.exit < 36, `seed ${seed}: ${told.exit} ${told.stderr}`);
      assert.doesNotMatch(told.stderr, /^ {4}at /m, `seed ${seed}`);
      for (const [path, { kind }] of readTree(at("src")).entries) {
        assert.equal(kind, before.entries.get(path)?.kind, `seed ${seed}: ${path}`);
      }
      assertSameTree(before, at("kept"));
    }
  });

  it("tells what cannot be sent, what is refused, and leaves nothing half done", async () => {
    await using folder = temporaryFolder();
    const at = (name: string): string => join(folder.path, name);
    mkdirSync(at("src"));
    mkdirSync(at("to"));
    writeFileSync(at("src/locked"), "content");
    writeFileSync(at("src/open"), "content");
    chmodSync(at("src/locked"), 0);
    chmodSync(folder.path, 0o755);
    const { env, shell } = rsyncPlace(folder.path, at("src"));
    const push = (...argv: string[]): ReturnType<typeof runOurs> =>
      runOurs("manifold", [...argv, "--protocol=rsync"], { cwd: folder.path, env });
    const refused = push("src/", "rsync://host/m/");
    assert.equal(refused.exit, 12);
    assert.match(refused.stderr, /module is read only/);
    const missing = push("not-there", `--rsh=${shell}`, `there:${at("to")}/`);
    assert.equal(missing.exit, 23);
    assert.match(missing.stderr, /not-there/);
    if (isRoot) chmodSync(at("to"), 0o777);
    const argv = ["-r", `--rsh=${shell}`, "src/", `there:${at("to")}/`, "--protocol=rsync"];
    const unread = runOurs("manifold-rsync", argv, { cwd: folder.path, asNobody: true });
    assert.equal(unread.exit, 23);
    assert.match(unread.stderr, /"[^"]*locked".*Permission denied/);
    assert.deepEqual([...readTree(at("to")).entries.keys()].sort(), ["", "open"]);
    const waits = push("--copy-devices", "src/", "rsync://host/m/");
    assert.equal(waits.exit, 4);
  });
});

/** Names in the log go by another program; lines of rsync's that say how it works are its own. */
function itemsOf(stdout: string, row: string): readonly string[] {
  return linesOf(stdout, row).filter(
    (line) => !/^(delta-transmission|sent |total size)/.test(line),
  );
}
