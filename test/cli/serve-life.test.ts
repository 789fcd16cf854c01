// The life of a server: what signals do, its log and pid files, and that the command line is refused in words.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import { systemClock } from "../../src/base/index.ts";
import { openSession } from "../../src/session/index.ts";
import { type ClientEnd, ServeScene } from "./serve-scene.ts";

const module = "[m]\npath = DIR/m\nread only = no";

async function scene(configuration = module, words: readonly string[] = []): Promise<ServeScene> {
  const made = await ServeScene.start(configuration, words);
  mkdirSync(made.folder.at("m"));
  writeFileSync(made.folder.at("m/file"), "content");
  // Meets the server, so that nothing is told about its key later.
  await made.run([made.url("")]);
  return made;
}

function isFine({ exit, stderr }: ClientEnd): void {
  assert.equal(stderr, "");
  assert.equal(exit, 0);
}

describe("a server", () => {
  it("reads its configuration anew, for those who come after that; a broken one changes nothing", async () => {
    await using here = await scene();
    const inside = await here.enter("m");
    const { connection } = await here.logged("enter");
    here.configure(`${module}\nhosts deny = *\n[n]\npath = DIR/m`);
    here.signal("SIGHUP");
    assert.equal((await here.logged("reload")).modules, 2);
    isFine(await here.run([here.url("n/file"), "got"]));
    assert.equal((await here.run([here.url("m/file"), "got"])).exit, 5);
    here.configure("[n]\npath = nowhere");
    here.signal("SIGHUP");
    const { says } = await here.logged("reload-failed");
    assert.match(String(says), /conf, line \d+: "path" is an absolute path, not "nowhere"/);
    isFine(await here.run([here.url("n/file"), "got"]));
    inside.destroy();
    await here.logged("disconnect", { connection });
  });

  it("drains: takes nobody in, lets those inside finish, and leaves no pid file", async () => {
    await using here = await scene();
    const pid = Number(readFileSync(here.folder.at("pid"), "utf8"));
    const inside = await here.enter("m");
    process.kill(pid, "SIGTERM");
    assert.equal((await here.logged("drain")).connections, 1);
    const late = await here.run([here.url("m/file"), "got"]);
    assert.match(late.stderr, /cannot connect to 127\.0\.0\.1:\d+: Connection refused/);
    assert.equal(late.exit, 10);
    assert.ok(existsSync(here.folder.at("pid")));
    inside.destroy();
    assert.deepEqual(await here.ended, [0, null]);
    assert.ok(!existsSync(here.folder.at("pid")));
  });

  it("ends those inside at the second signal, and what they had begun is swept", async () => {
    await using here = await scene();
    const inside = await here.enter("m");
    const { connection } = await here.logged("enter");
    here.signal("SIGTERM");
    await here.logged("drain");
    here.signal("SIGTERM");
    const { exit } = await here.logged("disconnect", { connection });
    assert.notEqual(exit, "0");
    assert.deepEqual(await here.ended, [0, null]);
    inside.destroy();
  });

  it("writes its log to a file, and to a new one when somebody has moved it away", async () => {
    await using here = await scene();
    /** Gives the server a configuration with this module besides, and waits until it is there. */
    const reloadWith = async (name: string): Promise<void> => {
      here.configure(`log file = DIR/log\n${module}\n[${name}]\npath = DIR/m`);
      here.signal("SIGHUP");
      while ((await here.run([here.url(`${name}/file`), "got"])).exit !== 0);
    };
    const eventsOf = (name: string): unknown[] =>
      readFileSync(here.folder.at(name), "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line).event);
    await reloadWith("a");
    renameSync(here.folder.at("log"), here.folder.at("log.1"));
    await reloadWith("b");
    here.signal("SIGTERM");
    assert.deepEqual(await here.ended, [0, null]);
    assert.equal(eventsOf("log.1")[0], "reload");
    assert.ok(eventsOf("log.1").includes("enter"));
    assert.equal(eventsOf("log")[0], "reload");
    assert.ok(eventsOf("log").includes("drain"));
    assert.equal(eventsOf("log").at(-1), "end");
  });

  it("ends a connection that is silent for its module's timeout, and keeps one that is slow", async () => {
    await using here = await scene(`${module}\ntimeout = 1\nmax connections = 1`);
    const lines = await here.enter("m");
    // It greets, and then neither says what it wants nor gives a sign of life.
    const clock = { ...systemClock, after: () => () => undefined };
    const words = { program: "silent", capabilities: {}, side: "initiator", clock } as const;
    const peer = await openSession(lines, words);
    assert.equal(peer.negotiated.timeoutMs, 1000);
    const told = new Promise((resolve) => {
      peer.listen({
        message: () => undefined,
        drained: () => undefined,
        closed: (error) => resolve(error?.code),
      });
    });
    assert.equal(await told, "connection-lost");
    const { connection } = await here.logged("enter", { module: "m" });
    await here.logged("disconnect", { connection });
    // 300 KB at 100 KB a second: three times as long as the timeout.
    writeFileSync(here.folder.at("slow"), Buffer.alloc(300_000, "slow"));
    isFine(await here.run(["--bwlimit=100", "slow", here.url("m/")]));
    assert.equal(readFileSync(here.folder.at("m/slow")).length, 300_000);
  });

  it("sets the options of sockets that its configuration or its command line names", async () => {
    /** Says whether the kernel has a timer for keep-alives on a connection to the port (/proc/net/tcp, column tr). */
    const hasTimer = (port: number): boolean => {
      const at = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`;
      const lines = readFileSync("/proc/net/tcp", "latin1").split("\n");
      const row = lines
        .map((line) => line.trim().split(/\s+/))
        .find(([, from, , state]) => from === at && state === "01");
      assert.ok(row !== undefined, "the connection is there");
      return row[5]?.startsWith("02:") === true;
    };
    for (const [options, expected, words] of [
      ["SO_KEEPALIVE=0, TCP_NODELAY", false, []],
      ["TCP_NODELAY SO_KEEPALIVE", true, []],
      ["SO_KEEPALIVE=0", true, ["--sockopts=SO_KEEPALIVE"]],
    ] as const) {
      await using here = await scene(`socket options = ${options}\n${module}`, words);
      const lines = await here.enter("m");
      assert.equal(hasTimer(here.port), expected, options);
      lines.destroy();
    }
  });

  it("cleans up after a client that goes away in the middle", async () => {
    await using here = await scene();
    const folder = here.folder.at("many");
    mkdirSync(folder);
    for (let i = 0; i < 200; i++) writeFileSync(`${folder}/${i}`, Buffer.alloc(100_000, i));
    const client = here.start(["-r", "--bwlimit=100", "many/", here.url("m/")]);
    const { connection } = await here.logged("run");
    client.child.kill("SIGKILL");
    await here.logged("disconnect", { connection });
    assert.ok(!existsSync(here.folder.at("m/.manifold")));
    isFine(await here.run(["-r", "many/", here.url("m/")]));
    assert.ok(!existsSync(here.folder.at("m/.manifold")));
  });
});
