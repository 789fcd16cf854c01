// `manifold serve` and its clients over TLS on the loopback interface: what goes to and fro, what is refused, and
// that nothing that happens to one connection touches another or the server.

import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { after, before, describe, it } from "node:test";
import { createIdentity, type LineChannel } from "../../src/transport/index.ts";
import { assertSameTree, readTree, sampled, varietyTree, writeTree } from "../support/index.ts";
import { isRoot } from "./run-ours.ts";
import { type ClientEnd, ServeScene } from "./serve-scene.ts";

const modules = `
[m]
path = DIR/m
comment = what may be read
[w]
path = DIR/w
read only = no
munge symlinks = no
[drop]
path = DIR/w
write only = yes
list = no
munge symlinks = no
[hiding]
path = DIR/hiding
read only = no
munge symlinks = no
exclude = /private *.key
[strict]
path = DIR/w
read only = no
refuse options = delete checksum
[two]
path = DIR/m
max connections = 1
[doomed]
path = DIR/m
list = no
[steady]
path = DIR/m
list = no
[strangers]
path = DIR/m
allowed keys = DIR/nobody
`;

function isFine({ exit, stderr }: ClientEnd): void {
  assert.equal(stderr, "");
  assert.equal(exit, 0);
}

function isRefused({ exit, stderr }: ClientEnd, status: number, message: RegExp): void {
  assert.match(stderr, message);
  assert.doesNotMatch(stderr, /^ +at |this is a bug/m);
  assert.equal(exit, status, stderr);
}

/** Resolves when the connection is over. */
function closeOf(lines: LineChannel): Promise<void> {
  return new Promise((resolve) => {
    const nothing = (): void => undefined;
    lines.listen({ data: nothing, drained: nothing, closed: () => resolve() });
  });
}

/** What the files below a folder hold, "" where there is no folder. */
function contentsOf(folder: string): string {
  if (!existsSync(folder)) return "";
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files
    .map(({ parentPath, name }) => readFileSync(`${parentPath}/${name}`, "latin1"))
    .join();
}

