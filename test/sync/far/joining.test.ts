// Pins who may join a run: whoever knows its token, as often as it wants, while it goes on. What anybody else
// says at the socket, and what an agent says to whoever asks for a run that is not there, has a name.

import assert from "node:assert/strict";
import { connect } from "node:net";
import { describe, it } from "node:test";
import { ManifoldError, systemClock } from "../../../src/base/index.ts";
import {
  type ControlMessage,
  decodeControl,
  encodeControl,
  lane,
  type OpenPeer,
  openSession,
} from "../../../src/session/index.ts";
import { JoinPlace } from "../../../src/sync/far/join-place.ts";
import { joinName, joinProof, randomToken } from "../../../src/sync/far/join-token.ts";
import { sessionWords } from "../../../src/sync/far/session-words.ts";
import type { Switchboard } from "../../../src/sync/far/switchboard.ts";
import { runAgent } from "../../../src/sync/index.ts";
import {
  type Channel,
  connectLocal,
  lineChannel,
  listenLocal,
  memoryChannels,
} from "../../../src/transport/index.ts";
import { surroundings, within } from "./far-rig.ts";

/** A place where so many may join. */
async function place(count: number): Promise<{ place: JoinPlace; joined: Switchboard[] }> {
  const joined: Switchboard[] = [];
  const open = new JoinPlace({ count, clock: systemClock, joined: (board) => joined.push(board) });
  assert.equal(await open.open(), true);
  return { place: open, joined };
}

async function openTo(channel: Channel, first: ControlMessage): Promise<OpenPeer> {
  return await openSession(channel, {
    ...sessionWords,
    side: "initiator",
    clock: systemClock,
    early: [{ lane: lane.control, parts: [encodeControl(first)] }],
  });
}

/** Starts an agent, says that to it, and returns what it fails with; "nothing" = it does not. */
async function ask(first: ControlMessage): Promise<{ failure: Promise<string>; peer: OpenPeer }> {
  const [near, far] = memoryChannels("far");
  const agent = runAgent(far, surroundings());
  agent.catch(() => undefined);
  const peer = await openTo(near, first);
  return { failure: failureOf(peer), peer };
}

function failureOf(peer: OpenPeer): Promise<string> {
  return within(
    new Promise((resolve) =>
      peer.listen({
        message: (number, message) => {
          if (number !== lane.control) return;
          const said = decodeControl(message);
          if (said.kind === "failed") resolve(`${said.code}: ${said.message}`);
        },
        drained: () => undefined,
        closed: () => resolve("nothing"),
      }),
    ),
    10_000,
  );
}

async function until(what: () => boolean): Promise<void> {
  const end = performance.now() + 10_000;
  while (!what()) {
    assert.ok(performance.now() < end, "it does not come to that");
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe("joining a run", () => {
  it("takes whoever knows the token, no more than were announced, and nobody after the end", async () => {
    const { place: open, joined } = await place(1);
    const join = { kind: "join", token: open.token } as const;
    const first = await ask(join);
    await until(() => joined.length === 1);
    const second = await ask(join);
    assert.equal(await second.failure, "start-client: The run has 2 connections");
    assert.equal(joined.length, 1);
    // What one says the other hears, and only on the lanes of content.
    const heard: string[] = [];
    joined[0]?.on(lane.request, (message) => heard.push(Buffer.from(message).toString()));
    first.peer.send(lane.request, Buffer.from("a wish"));
    await until(() => heard.length === 1);
    assert.deepEqual(heard, ["a wish"]);
    open.close();
    const third = await ask(join);
    assert.equal(await third.failure, "start-client: There is no such run here, or it has ended");
    open.end();
    await within(first.failure, 10_000);
  });

  it("is refused with another token", async () => {
    const { failure } = await ask({ kind: "join", token: randomToken() });
    assert.equal(await failure, "start-client: There is no such run here, or it has ended");
  });

  it("is refused at the socket with another token than that of its name", async () => {
    const { place: open, joined } = await place(1);
    const lines = lineChannel(await connectLocal(joinName(open.token), "the run"), systemClock);
    const nonce = "0".repeat(32);
    lines.send(Buffer.from(`${nonce}\n`));
    assert.equal(await lines.readLine(10_000), joinProof(open.token, nonce));
    const peer = await openTo(lines, { kind: "join", token: randomToken() });
    assert.equal(await failureOf(peer), "start-client: That is the token of no run here");
    assert.equal(joined.length, 0);
    open.close();
  });

  it("is refused at the socket to whoever begins otherwise", async () => {
    const { place: open, joined } = await place(1);
    const lines = lineChannel(await connectLocal(joinName(open.token), "the run"), systemClock);
    const nonce = "1".repeat(32);
    lines.send(Buffer.from(`${nonce}\n`));
    await lines.readLine(10_000);
    const peer = await openTo(lines, { kind: "cancel" });
    assert.equal(await failureOf(peer), "start-client: It began with cancel");
    for (const garbage of ["x\n", "\0".repeat(5000), `${"g".repeat(32)}\n`]) {
      await within(saidTo(joinName(open.token), garbage), 10_000);
    }
    assert.equal(joined.length, 0);
    open.close();
  });

  it("does not tell the token to whoever took the name of a run that has ended", async () => {
    const token = randomToken();
    const heard: string[] = [];
    const server = await listenLocal(joinName(token), "somebody", (channel) => {
      channel.listen({
        data: (bytes) => {
          heard.push(Buffer.from(bytes).toString("latin1"));
          channel.send(Buffer.from(`${joinProof(randomToken(), "x")}\n`));
        },
        drained: () => undefined,
        closed: () => undefined,
      });
    });
    const { failure } = await ask({ kind: "join", token });
    assert.equal(await failure, "start-client: What listens there is not that run");
    assert.match(heard.join(""), /^[0-9a-f]{32}\n$/);
    await server.close();
  });

  it("begins with nothing else: an agent that waits for its start takes no other message", async () => {
    const { failure } = await ask({ kind: "joinable", token: undefined });
    assert.equal(await failure, "protocol-data: The other end began with joinable");
  });

  it("a token of another length is no message", () => {
    for (const token of [new Uint8Array(15), new Uint8Array(17)]) {
      const message = encodeControl({ kind: "join", token });
      assert.throws(() => decodeControl(message), ManifoldError);
    }
  });
});

/** Says something at a name, and waits for the end of the connection. */
function saidTo(name: string, words: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(`\0${name}`);
    socket.on("error", () => undefined);
    socket.on("close", () => resolve());
    socket.resume();
    socket.write(words);
  });
}
