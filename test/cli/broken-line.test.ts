// Pins what becomes of a run whose line to the other machine is cut, slow, in pieces or damaged: a relay in the place of
// the remote shell does that, and the real agent is behind it. Both ends end in bounded time, the exit status is rsync's, no file
// is half written, and the next run completes.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { Socket } from "node:net";
import { Transform } from "node:stream";
import { describe, it } from "node:test";
import { type Random, seededRandom } from "../../src/base/index.ts";
import {
  assertSameTree,
  readTree,
  type TemporaryFolder,
  temporaryFolder,
} from "../support/index.ts";
import { program, runFarFrom } from "./far-socket.ts";

const count = process.env.MANIFOLD_LONG ? 60 : 1;
const fileBytes = 600_000;

/** What a line does to the bytes of one direction. */
type Line = (bytes: Buffer, offset: number, relay: Relay) => Buffer[];

interface Relay {
  /** Ends the line for both. */
  cut(): void;
}

/** How the agent ended. */
interface Agent {
  status: number | null | undefined;
  stderr: string;
}

/** Joins the socket to an agent of its own by two lines. */
function relayTo(agent: Agent, up: Line, down: Line): (socket: Socket) => void {
  return (socket) => {
    const child: ChildProcess = spawn(program, ["agent"], { stdio: ["pipe", "pipe", "pipe"] });
    const { stdin, stdout, stderr } = child;
    assert.ok(stdin !== null && stdout !== null && stderr !== null);
    stderr.on("data", (bytes: Buffer) => (agent.stderr += bytes.toString("latin1")));
    child.on("close", (status) => (agent.status = status));
    const relay = {
      cut: () => {
        socket.destroy();
        stdin.destroy();
        stdout.destroy();
      },
    };
    for (const stream of [socket, stdin, stdout]) stream.on("error", () => undefined);
    socket.on("close", () => stdin.destroy());
    socket.pipe(lineStream(up, relay)).pipe(stdin);
    stdout.pipe(lineStream(down, relay)).pipe(socket);
  };
}

function lineStream(line: Line, relay: Relay): Transform {
  let offset = 0;
  return new Transform({
    transform(bytes: Buffer, _encoding, done) {
      const pieces = line(bytes, offset, relay);
      offset += bytes.length;
      for (const piece of pieces) this.push(piece);
      done();
    },
  });
}

const plain: Line = (bytes) => [bytes];
/** Every byte for itself. */
const inPieces: Line = (bytes) => [...bytes].map((byte) => Buffer.of(byte));

function cutAt(at: number): Line {
  return (bytes, offset, relay) => {
    if (offset + bytes.length <= at) return [bytes];
    setImmediate(relay.cut);
    return [bytes.subarray(0, Math.max(0, at - offset))];
  };
}

function flipAt(at: number, bit: number): Line {
  return (bytes, offset) => {
    const i = at - offset;
    if (i >= 0 && i < bytes.length) bytes[i] = (bytes[i] as number) ^ (1 << bit);
    return [bytes];
  };
}

/** What an end may say when the other one, or the line, has gone. */
const brokenExits = new Set([2, 12, 23, 30]);

function makeTrees(folder: TemporaryFolder): void {
  mkdirSync(folder.at("source/d"), { recursive: true });
  const bytes = Buffer.from(Array.from({ length: fileBytes }, (_, i) => (i * i * 13) >> 3));
  for (const name of ["one", "two", "d/three"]) writeFileSync(folder.at(`source/${name}`), bytes);
}

function makeTarget(folder: TemporaryFolder): void {
  rmSync(folder.at("target"), { recursive: true, force: true });
  mkdirSync(folder.at("target"));
  writeFileSync(folder.at("target/one"), "the old file");
}

function places(folder: TemporaryFolder, way: "pull" | "push"): string[] {
  const [source, target] = [`${folder.at("source")}/`, `${folder.at("target")}/`];
  return way === "pull" ? [`host:${source}`, target] : [source, `host:${target}`];
}

