// Runs over a real sshd on the loopback: trees, odd names, ports, users, and every way in which a
// connection does not come about, each with rsync's exit status and a message that says what to do.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import {
  assertSameTree,
  readTree,
  sampled,
  temporaryFolder,
  varietyTree,
  writeTree,
} from "../support/index.ts";
import { type Ended, runOurs } from "./run-ours.ts";
import { noSshd, type SshServer, startSshd } from "./ssh-server.ts";

const program = join(import.meta.dirname, "..", "..", "manifold");

interface Asked {
  readonly shell?: string;
  readonly path?: string;
  readonly env?: Readonly<Record<string, string>>;
}

function overSsh(server: SshServer, argv: readonly string[], asked: Asked = {}): Ended {
  const { shell = server.shell, path = program, env } = asked;
  const words = [`--rsh=${shell}`, `--remote-path=${path}`, ...argv];
  const options = { cwd: server.folder.path, ...(env && { env }) };
  return runOurs("manifold", words, options);
}

/** Names that a shell, a line or a decoder could get wrong, as bytes. */
const oddNames = [
  "two words",
  " edges ",
  "'single' and \"double\"",
  "new\nline",
  "back\\slash",
  "$(touch oops)`touch oops`;&|<>",
  "-leading",
  "*[x]?",
  "~",
  "caf\xe9 is no UTF-8",
];

describe("a run over ssh", { skip: noSshd }, () => {
  it("pushes and pulls a tree", async () => {
    await using server = await startSshd();
    const { folder } = server;
    mkdirSync(folder.at("src"));
    writeTree(folder.at("src"), varietyTree(5));
    const source = readTree(folder.at("src"));
    const pushed = overSsh(server, ["-HAX", "src/", `there:${folder.at("pushed")}`]);
    assert.deepEqual([pushed.exit, pushed.stderr], [0, ""]);
    assertSameTree(source, folder.at("pushed"));
    const pulled = overSsh(server, ["-HAX", `there:${folder.at("src")}/`, "pulled"]);
    assert.deepEqual([pulled.exit, pulled.stderr], [0, ""]);
    assertSameTree(source, folder.at("pulled"));
    const again = overSsh(server, ["-HAXi", `there:${folder.at("src")}/`, "pulled"]);
    assert.deepEqual([again.exit, again.stdout], [0, ""]);
  });

  it("takes names as they are, in trees and as arguments", async () => {
    await using server = await startSshd();
    const { folder } = server;
    const bytes = (...names: string[]): Buffer =>
      Buffer.concat([Buffer.from(`${folder.path}/`), Buffer.from(names.join("/"), "latin1")]);
    mkdirSync(folder.at("src"));
    for (const name of oddNames) {
      mkdirSync(bytes("src", name));
      writeFileSync(bytes("src", name, name), name);
    }
    assert.equal(overSsh(server, ["src", `there:${folder.at("pushed")}/`]).stderr, "");
    assertSameTree(readTree(folder.at("src")), folder.at("pushed/src"));
    // As arguments: every name by itself, to a directory of an odd name.
    const places = oddNames.map(
      (name) => `:${folder.path}/src/${name.replaceAll(/[*?[\]]/g, "\\$&")}`,
    );
    const words = [`there${places[0]}`, ...places.slice(1), "./-to here\n/"].map(quoted);
    const script = `exec "$@" ${words.join(" ")}`;
    const argv = [program, `--rsh=${server.shell}`, `--remote-path=${program}`];
    const options = { cwd: folder.path, encoding: "latin1" } as const;
    assert.equal(spawnSync("bash", ["-c", script, "bash", ...argv], options).stderr, "");
    assertSameTree(readTree(folder.at("src")), folder.at("-to here\n"), { ignore: ["mtimeNs"] });
    assert.deepEqual(
      readdirSync(folder.path).filter((name) => name.startsWith("oops")),
      [],
    );
  });
});

