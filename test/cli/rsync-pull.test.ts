// Pulls from a real rsync, by rsync's protocol, held against the same pull by rsync itself: trees, lines, exit status.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { assertSameTree, readTree, sampled, temporaryFolder } from "../support/index.ts";
import { rsyncPlace } from "./rsync-daemon.ts";
import { linesOf, makeTrees } from "./rsync-scene.ts";
import { runOurs } from "./run-ours.ts";

const rows: readonly string[] = [
  "-ai --protocol=30",
  "-ai --delete --protocol=31",
  "-aHAi --delete",
  "-aci --protocol=30 --cc=xxh64,md4",
  "-aiz --no-whole-file --cc=sha1",
  "-ai --zc=zlib --protocol=30",
  "-ai --inplace --no-whole-file --cc=md4",
  "-aiI --no-whole-file --cc=xxh3 --zc=lz4",
  "-aW --stats",
  "-an --delete-after -i",
  "-ai --exclude=large --include=mid* --exclude=tops/* --delete",
  "-ai --delete-excluded --filter=-_small",
  "-ai --partial --fuzzy",
  "-ai --backup --backup-dir=../saved",
  "-rlti --size-only",
  "-ai --numeric-ids --protocol=31",
  "-aiu --existing",
  "-ai --ignore-existing",
  "-a --out-format=%C_%n --max-size=100K",
  "-aRi",
  "-dlti",
  "-aLi",
  "-ai --no-inc-recursive --delete-before",
  "-aiS --link-dest=../before",
  "-r --list-only",
  "-ai --files-from=names",
  "-aXi --delete",
  "-aHAXXi --protocol=30",
  "-ai --append",
  "-aiz --append --protocol=30 --cc=xxh64",
  "-ai --append-verify --exclude=large --exclude=middle --exclude=other-name",
  "-aim --delete",
  "-anXi",
  "-ai --files-from=names --delete-missing-args",
  "-ai --munge-links",
  "-anRi --no-implied-dirs --protocol=30 --files-from=names",
];

/** Leads whoever gives the right words to a daemon. */
const proxyProgram = `
const server = require("node:net").createServer((socket) => {
  let head = "";
  socket.on("data", function take(bytes) {
    head += bytes.toString("latin1");
    if (!head.includes("\\r\\n\\r\\n")) return;
    socket.off("data", take);
    const login = "Proxy-Authorization: Basic " + Buffer.from("me:sesame").toString("base64");
    if (!head.startsWith("CONNECT far.example:8730 HTTP/1.0\\r\\n") || !head.includes(login)) {
      socket.end("HTTP/1.0 407 Who are you?\\r\\n\\r\\n");
      return;
    }
    socket.write("HTTP/1.0 200 here it is\\r\\nVia: me\\r\\n\\r\\n");
    const [program, ...words] = process.argv[1].split(" ");
    const daemon = require("node:child_process").spawn(program, ["--server", ...words, "."]);
    socket.pipe(daemon.stdin);
    daemon.stdout.pipe(socket);
  });
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
`;

