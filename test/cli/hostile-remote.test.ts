// Pins what a user gets to see of a hostile other end: one named error, the documented exit status, no stack, nothing raw
// on the terminal, soon, in bounded memory, and nothing outside of the target changed.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import type { Socket } from "node:net";
import { describe, it } from "node:test";
import { systemClock } from "../../src/base/index.ts";
import {
  encodeControl,
  encodeListingHead,
  encodeNews,
  lane,
  type OpenPeer,
  openSession,
} from "../../src/session/index.ts";
import { streamChannel } from "../../src/transport/index.ts";
import type { ProgressEvent } from "../../src/tree/index.ts";
import {
  assertSameTree,
  readTree,
  type TemporaryFolder,
  temporaryFolder,
} from "../support/index.ts";
import { body, directory, sayEnds } from "../sync/far/scripted-source.ts";
import { type FarEnded, program, runFarFrom } from "./far-socket.ts";

const memoryKibMax = 400 * 1024;
const huge = Number.MAX_SAFE_INTEGER;

function jail(folder: TemporaryFolder): void {
  mkdirSync(folder.at("outside"));
  writeFileSync(folder.at("outside/canary"), "canary");
  mkdirSync(folder.at("target"));
  writeFileSync(folder.at("target/kept"), "kept");
  mkdirSync(folder.at("source"));
  writeFileSync(folder.at("source/file"), "content");
}

const pull = ["-a", "host:/source/", "target/"];
const push = ["-a", "source/", "host:/target/"];

/** The other machine greets as it should, and then does what the script says to each message. */
function agent(script: (peer: OpenPeer, lane: number) => void): (socket: Socket) => void {
  return (socket) => {
    const channel = streamChannel(socket, socket, "client");
    const options = {
      side: "acceptor",
      program: "hostile",
      capabilities: {},
      clock: systemClock,
    } as const;
    openSession(channel, options).then(
      (peer) =>
        peer.listen({
          message: (number) => script(peer, number),
          drained: () => undefined,
          closed: () => undefined,
        }),
      () => undefined,
    );
  };
}

const hello = (from: number, to: number): Buffer =>
  Buffer.from(`\x93MFOLD\r\n${String.fromCharCode(from, to)}\x0f\0side: acceptor\n`, "latin1");

/** The source's end that tells what it has, and answers the walk so. */
const walks = (answer: (peer: OpenPeer) => void): ((socket: Socket) => void) =>
  agent((peer, number) => {
    if (number === lane.control) sayEnds(peer);
    else if (number === lane.request) answer(peer);
  });

/** The target's end that tells these news at once. */
const tells = (
  ...news: readonly Partial<Parameters<typeof encodeNews>[0]>[]
): ((socket: Socket) => void) => {
  const empty = { events: [], counters: [], scanComplete: true, end: undefined };
  return agent((peer, number) => {
    if (number !== lane.control) return;
    for (const one of news) peer.send(lane.news, encodeNews({ ...empty, ...one }));
  });
};

const ended = { kind: "ended", exit: 0 } as const;

function trickle(socket: Socket, bytes: Uint8Array): void {
  let at = 0;
  const timer = setInterval(() => socket.write(bytes.subarray(at, ++at)), 1000);
  socket.on("close", () => clearInterval(timer));
}

interface Case {
  readonly argv: readonly string[];
  readonly accept: (socket: Socket) => void;
  readonly exit: number;
  readonly says: RegExp;
}