async function untilEnded(agent: Agent): Promise<void> {
  const end = performance.now() + 15_000;
  while (agent.status === undefined) {
    assert.ok(performance.now() < end, "the agent goes on and on");
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Each file is the old or the new one, or is not there. */
function assertWhole(folder: TemporaryFolder): void {
  for (const name of ["one", "two", "d/three"]) {
    if (!existsSync(folder.at(`target/${name}`))) continue;
    const now = readFileSync(folder.at(`target/${name}`));
    const isNew = now.equals(readFileSync(folder.at(`source/${name}`)));
    assert.ok(
      isNew || (name === "one" && now.equals(Buffer.from("the old file"))),
      `${name} is half written`,
    );
  }
}

async function assertSurvives(
  folder: TemporaryFolder,
  way: "pull" | "push",
  lines: [Line, Line],
  status: number,
): Promise<string> {
  makeTarget(folder);
  const argv = ["-a", "--timeout=10", `--remote-path=${program}`, ...places(folder, way)];
  const agent: Agent = { status: undefined, stderr: "" };
  const end = await runFarFrom(folder, argv, relayTo(agent, ...lines), { status });
  await untilEnded(agent);
  for (const stderr of [end.stderr, agent.stderr]) {
    assert.doesNotMatch(stderr, /\n\s+at |TypeError|RangeError|ERR_|this is a bug/);
  }
  if (end.exit === 0) assertSameTree(readTree(folder.at("source")), folder.at("target"));
  else {
    assertWhole(folder);
    assert.ok(
      brokenExits.has(end.exit ?? -1) || end.exit === status,
      `exit ${end.exit}: ${end.stderr}`,
    );
    assert.match(end.stderr, /\S/);
  }
  assert.equal(existsSync(folder.at("target/.manifold")), false, "debris");
  const again: Agent = { status: undefined, stderr: "" };
  const second = await runFarFrom(folder, argv, relayTo(again, plain, plain));
  assert.equal(second.exit, 0, second.stderr);
  assertSameTree(readTree(folder.at("source")), folder.at("target"));
  return `${end.exit}`;
}

for (const way of ["pull", "push"] as const) {
  describe(`a line (${way})`, () => {
    it("that brings every byte for itself changes nothing", async () => {
      using folder = temporaryFolder();
      makeTrees(folder);
      for (const name of ["one", "two", "d/three"])
        writeFileSync(folder.at(`source/${name}`), name);
      assert.equal(await assertSurvives(folder, way, [inPieces, inPieces], 0), "0");
    });

    for (const [what, harm] of [
      ["cut", (random: Random) => cutAt(random.uint32() % (3 * fileBytes))],
      [
        "damaged",
        (random: Random) => flipAt(random.uint32() % (3 * fileBytes), random.uint32() % 8),
      ],
    ] as const) {
      it(`that is ${what} leaves whole files, and ends both ends (${count} times)`, async () => {
        using folder = temporaryFolder();
        makeTrees(folder);
        for (let seed = 0; seed < count; seed++) {
          const random = seededRandom(seed);
          // Most goes in one direction; the first bytes of the other one are worth a try, too.
          const [much, little] = [
            harm(random),
            (what === "cut" ? cutAt : (at: number) => flipAt(at, 3))(random.uint32() % 600),
          ];
          const [up, down] = way === "pull" ? [plain, much] : [much, plain];
          const isOther = seed % 3 === 2;
          const lines: [Line, Line] = isOther
            ? way === "pull"
              ? [little, plain]
              : [plain, little]
            : [up, down];
          try {
            await assertSurvives(folder, way, lines, seed % 2 === 0 ? 0 : 255);
          } catch (error) {
            throw new Error(`seed ${seed}: ${(error as Error).stack}`, { cause: error });
          }
        }
      });
    }
  });
}

it("a line that is cut after the greeting is told with rsync's status for that, 12", async () => {
  using folder = temporaryFolder();
  makeTrees(folder);
  makeTarget(folder);
  const agent: Agent = { status: undefined, stderr: "" };
  const lines = relayTo(agent, plain, cutAt(200_000));
  const end = await runFarFrom(
    folder,
    ["-a", `--remote-path=${program}`, ...places(folder, "pull")],
    lines,
  );
  await untilEnded(agent);
  assert.deepEqual([end.exit, agent.status], [12, 12], end.stderr);
  assert.ok(end.elapsedMs < 15_000);
});