describe("a pull by rsync's protocol", () => {
  for (const row of sampled(rows, 9)) {
    it(`does what rsync does: ${row}`, async () => {
      await using folder = temporaryFolder();
      const at = (name: string): string => join(folder.path, name);
      makeTrees(at, row);
      const { env } = rsyncPlace(folder.path, at("src"));
      const options = row.split(" ").map((word) => word.replace("_", " "));
      const told = (["rsync", "ours"] as const).map((who) => {
        mkdirSync(at(who));
        spawnSync("cp", ["-a", at("before"), at(`${who}/to`)]);
        spawnSync("cp", ["-a", at("before"), at(`${who}/before`)]);
        writeFileSync(
          at(`${who}/names`),
          "tops/small\n/tops/middle\ntops/empty/\ntops/empty/missing\n",
        );
        const argv = [...options, "rsync://host/m/", "to/"];
        if (who === "ours") {
          return runOurs("manifold-rsync", [...argv, "--protocol=rsync"], { cwd: at(who), env });
        }
        const ran = spawnSync("rsync", argv, {
          cwd: at(who),
          env: { ...process.env, ...env },
          encoding: "latin1",
        });
        return { exit: ran.status, stdout: ran.stdout, stderr: ran.stderr };
      });
      const [rsync, ours] = told as [(typeof told)[0], (typeof told)[0]];
      // Which of rsync's processes gave up is its own business.
      const problems = (text: string): string => text.replace(/^rsync error: .*\n/m, "");
      assert.deepEqual([ours.exit, problems(ours.stderr)], [rsync.exit, problems(rsync.stderr)]);
      assert.deepEqual(linesOf(ours.stdout, row), linesOf(rsync.stdout, row));
      if (!row.includes("--list-only")) assertSameTree(readTree(at("rsync/to")), at("ours/to"));
    });
  }

  it("comes over a remote shell, too, by itself where there is no manifold", async () => {
    await using folder = temporaryFolder();
    const at = (name: string): string => join(folder.path, name);
    makeTrees(at);
    const { shell } = rsyncPlace(folder.path, at("src"));
    const argv = ["-H", "--delete", `--rsh=${shell}`, `there:${at("src")}/`, "to/"];
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
    for (const name of ["one", "two"]) writeFileSync(at(name), name);
    const split = ["--old-args", "--protocol=rsync", argv[2] as string];
    const old = runOurs("manifold", [...split, `there:${at("one")} ${at("two")}`, "old/"], { cwd });
    assert.deepEqual([old.exit, old.stderr], [0, ""]);
    assert.equal(readFileSync(at("old/two"), "utf8"), "two");
  });

  it("comes through a proxy", async () => {
    await using folder = temporaryFolder();
    const at = (name: string): string => join(folder.path, name);
    mkdirSync(at("src"));
    writeFileSync(at("src/file"), "content");
    const { env } = rsyncPlace(folder.path, at("src"));
    const proxy = spawn(process.execPath, ["-e", proxyProgram, env.RSYNC_CONNECT_PROG ?? ""]);
    try {
      const port = await new Promise<string>((resolve) => {
        proxy.stdout.once("data", (text) => resolve(String(text).trim()));
      });
      const pull = (login: string): ReturnType<typeof runOurs> =>
        runOurs("manifold", ["rsync://far.example:8730/m/", "to"], {
          cwd: folder.path,
          env: { RSYNC_PROXY: `${login}127.0.0.1:${port}` },
        });
      const refused = pull("");
      assert.equal(refused.exit, 10);
      assert.match(refused.stderr, /bad response from proxy .* -- HTTP\/1.0 407 Who are you\?/);
      const ran = pull("me:sesame@");
      assert.deepEqual([ran.exit, ran.stderr], [0, ""]);
      assert.equal(readFileSync(at("to/file"), "utf8"), "content");
    } finally {
      proxy.kill();
    }
  });

  it("tells what is missing, what is refused, and which modules there are", async () => {
    await using folder = temporaryFolder();
    const at = (name: string): string => join(folder.path, name);
    mkdirSync(at("src"));
    writeFileSync(at("secrets"), "somebody:sesame\n", { mode: 0o600 });
    writeFileSync(at("password"), "sesame\n", { mode: 0o600 });
    writeFileSync(at("src/file"), "content");
    const more = `[locked]\npath = ${at("src")}\nauth users = somebody\nsecrets file = ${at("secrets")}\n[plain]\npath = ${at("src")}\nlist = no\nrefuse options = compress\n`;
    const { env } = rsyncPlace(folder.path, at("src"), more);
    const pull = (...argv: string[]): ReturnType<typeof runOurs> =>
      runOurs("manifold", [...argv, "--protocol=rsync"], { cwd: folder.path, env });
    const missing = pull("rsync://host/m/nothing", "to");
    assert.equal(missing.exit, 23);
    assert.match(missing.stderr, /link_stat "nothing" \(in m\) failed: No such file/);
    const unknown = pull("rsync://host/x/", "to");
    assert.equal(unknown.exit, 5);
    assert.match(unknown.stderr, /refuses: Unknown module 'x'/);
    const wants = pull("rsync://somebody@host/locked/", "to");
    assert.equal(wants.exit, 5);
    assert.match(wants.stderr, /wants a password for somebody/);
    const wrong = pull("rsync://nobody@host/locked/", "to", `--password-file=${at("password")}`);
    assert.match(wrong.stderr, /auth failed on module locked/);
    const right = pull("rsync://somebody@host/locked/", "to", `--password-file=${at("password")}`);
    assert.deepEqual([right.exit, right.stderr], [0, ""]);
    assert.equal(readFileSync(at("to/file"), "utf8"), "content");
    const refused = pull("-z", "rsync://host/plain/", "to");
    assert.match(refused.stderr, /configured to refuse --compress/);
    const cwd = folder.path;
    const listed = runOurs("manifold", ["rsync://host/"], { cwd, env });
    assert.deepEqual(
      [listed.exit, listed.stdout],
      [0, `m${" ".repeat(14)}\ta module\nlocked${" ".repeat(9)}\t\n`],
    );
    // A program that connects is looked at as a daemon looks at whoever has connected.
    assert.match(
      readFileSync(at("daemon.log"), "utf8"),
      /rsync on m\/nothing from \S+ \(127\.0\.0\.1\)/,
    );
    const waits = pull("--tee=record", "rsync://host/m/", "to");
    assert.equal(waits.exit, 4);
    assert.match(waits.stderr, /recording a run is not available yet with rsync's protocol/);
  });
});