const cases: Readonly<Record<string, Case>> = {
  "a shell that talks": {
    argv: pull,
    accept: (socket) => socket.end("\x1b[31mWelcome\x07\n"),
    exit: 2,
    says: /Welcome/,
  },
  "an older version": {
    argv: pull,
    accept: (socket) => socket.end(hello(0, 0)),
    exit: 12,
    says: /versions 0 to 0/,
  },
  "a newer version": {
    argv: push,
    accept: (socket) => socket.end(hello(7, 9)),
    exit: 2,
    says: /here is too old/,
  },
  "random bytes": {
    argv: pull,
    accept: (socket) =>
      socket.end(Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * i * 31) & 255))),
    exit: 2,
    says: /no greeting of manifold/,
  },
  "a connection that is closed at once": {
    argv: push,
    accept: (socket) => socket.end(),
    exit: 12,
    says: /ended before any greeting/,
  },
  "a connection that is closed after the greeting": {
    argv: pull,
    accept: (socket) => socket.end(hello(1, 1)),
    exit: 12,
    says: /ended in the middle|closed the connection/,
  },
  "silence after the greeting": {
    argv: ["--timeout=1", ...pull],
    accept: (socket) => socket.write(hello(1, 1)),
    exit: 30,
    says: /nothing came for 1 second/,
  },
  "one byte a second": {
    argv: ["--timeout=2", ...push],
    accept: (socket) => {
      socket.write(hello(1, 1));
      trickle(socket, Buffer.from([0x31, 0, 0, 1, 0, 0, 2, 0, 0, 0, 0, 0]));
    },
    exit: 30,
    says: /nothing came for 2 second/,
  },
  "an absolute name": {
    argv: pull,
    accept: walks((peer) =>
      peer.send(
        lane.listing,
        directory(body([{ name: "/etc/x" }]), { directory: 0, parent: 0, index: 0 }),
      ),
    ),
    exit: 12,
    says: /name with a slash/,
  },
  "endless directories": {
    argv: pull,
    accept: walks((peer) => {
      for (let n = 0; n < 20_000; n++) {
        peer.send(lane.listing, directory(body([]), { directory: n + 1, parent: n + 5, index: 1 }));
      }
    }),
    exit: 12,
    says: /more directories than were taken/,
  },
  "endless closed directories": {
    argv: pull,
    accept: walks((peer) => {
      for (let n = 0; n < 20_000; n++) {
        peer.send(
          lane.listing,
          encodeListingHead({ kind: "closed", walk: 1, parent: 9, index: n }),
        );
      }
    }),
    exit: 12,
    says: /more directories than were taken/,
  },
  "a failure in words that a terminal would obey": {
    argv: pull,
    accept: agent((peer) =>
      peer.send(
        lane.control,
        encodeControl({
          kind: "failed",
          code: "io-start",
          message: "\x1b]0;x\x07\x9b31m\r\nowned",
        }),
      ),
    ),
    exit: 11,
    says: /owned/,
  },
  "a failure of an unknown kind": {
    argv: push,
    accept: agent((peer) =>
      peer.send(
        lane.control,
        encodeControl({ kind: "failed", code: "__proto__" as "usage", message: "strange" }),
      ),
    ),
    exit: 12,
    says: /strange/,
  },
  "news that are none": {
    argv: push,
    accept: agent((peer) => peer.send(lane.news, Buffer.from("no news"))),
    exit: 12,
    says: /news that breaks/,
  },
  "an end that is a start": {
    argv: push,
    accept: agent((peer) => peer.send(lane.news, Buffer.from("848080f5428104", "hex"))),
    exit: 12,
    says: /no end/,
  },
  "a target that asks a client that is none": {
    argv: pull,
    accept: agent((peer) => {
      for (let n = 0; n < 300; n++) peer.send(lane.request, Buffer.from([n & 255]));
    }),
    exit: 12,
    says: /lane 2 that nobody asked for/,
  },
};

function assertDecent({ stdout, stderr, elapsedMs, peakKib }: FarEnded): void {
  assert.doesNotMatch(stderr, /\n\s+at |TypeError|RangeError|ERR_|this is a bug/);
  const codes = [...(stdout + stderr)].map((letter) => letter.charCodeAt(0));
  const obeyed = codes.filter((code) => (code < 32 && code !== 9 && code !== 10) || code === 127);
  assert.deepEqual(obeyed, [], "control characters on the terminal");
  assert.ok(elapsedMs < 20_000, `${elapsedMs} ms`);
  assert.ok(peakKib < memoryKibMax, `${peakKib} KiB`);
}