describe("a server and its clients", () => {
  let scene: ServeScene;
  const at = (path: string): string => scene.folder.at(path);

  before(async () => {
    scene = await ServeScene.start(modules);
    for (const name of ["m", "w", "hiding/private", "outside", "src"]) {
      mkdirSync(at(name), { recursive: true });
    }
    writeTree(at("m"), varietyTree(1));
    writeTree(at("src"), varietyTree(2));
    writeFileSync(at("from"), "plain");
    writeFileSync(at("outside/secret"), "nobody's business");
    isFine(await scene.run(["key", "show"]));
    const first = await scene.run(["sync", scene.url("")]);
    assert.match(
      first.stderr,
      /^manifold: 127\.0\.0\.1:\d+ is new; from now on its key is SHA256:/,
    );
  });

  after(async () => {
    await scene[Symbol.asyncDispose]();
    assert.deepEqual(scene.stray, [], "the server says nothing but events");
  });

  it("lists the modules that there are for whoever asks", async () => {
    const { stdout, exit } = await scene.run(["sync", scene.url("")]);
    assert.equal(exit, 0);
    assert.deepEqual(stdout.split("\n"), [
      "m              \twhat may be read",
      "w              \t",
      "hiding         \t",
      "strict         \t",
      "two            \t",
      "",
    ]);
    const { stdout: json } = await scene.run(["sync", "--json", scene.url("")]);
    const [line = ""] = json.split("\n");
    assert.deepEqual(JSON.parse(line), { type: "module", name: "m", comment: "what may be read" });
  });

  it("leave the tree of a run between two folders, pulled and pushed", async () => {
    isFine(await scene.run(["-aHAX", scene.url("m/"), "pulled/"]));
    assertSameTree(readTree(at("m")), at("pulled"));
    isFine(await scene.run(["-aHAX", "src/", scene.url("w/pushed/")]));
    assertSameTree(readTree(at("src")), at("w/pushed"));
    isFine(await scene.run(["-aHAX", "--delete", "m/", scene.url("w/pushed/")]));
    assertSameTree(readTree(at("m")), at("w/pushed"));
    const again = await scene.run(["-aHAXi", "--delete", "m/", scene.url("w/pushed/")]);
    assert.equal(again.stdout, "");
  });

  it("keep to what a module is for", async () => {
    const before = readTree(at("m"));
    isRefused(await scene.run(["src/", scene.url("m/")]), 5, /the module is read only/);
    isRefused(await scene.run([scene.url("drop/"), "got/"]), 5, /the module is write only/);
    const undone = ["--undo=u", "src/", scene.url("drop/")];
    isRefused(await scene.run(undone), 5, /the module is write only/);
    assertSameTree(before, at("m"));
    assert.ok(!existsSync(at("got")));
    isFine(await scene.run(["-H", "src/", scene.url("drop/dropped/")]));
    assertSameTree(readTree(at("src")), at("w/dropped"));
  });

  it("reach nothing outside of a module, by whatever path or link", async () => {
    mkdirSync(at("w/in"));
    symlinkSync("../outside", at("w/out"));
    symlinkSync(at("outside"), at("w/absolute"));
    symlinkSync("../../outside/secret", at("w/in/secret"));
    const before = readTree(at("outside"));
    const places = ["out/", "out/secret", "absolute/", "../outside/", "*/secret", "in/"];
    const reading = places.map((path) => scene.url(`w/${path}`));
    const pulls = [
      ["-r", "--copy-links", ...reading, "stolen/"],
      ["-rk", ...reading, "stolen/"],
      ["-r", "--files-from=:/../outside/secret", scene.url("w/"), "stolen/"],
      ["-r", "--files-from=:out/secret", scene.url("w/"), "stolen/"],
    ];
    await Promise.all(sampled(pulls).map((argv) => scene.run(argv)));
    assert.doesNotMatch(contentsOf(at("stolen")), /nobody/);
    const pushes = [
      ["from", scene.url("w/out/")],
      ["from", scene.url("w/absolute/new")],
      ["from", scene.url(`w/..${at("outside")}/`)],
      ["-rK", "src/", scene.url("w/out/")],
      ["-r", "--backup", "--backup-dir=../../outside", "src/", scene.url("w/in/")],
      ["-r", "--temp-dir=../out", "src/", scene.url("w/in/")],
      ["-r", "--delete", "--link-dest=../out", "src/", scene.url("w/in/")],
    ];
    await Promise.all(sampled(pushes).map((argv) => scene.run(argv)));
    assertSameTree(before, at("outside"));
    const copy = await scene.run(["-r", "--copy-dest=../out", "from", scene.url("w/in/secret")]);
    assert.doesNotMatch(copy.stdout + copy.stderr, /nobody/);
  });

  it("do not know of hidden names", async () => {
    writeFileSync(at("hiding/private/x"), "x");
    writeFileSync(at("hiding/a.key"), "key");
    writeFileSync(at("hiding/open"), "open");
    isFine(await scene.run(["-r", scene.url("hiding/"), "shown/"]));
    assert.deepEqual(readdirSync(at("shown")), ["open"]);
    isRefused(await scene.run([scene.url("hiding/a.key"), "shown/"]), 23, /No such file/);
    const push = await scene.run(["-r", "--delete", "hiding/", scene.url("hiding/")]);
    isRefused(push, 23, /Permission denied/);
    assert.equal(readFileSync(at("hiding/private/x"), "utf8"), "x");
    writeFileSync(at("shown/b.key"), "new");
    isRefused(await scene.run(["-r", "--delete", "shown/", scene.url("hiding/")]), 23, /b\.key/);
    assert.ok(existsSync(at("hiding/a.key")) && !existsSync(at("hiding/b.key")));
    isFine(await scene.run(["-aH", "src/", scene.url("hiding/fresh/")]));
    assertSameTree(readTree(at("src")), at("hiding/fresh"));
  });

  it("do not use options that the server refuses", async () => {
    const refusal = /the server is configured to refuse --(delete|checksum)/;
    isRefused(await scene.run(["-r", "--delete", "src/", scene.url("strict/s/")]), 4, refusal);
    isRefused(await scene.run(["-rc", "src/", scene.url("strict/s/")]), 4, refusal);
    isFine(await scene.run(["-r", "src/", scene.url("strict/s/")]));
  });

  it("must have a key that is allowed", async () => {
    const same = /there is no such module, or it is not for you \(exit 5\)$/m;
    isRefused(await scene.run([scene.url("strangers/"), "got/"]), 5, same);
    isRefused(await scene.run([scene.url("absent/"), "got/"]), 5, same);
    const stranger = { XDG_CONFIG_HOME: at("stranger") };
    isRefused(await scene.run([scene.url("m/"), "got/"], stranger), 5, same);
    assert.ok(!existsSync(at("got")));
  });

  it("come to know each other by a code", async () => {
    const guest = { XDG_CONFIG_HOME: at("guest") };
    const { stdout: code } = await scene.run(["key", "invite", "guest", `--config=${at("conf")}`]);
    const place = `127.0.0.1:${scene.port}`;
    isRefused(await scene.run(["key", "pair", place, "0".repeat(20)], guest), 5, /no such pairing/);
    const paired = await scene.run(["key", "pair", place, code.trim()], guest);
    isFine(paired);
    assert.match(paired.stdout, /^127\.0\.0\.1:\d+ SHA256:/);
    isFine(await scene.run(["-r", scene.url("m/"), "for-guest/"], guest));
  });

  it("part when the server's key has changed, until it is forgotten", async () => {
    const config = at("changed");
    mkdirSync(`${config}/manifold`, { recursive: true });
    const known = `127.0.0.1:${scene.port} ${createIdentity().fingerprint}\n`;
    writeFileSync(`${config}/manifold/known_hosts`, known);
    renameSync(at("home/.config/manifold/key"), `${config}/manifold/key`);
    const variables = { XDG_CONFIG_HOME: config };
    try {
      const refused = await scene.run([scene.url("m/"), "got/"], variables);
      isRefused(
        refused,
        5,
        /THE KEY OF 127\.0\.0\.1:\d+ HAS CHANGED[\s\S]*manifold key forget 127/,
      );
      isFine(await scene.run(["key", "forget", `127.0.0.1:${scene.port}`], variables));
      assert.equal((await scene.run(["-r", scene.url("m/"), "got/"], variables)).exit, 0);
    } finally {
      renameSync(`${config}/manifold/key`, at("home/.config/manifold/key"));
      rmSync(at("got"), { recursive: true, force: true });
    }
  });

  it("wait their turn where a module takes only so many", async () => {
    const inside = await scene.enter("two");
    isRefused(await scene.run([scene.url("two/"), "got/"]), 5, /too many connections/);
    const { connection } = await scene.logged("enter", { module: "two" });
    inside.destroy();
    await scene.logged("disconnect", { connection });
    isFine(await scene.run(["-r", scene.url("two/"), "took-turn/"]));
  });

  it("are not touched by garbage, by silence, or by a process that is killed", async () => {
    const steady = await scene.enter("steady");
    let isOver = false;
    void closeOf(steady).then(() => {
      isOver = true;
    });
    const { connection: first } = await scene.logged("enter", { module: "steady" });
    const garbage = [
      "GET / HTTP/1.0\r\n\r\n",
      "@RSYNCD: 31.0\n",
      "\x16\x03\x01\xff\xff",
      "\0".repeat(70_000),
    ];
    for (const bytes of garbage) {
      const socket = connect(scene.port, "127.0.0.1");
      const closed = new Promise<void>((resolve) => socket.on("close", () => resolve()));
      socket.on("error", () => undefined).resume();
      socket.end(bytes, "latin1");
      await closed;
    }
    const silent = connect(scene.port, "127.0.0.1");
    const doomed = await scene.enter("doomed");
    const { connection } = await scene.logged("enter", { module: "doomed" });
    const { pid } = await scene.logged("connect", { connection });
    process.kill(Number(pid), "SIGKILL");
    await closeOf(doomed);
    assert.equal((await scene.logged("disconnect", { connection })).exit, "SIGKILL");
    isFine(await scene.run(["-r", scene.url("m/"), "after-all/"]));
    silent.destroy();
    assert.ok(!isOver, "who was inside is still inside");
    steady.destroy();
    await scene.logged("disconnect", { connection: first });
  });

  it("have what they write done by the module's user", {
    skip: isRoot ? false : "only root can become somebody else",
  }, async () => {
    const module = "path = DIR/open\nread only = no\nuid = nobody";
    scene.configure(
      `${modules}[nobody]\n${module}\n[cellar]\npath = DIR/cellar/below\nuid = nobody\n`,
    );
    scene.signal("SIGHUP");
    await scene.logged("reload");
    chmodSync(scene.folder.path, 0o711);
    mkdirSync(at("open"), { mode: 0o755 });
    writeFileSync(at("open/closed"), "root's", { mode: 0o600 });
    isRefused(await scene.run([scene.url("nobody/closed"), "got"]), 23, /Permission denied/);
    isRefused(await scene.run(["from", scene.url("nobody/")]), 23, /Permission denied/);
    mkdirSync(at("cellar"), { mode: 0o700 });
    mkdirSync(at("cellar/below"));
    // Its way is closed to the module's user, who never goes there.
    assert.equal((await scene.run([scene.url("cellar/"), "got"])).exit, 0);
    rmSync(at("cellar/below"), { recursive: true });
    const gone = /the module cannot be opened: /;
    isRefused(await scene.run([scene.url("cellar/"), "got"]), 11, gone);
  });
});
