// A real rsync client and our daemon, on the pipe of $RSYNC_CONNECT_PROG and at a port: modules, passwords, who may what.

import assert from "node:assert/strict";
import { type SpawnSyncReturns, spawn, spawnSync } from "node:child_process";
import {
  lchownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { assertSameTree, readTree, temporaryFolder } from "../support/index.ts";
import { makeTrees } from "./rsync-scene.ts";

const program = join(import.meta.dirname, "..", "..", "manifold-rsync");
const root = process.geteuid?.() === 0 ? "uid = 0\ngid = 0\n" : "";

/** Whoever has a name is 54321. */
function converter(at: (name: string) => string): string {
  return `while read -r kind word; do echo "$kind $word" >>${at("asked")}; case $kind in ???) echo 54321;; esac; done`;
}

/** Writes a configuration with modules m (read only), w (to be written to), o (write only), locked and far. */
function writeConfig(at: (name: string) => string, log = ""): void {
  const tells = (file: string, names: string): string =>
    `for i in ${names}; do eval "echo \\$RSYNC_$i"; done >${at(file)}`;
  writeFileSync(at("secrets"), "me:sesame\nyou:other\n", { mode: 0o600 });
  writeFileSync(at("open"), "me:sesame\n", { mode: 0o604 });
  writeFileSync(at("motd"), "good day\n");
  const modules = [
    `[m]\npath = ${at("src")}\ncomment = a module\nexclude = tops/small`,
    `[w]\npath = ${at("to")}\nread only = no`,
    `[o]\npath = ${at("to")}\nwrite only = yes\nlist = no\nrefuse options = delete compress checksum-choice`,
    `[locked]\npath = ${at("src")}\nauth users = me, you:deny\nsecrets file = ${at("secrets")}`,
    `[strong]\npath = ${at("src")}\nlist = no\nauth users = me\nsecrets file = ${at("secrets")}\nauth digest = sha256`,
    `[plain]\npath = ${at("to")}\nlist = no\nread only = no\nrefuse options = * !a !b !I !suffix`,
    `[lax]\npath = ${at("src")}\nlist = no\nauth users = me\nsecrets file = ${at("open")}\nstrict modes = False`,
    `[far]\npath = ${at("src")}\nhosts allow = 10.1.2.3`,
    `[planted]\npath = ${at("src")}\nlist = no\nauth users = me\nsecrets file = ${at("link")}`,
    `[asks]\npath = ${at("src")}\nlist = no\npre-xfer exec = echo why; exit 3`,
    `[one]\npath = ${at("src")}\nlist = no\nmax connections = 1\nlock file = ${at("lock")}`,
    `[named]\npath = ${at("to")}\nlist = no\nread only = no\nname converter = ${converter(at)}`,
    `[says]\npath = ${at("src")}\nlist = no\npre-xfer exec = true %RSYNC_REQUEST%`,
    `[src]\npath = ${at("%RSYNC_MODULE_NAME%")}\nlist = no\noutgoing chmod = Fgo-rwx`,
    `early exec = cat >${at("early")}\npre-xfer exec = ${tells("pre", "REQUEST ARG1 USER_NAME")}`,
    `post-xfer exec = ${tells("post", "MODULE_NAME EXIT_STATUS PID")}`,
  ];
  const global = `${root}use chroot = no\nmunge symlinks = no\nmotd file = ${at("motd")}\n${log}`;
  writeFileSync(at("rsyncd.conf"), `${global}${modules.join("\n")}\n`);
}

describe("our daemon, for rsync's clients", () => {
  it("lists, sends, takes, and refuses what it should", async () => {
    await using folder = temporaryFolder();
    const at = (name: string): string => join(folder.path, name);
    makeTrees(at);
    mkdirSync(at("to"));
    writeConfig(at, `log file = ${at("log")}\n`);
    const rsync = (argv: readonly string[], password = ""): SpawnSyncReturns<string> =>
      spawnSync("rsync", argv, {
        cwd: folder.path,
        encoding: "latin1",
        timeout: 60_000,
        env: {
          ...process.env,
          RSYNC_CONNECT_PROG: `${program} --daemon --config=${at("rsyncd.conf")}`,
          RSYNC_PASSWORD: password,
        },
      });
    const listed = rsync(["rsync://host/"]);
    assert.equal(
      listed.stdout,
      "good day\n\nm              \ta module\nw              \t\nlocked         \t\nfar            \t\n",
    );
    const pulled = rsync(["-aH", "--no-motd", "rsync://host/m/", "pulled/"]);
    assert.deepEqual([pulled.status, pulled.stderr], [0, ""]);
    assert.throws(() => readFileSync(at("pulled/tops/small")), /ENOENT/);
    const pushed = rsync(["-aH", "--delete", "src/", "rsync://host/w/"]);
    assert.deepEqual([pushed.status, pushed.stderr], [0, ""]);
    assertSameTree(readTree(at("src")), at("to"));
    const outcomes = [
      [["src/tops/small", "rsync://host/m/"], "", 1, /module is read only/],
      [["-r", "--delete", "src/tops/", "rsync://host/o/"], "", 4, /configured to refuse --delete/],
      [["-rz", "src/tops/", "rsync://host/o/"], "", 4, /configured to refuse --compress/],
      [["-r", "--cc=md5", "src/tops/", "rsync://host/o/"], "", 4, /refuse --checksum-choice/],
      [
        ["-r", "--cc=none", "rsync://host/m/", "x/"],
        "",
        4,
        /--checksum-choice=none is not available/,
      ],
      [["-aH", "src/tops/", "rsync://host/plain/"], "", 4, /configured to refuse --hard-links/],
      [["rsync://you@host/locked/"], "other", 5, /auth failed on module locked/],
      [["rsync://host/m/../../etc/passwd", "x/"], "", 23, /No such file/],
    ] as const;
    for (const [argv, password, status, says] of outcomes) {
      const ran = rsync(argv, password);
      assert.equal(ran.status, status, `${argv.join(" ")}: ${ran.stderr}`);
      assert.match(ran.stderr, says);
    }
    assert.equal(rsync(["rsync://me@host/locked/"], "sesame").status, 0);
    assert.equal(rsync(["rsync://me@host/strong/"], "sesame").status, 0);
    // Who names no digests means MD5, and gets no challenge to answer with that.
    spawnSync(program, ["--daemon", `--config=${at("rsyncd.conf")}`], {
      input: "@RSYNCD: 31.0\nstrong\n",
      timeout: 60_000,
    });
    const reason = 'its digest is md5, \\"auth digest\\" wants sha256';
    assert.ok(readFileSync(at("log"), "latin1").includes(reason), "the log says why");
    const escaped = rsync(["-abI", "--suffix=;x y", "src/tops/small", "rsync://host/plain/tops/"]);
    assert.deepEqual([escaped.status, escaped.stderr], [0, ""]);
    assert.ok(readdirSync(at("to/tops")).includes("small;x y"));
    const asked = rsync(["rsync://host/asks/"]);
    assert.match(asked.stderr, /pre-xfer exec returned failure \(3\): why/);
    assert.notEqual(asked.status, 0);
    assert.equal(rsync(["rsync://me@host/lax/"], "sesame").status, 0);
    writeFileSync(at("names"), "tops/small\ntops/middle\n");
    writeFileSync(at("src/names"), "tops/middle\n");
    const list = (...argv: string[]): SpawnSyncReturns<string> =>
      rsync(["-a", "--no-motd", ...argv, "rsync://host/m/", "listed/"]);
    assert.equal(list("--files-from=names").status, 23);
    assert.deepEqual(readdirSync(at("listed/tops")), ["middle"], "the other one is hidden");
    rmSync(at("listed"), { recursive: true });
    assert.equal(list("--files-from=:/names").status, 0);
    assert.deepEqual(readdirSync(at("listed/tops")), ["middle"]);
    // A module's client names no file outside of it.
    const outside = list("--files-from=:/../names");
    assert.equal(outside.status, 0, outside.stderr);
    const absent = list(`--files-from=:${at("secrets")}`);
    assert.equal(absent.status, 1);
    assert.match(absent.stderr, /cannot open the files-from file .*: No such file/);
    assert.doesNotMatch(absent.stderr, /sesame/);
    rmSync(at("src/names"));
    writeFileSync(at("ahead"), "ahead of all");
    spawnSync("mkfifo", [at("post")]);
    const after = spawn("cat", [at("post")], { stdio: ["ignore", "pipe", "ignore"] });
    const told = new Promise((resolve) => after.stdout.once("data", (text) => resolve(`${text}`)));
    const early = ["-p", `--early-input=${at("ahead")}`, "--no-motd"];
    assert.equal(rsync([...early, "rsync://host/src/tops/small", "hooked"]).status, 0);
    assert.equal(statSync(at("hooked")).mode & 0o777, 0o600);
    assert.equal(readFileSync(at("early"), "utf8"), "ahead of all");
    assert.equal(readFileSync(at("pre"), "utf8"), "src/tops/small\n--server\n\n");
    assert.match(String(await told), /^src\n0\n\d+\n$/);
    if (root !== "") {
      lchownSync(at("src/tops/small"), 65534, 65534);
      const named = rsync(["-og", "--no-motd", "src/tops/small", "rsync://host/named/"]);
      assert.deepEqual([named.status, named.stderr], [0, ""]);
      assert.equal(statSync(at("to/small")).uid, 54321);
      assert.match(readFileSync(at("asked"), "utf8"), /^usr nobody$/m);
    }
    // What is hidden looks like what is not there, and brings no rules.
    const merged = rsync(["-r", "-M", "--filter=._/tops/small", "rsync://host/m/tops", "merged/"]);
    assert.equal(merged.status, 0, merged.stderr);
    assert.ok(readdirSync(at("merged/tops")).includes("middle"));
    process.env.RSYNC_REQUEST = "x; y";
    const says = rsync(["rsync://host/says/"]);
    delete process.env.RSYNC_REQUEST;
    assert.match(says.stderr, /pre-xfer exec could not be run/);
    // A second process counts what the first one has taken.
    const holds = spawn(program, ["--daemon", `--config=${at("rsyncd.conf")}`]);
    holds.stdin.write("@RSYNCD: 31.0\none\n");
    await new Promise<void>((resolve) => {
      let text = "";
      holds.stdout.on("data", (bytes) => {
        text += bytes;
        if (text.includes("RSYNCD: OK")) resolve();
      });
    });
    assert.match(rsync(["rsync://host/one/"]).stderr, /max connections \(1\) reached/);
    holds.stdin.end();
    await new Promise((resolve) => holds.on("exit", resolve));
    assert.equal(rsync(["rsync://host/one/"]).status, 0);
    symlinkSync("secrets", at("link"));
    assert.equal(rsync(["rsync://me@host/planted/"], "sesame").status, 0);
    // Whoever plants a link chooses what is read.
    if (root !== "") lchownSync(at("link"), 65534, 65534);
    if (root !== "") assert.equal(rsync(["rsync://me@host/planted/"], "sesame").status, 5);
  });

  it("serves at a port, one process a connection", async () => {
    await using folder = temporaryFolder();
    const at = (name: string): string => join(folder.path, name);
    makeTrees(at);
    mkdirSync(at("to"));
    writeConfig(at);
    const daemon = spawn(
      program,
      [
        "--daemon",
        "--no-detach",
        "--address=127.0.0.1",
        "--port=0",
        `--config=${at("rsyncd.conf")}`,
      ],
      { stdio: ["ignore", "ignore", "pipe"] },
    );
    try {
      const port = await new Promise<string>((resolve, reject) => {
        let text = "";
        daemon.on("exit", (code) => reject(new Error(`the daemon ended: ${code} ${text}`)));
        daemon.stderr.on("data", (bytes) => {
          text += bytes;
          const [, found] = /"address":"[^"]*:(\d+)"/.exec(text) ?? [];
          if (found !== undefined) resolve(found);
        });
      });
      const there = `rsync://127.0.0.1:${port}`;
      const pulls = await Promise.all(
        ["a", "b"].map(
          (name) =>
            new Promise<number | null>((resolve) => {
              const argv = ["-a", "--no-motd", `${there}/m/`, `${at(name)}/`];
              spawn("rsync", argv, { stdio: "inherit" }).on("exit", resolve);
            }),
        ),
      );
      assert.deepEqual(pulls, [0, 0]);
      const pushed = spawnSync("rsync", ["-aH", "src/", `${there}/w/`], { cwd: folder.path });
      assert.deepEqual([pushed.status, String(pushed.stderr)], [0, ""]);
      assertSameTree(readTree(at("src")), at("to"));
      rmSync(at("to"), { recursive: true });
      mkdirSync(at("to"));
      const ours = spawnSync(program, ["-aH", "src/", `${there}/w/`], { cwd: folder.path });
      assert.deepEqual([ours.status, String(ours.stderr)], [0, ""]);
      assertSameTree(readTree(at("src")), at("to"));
    } finally {
      daemon.kill("SIGTERM");
    }
  });
});