describe("a run whose other end is hostile:", () => {
  for (const [what, { argv, accept, exit, says }] of Object.entries(cases)) {
    it(`${what} (${argv.includes("source/") ? "push" : "pull"}) ends with status ${exit}, in words`, async () => {
      using folder = temporaryFolder();
      jail(folder);
      const [outside, target] = [readTree(folder.at("outside")), readTree(folder.at("target"))];
      const end = await runFarFrom(folder, argv, accept);
      assert.equal(end.exit, exit, end.stderr);
      assert.match(end.stderr, says);
      assertDecent(end);
      assertSameTree(outside, folder.at("outside"));
      assertSameTree(target, folder.at("target"));
      assert.equal(existsSync(folder.at("target/.manifold")), false, "debris");
    });
  }

  it("absurd news are printed as far as they can be, and nothing stops", async () => {
    using folder = temporaryFolder();
    jail(folder);
    const path = "\x1b[31m\x9b\r\nred\xff";
    const item = {
      type: "item",
      path,
      changes: 0xffff_ffff,
      mode: 0xffff,
      size: huge,
      uid: 0xffff_ffff,
      gid: 7,
    } as const;
    const numbers = { literal: huge, matched: huge };
    const events: readonly ProgressEvent[] = [
      ...[huge, -huge, 0].map((mtime) => ({
        ...item,
        ...numbers,
        mtime,
        atime: mtime,
        crtime: -mtime,
      })),
      { type: "delete", path: "../../etc", mode: 0 },
      { type: "problem", path, role: "target", operation: "\x1b[0m", errno: 4095, exit: 0 },
      { type: "note", topic: "__proto__", level: 0, text: path },
      {
        type: "file-progress",
        path,
        done: huge,
        size: 0,
        index: huge,
        finished: true,
        toCheck: huge,
        total: 0,
      },
    ];
    const accept = tells(
      { events },
      { counters: Array.from({ length: 5 }, () => huge), end: ended },
    );
    for (const words of [
      ["-ivv", "--stats"],
      ["--progress"],
      ["--json"],
      ["--out-format=%M %l %n%L %b %C %U %G %B %o"],
    ]) {
      const end = await runFarFrom(folder, [...words, ...push], accept);
      assert.equal(end.exit, 0, end.stderr);
      assertDecent({ ...end, stdout: words[0] === "--progress" ? "" : end.stdout });
    }
  });
});

describe("an agent whose client is hostile", () => {
  for (const [what, bytes, exit] of [
    ["says nothing", "", 12],
    ["is a shell", "ls -l\n", 2],
    ["speaks HTTP", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", 2],
    ["speaks rsync", "\x1f\0\0\0", 2],
    ["breaks off in its greeting", "\x93MFO", 12],
    [
      "greets, and says nothing",
      hello(1, 1).toString("latin1").replace("\x0f\0side: acceptor", "\x10\0side: initiator"),
      12,
    ],
    ["is an agent, too", hello(1, 1).toString("latin1"), 12],
    [
      "asks for a gigabyte of memory",
      `${hello(1, 1).toString("latin1").replace("\x0f\0side: acceptor", "\x10\0side: initiator")}\x33\0\0\x01\0\0\0\x40`,
      12,
    ],
  ] as const) {
    it(`(${what}) ends with status ${exit} and without a stack`, async () => {
      const child = spawn(program, ["agent"], { stdio: ["pipe", "pipe", "pipe"] });
      let stderr = "";
      child.stderr.on("data", (text: Buffer) => (stderr += text.toString("latin1")));
      child.stdout.resume();
      child.stdin.on("error", () => undefined);
      child.stdin.end(Buffer.from(bytes, "latin1"));
      const limit = setTimeout(() => child.kill("SIGKILL"), 20_000);
      const status = await new Promise((resolve) => child.on("close", resolve));
      clearTimeout(limit);
      assert.equal(status, exit, stderr);
      assert.doesNotMatch(stderr, /\n\s+at |TypeError|RangeError|ERR_|this is a bug/);
    });
  }
});