/** For bash: node spells no argument that is not UTF-8. */
function quoted(bytes: string): string {
  const spelled = Array.from(
    bytes,
    (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
  return `$'${spelled.join("")}'`;
}

describe("the way to a machine", { skip: noSshd }, () => {
  let server: SshServer;
  before(async () => {
    server = await startSshd();
    mkdirSync(server.folder.at("src"));
    writeFileSync(server.folder.at("src/file"), "content");
  });
  after(() => server[Symbol.asyncDispose]());

  it("is what -e, RSYNC_RSH, USER@, a port and an IPv6 address say", () => {
    const { folder, user, port, shell } = server;
    const path = folder.at("src/");
    const config = folder.at("ssh_config");
    const elsewhere = folder.at("elsewhere");
    const other = readFileSync(config, "utf8").replace(/Port .*/, "Port 1");
    writeFileSync(elsewhere, other);
    const ways: readonly (readonly [string, string])[] = [
      [shell, `there:${path}`],
      [shell, `${user}@there:${path}`],
      [shell, `${user}@[::1]:${path}`],
      [`'ssh'  -F "${config}"`, `127.0.0.1:${path}`],
      [`ssh -F ${elsewhere} -p ${port}`, `there:${path}`],
    ];
    for (const [i, [way, place]] of sampled(ways).entries()) {
      const { exit, stderr } = overSsh(server, [place, `to${i}`], { shell: way });
      assert.deepEqual([exit, stderr], [0, ""], way);
      assert.equal(readFileSync(folder.at(`to${i}/file`), "utf8"), "content");
    }
    const argv = [`--remote-path=${program}`, `there:${path}`, "by-variable"];
    const { stderr } = runOurs("manifold", argv, { cwd: folder.path, env: { RSYNC_RSH: shell } });
    assert.equal(stderr, "");
    assert.equal(readFileSync(folder.at("by-variable/file"), "utf8"), "content");
  });

  it("leads to the home directory where there is no path, and lists without a target", () => {
    const { folder } = server;
    const home = overSsh(server, ["--exclude=/*", "there:"]);
    assert.match(home.stdout, /^d.* \.$/m);
    const listed = overSsh(server, ["there:~/src/"]);
    assert.match(listed.stdout, /^-.* 7 .* file$/m);
    assert.equal(overSsh(server, ["--list-only", `there:~/src/`, "never"]).stdout, listed.stdout);
    assert.ok(!readdirSync(folder.path).includes("never"));
  });

  const broken: readonly (readonly [string, Asked, number, RegExp])[] = [
    [
      "has nobody who listens",
      { shell: "-p 1" },
      255,
      /refused.*there: ssh ended with exit status 255 before any greeting came: it says itself why/s,
    ],
    [
      "leads to an unknown host key",
      { shell: "-o UserKnownHostsFile=/dev/null" },
      255,
      /Host key verification failed.*it says itself why/s,
    ],
    [
      "is closed to the user",
      { shell: "-o IdentityFile=none" },
      255,
      /Permission denied.*it says itself why/s,
    ],
    [
      "leads to a machine without manifold",
      { path: "manifold-is-not-here" },
      127,
      /install manifold on that machine or say where it is with --remote-path; .*--protocol=rsync/,
    ],
    [
      "leads to something that is no program",
      { path: dirname(program) },
      127,
      /exit status 126.*--remote-path/s,
    ],
    [
      "leads through a shell that talks",
      { path: `echo; echo "Welcome to there"; ${program}` },
      2,
      /but "Welcome to there"; a shell there must not print anything/,
    ],
    ["leads to a program that talks and ends", { path: "echo bye; exit 5;" }, 2, /but "bye"/],
    ["leads to a program that ends", { path: "exit 0;" }, 12, /ended before any greeting came/],
    ["leads to rsync", { path: "rsync --server --sender -r . . #" }, 2, /rsync answers there/],
  ];
  for (const [i, [what, { shell, path }, status, message]] of broken.entries()) {
    it(`that ${what} is told, and nothing is touched`, () => {
      const { folder } = server;
      const asked = {
        ...(shell !== undefined && { shell: reach(server, shell) }),
        ...(path !== undefined && { path }),
      };
      const ways = [
        ["src/", `there:${folder.at("to")}`],
        [`there:${folder.at("src")}/`, "to"],
      ];
      for (const places of sampled(ways, 2, i % 2)) {
        const { exit, stderr } = overSsh(server, places, asked);
        assert.match(stderr, message);
        assert.equal(exit, status);
        assert.ok(!readdirSync(folder.path).includes("to"), "the target was made");
      }
    });
  }

  it("that is no program is told", () => {
    using folder = temporaryFolder();
    const argv = ["-e", "/no/such-shell", "there:/", "to"];
    const { exit, stderr } = runOurs("manifold", argv, { cwd: folder.path });
    assert.equal(exit, 14);
    assert.match(stderr, /cannot start such-shell: No such file/);
  });
});

/** The shell with more words, before which ssh's own configuration does not count. */
function reach({ shell, folder }: SshServer, words: string): string {
  if (!words.includes("IdentityFile")) return `${shell} ${words}`;
  const config = readFileSync(folder.at("ssh_config"), "utf8");
  writeFileSync(folder.at("no_key"), config.replace(/IdentityFile .*/, "IdentityFile none"));
  return shell.replace("ssh_config", "no_key");
}
