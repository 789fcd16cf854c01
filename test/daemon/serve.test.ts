// A daemon on the loopback interface, with a real process for each connection.

import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { ManifoldError, systemClock, toBytes } from "../../src/base/index.ts";
import {
  allowedName,
  allowKey,
  type Daemon,
  formatWish,
  invite,
  isProof,
  pairingLabel,
  pairingProof,
  parseAnswer,
  parseConfig,
  startDaemon,
  type Wish,
} from "../../src/daemon/index.ts";
import {
  connectSecure,
  createIdentity,
  type Identity,
  type LineChannel,
  lineChannel,
  type SecureChannel,
} from "../../src/transport/index.ts";
import { childModule, type TemporaryFolder, temporaryFolder } from "../support/index.ts";

const program = fileURLToPath(childModule("echo-child.ts", import.meta.url));

const isRoot = process.geteuid?.() === 0;

interface Scene extends AsyncDisposable {
  readonly daemon: Daemon;
  readonly folder: TemporaryFolder;
  readonly identity: Identity;
  readonly me: Identity;
  /** Resolves when an event of this kind has been logged. */
  logged(event: string): Promise<Record<string, unknown>>;
}

function configOf(folder: TemporaryFolder, modules: string) {
  const text = `allowed keys = ${folder.at("allowed")}\n${modules}`;
  return parseConfig("conf", (path) => (path === "conf" ? text : undefined));
}

async function serve(modules: string): Promise<Scene> {
  const folder = temporaryFolder();
  const identity = createIdentity();
  const me = createIdentity();
  allowKey(folder.at("allowed"), me.fingerprint, "me");
  const events: Record<string, unknown>[] = [];
  const waiters = new Set<() => void>();
  const daemon = await startDaemon({
    config: configOf(folder, `address = 127.0.0.1\n${modules}`),
    identity,
    port: 0,
    program,
    invitation: folder.at("pairing"),
    log: (event, fields) => {
      events.push({ event, ...fields });
      for (const wake of [...waiters]) wake();
    },
  });
  return {
    daemon,
    folder,
    identity,
    me,
    logged: (event) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = events.findIndex((each) => each.event === event);
          if (found < 0) return;
          waiters.delete(look);
          resolve(events.splice(found, 1)[0] as Record<string, unknown>);
        };
        waiters.add(look);
        look();
      }),
    [Symbol.asyncDispose]: async () => {
      daemon.end();
      await daemon.drain();
      folder.remove();
    },
  };
}

interface Call {
  readonly channel: SecureChannel;
  readonly lines: LineChannel;
  readonly answer: string;
}

async function say(
  scene: Scene,
  wish: (channel: SecureChannel) => Wish,
  who: Identity,
): Promise<Call> {
  const { port } = scene.daemon;
  const channel = await connectSecure({ host: "127.0.0.1", port, identity: who });
  const lines = lineChannel(channel, systemClock);
  channel.send(toBytes(`${formatWish(wish(channel))}\n`));
  const answer = parseAnswer(await lines.readLine(30_000), "the server");
  return { channel, lines, answer };
}

function enter(scene: Scene, name: string, who = scene.me): Promise<Call> {
  return say(scene, () => ({ kind: "module", name }), who);
}

async function echoes({ lines }: Call, text: string): Promise<void> {
  lines.send(toBytes(`${text}\n`));
  assert.equal(await lines.readLine(30_000), text);
}

function isRefusal(pattern: RegExp) {
  return (error: unknown): boolean => {
    assert.ok(error instanceof ManifoldError);
    assert.match(error.message, pattern);
    return error.exit === 5;
  };
}

test("a client whose key is allowed is served; others learn nothing about what there is", async () => {
  await using scene = await serve("[m]\npath = /x\n[deaf]\npath = /x\nhosts deny = *\n");
  const call = await enter(scene, "m");
  await echoes(call, "hello");
  assert.deepEqual(await scene.logged("enter"), {
    event: "enter",
    module: "m",
    key: scene.me.fingerprint,
    name: "me",
    connection: 1,
  });
  call.channel.destroy();
  const same = isRefusal(/^the server: there is no such module, or it is not for you$/);
  await assert.rejects(enter(scene, "m", createIdentity()), same);
  await assert.rejects(enter(scene, "other"), same);
  await assert.rejects(enter(scene, "deaf"), same);
});

test("a process that crashes, and garbage, touch nobody else", async () => {
  await using scene = await serve("[m]\npath = /x\n[crash]\npath = /x\n");
  const steady = await enter(scene, "m");
  const crashing = await enter(scene, "crash");
  crashing.lines.send(toBytes("now\n"));
  await assert.rejects(crashing.lines.readLine(30_000));
  assert.equal((await scene.logged("disconnect")).exit, "SIGKILL");
  const garbage = connect(scene.daemon.port, "127.0.0.1");
  garbage.on("error", () => undefined);
  garbage.write("GET / HTTP/1.0\r\n\r\n");
  assert.equal((await scene.logged("refused")).code, "start-client");
  await echoes(steady, "still here");
  await echoes(await enter(scene, "m"), "and the next one");
});

test("a module takes as many connections as it may, and again one when one has gone", async () => {
  await using scene = await serve(
    "[m]\npath = /x\nmax connections = 1\n[off]\npath=/x\nmax connections = -1\n",
  );
  const first = await enter(scene, "m");
  await assert.rejects(enter(scene, "m"), isRefusal(/too many connections/));
  await assert.rejects(enter(scene, "off"), isRefusal(/too many connections/));
  await scene.logged("disconnect");
  await scene.logged("disconnect");
  first.channel.destroy();
  await scene.logged("disconnect");
  await echoes(await enter(scene, "m"), "x");
});

test("the list has what the client may see", async () => {
  await using scene = await serve(
    "[m]\npath = /x\ncomment = mine\n[hidden]\npath=/x\nlist = no\n[open]\npath = /x\nallowed keys = *\n",
  );
  const listOf = async (who: Identity): Promise<string[]> => {
    const { answer, lines } = await say(scene, () => ({ kind: "list" }), who);
    const names: string[] = [];
    for (let i = 0; i < Number(answer); i++) names.push(await lines.readLine(30_000));
    return names;
  };
  assert.deepEqual(await listOf(scene.me), ["m\tmine", "open\t"]);
  assert.deepEqual(await listOf(createIdentity()), ["open\t"]);
});

test("a code lets a new key in, once, and proves the server to it", async () => {
  await using scene = await serve("[m]\npath = /x\n");
  const guest = createIdentity();
  const code = invite(scene.folder.at("pairing"), "guest", systemClock);
  const pairWith = (
    typed: string,
    who: Identity,
  ): Promise<{ proof: string; channel: SecureChannel }> =>
    say(
      scene,
      (channel) => ({
        kind: "pair",
        proof: pairingProof(typed, "client", {
          secret: channel.exportSecret(pairingLabel),
          clientKey: who.fingerprint,
          serverKey: channel.peerKey,
        }),
      }),
      who,
    ).then(({ answer, channel }) => ({ proof: answer, channel }));
  await assert.rejects(
    pairWith("00000-00000-00000-00000", guest),
    isRefusal(/no such pairing code/),
  );
  assert.equal(allowedName(scene.folder.at("allowed"), guest.fingerprint), undefined);
  const { proof } = await pairWith(code, guest);
  assert.match(proof, /^[0-9a-f]{64}$/);
  assert.equal(allowedName(scene.folder.at("allowed"), guest.fingerprint), "guest");
  await assert.rejects(pairWith(code, createIdentity()), isRefusal(/no such pairing code/));
  await echoes(await enter(scene, "m", guest), "in");
  const meeting = { secret: new Uint8Array(32), clientKey: "", serverKey: "" };
  assert.ok(!isProof(Buffer.from(proof, "hex"), code, "server", meeting));
});

test("after a reload newcomers meet the new configuration, those inside keep the old", async () => {
  await using scene = await serve("[m]\npath = /x\n");
  const old = await enter(scene, "m");
  scene.daemon.reload(configOf(scene.folder, "[n]\npath = /x\n"));
  await echoes(old, "as before");
  await echoes(await enter(scene, "n"), "new");
  await assert.rejects(enter(scene, "m"), isRefusal(/no such module/));
});

test("draining takes nobody in, waits for those inside, and can be cut short", async () => {
  await using scene = await serve("[m]\npath = /x\n");
  const [one, two] = [await enter(scene, "m"), await enter(scene, "m")];
  const { port } = scene.daemon;
  const drained = scene.daemon.drain();
  await assert.rejects(
    connectSecure({ host: "127.0.0.1", port, identity: scene.me }),
    /Connection refused/,
  );
  await echoes(one, "going on");
  one.channel.destroy();
  await scene.logged("disconnect");
  await echoes(two, "still");
  scene.daemon.end();
  await drained;
  assert.equal((await scene.logged("disconnect")).exit, "SIGTERM");
  await scene.logged("end");
});

test("the module's user is taken on before the conversation begins", {
  skip: isRoot ? false : "only root can become somebody else",
}, async () => {
  await using scene = await serve("[user]\npath = /x\nuid = nobody\n");
  const { lines } = await enter(scene, "user");
  assert.equal(await lines.readLine(30_000), "65534:65534");
});
