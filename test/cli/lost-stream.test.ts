// Pins that a connection that dies costs only its own tasks (--streams): the run goes on over the others, completes, tells
// of it once, and what had come whole over the lost one is not sent again. How wishes are dealt anew is in
// test/sync/far/carriers.test.ts.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import {
  assertSameTree,
  noise,
  readTree,
  sampled,
  type TemporaryFolder,
  temporaryFolder,
} from "../support/index.ts";
import { type Line, runStreams, type Way } from "./stream-lines.ts";

const mebi = 1024 * 1024;
const streams = 3;
/** Silence is told apart from a busy machine. */
const timeout = "--timeout=3";
/** What lies in buffers on the way and waits in an agent that hands it on, and what is said besides content. */
const bufferBytes = 3 * mebi;

interface Scene {
  /** Bytes of all files. */
  readonly bytes: number;
  /** Bytes over a line after which it is lost. */
  readonly after: number;
  /** Bytes of a message: of one that is not whole nothing has come. */
  readonly message: number;
  make(folder: TemporaryFolder): void;
}

const small: Scene = {
  bytes: 36 * mebi,
  after: 7 * mebi,
  message: mebi,
  make: (folder) => {
    mkdirSync(folder.at("target"));
    for (let d = 0; d < 36; d++) {
      mkdirSync(folder.at(`source/${d}`), { recursive: true });
      const bytes = noise(d, mebi);
      for (let n = 0; n < 16; n++) {
        const part = bytes.subarray(n * 65_536, (n + 1) * 65_536);
        writeFileSync(folder.at(`source/${d}/${n}`), part);
      }
    }
  },
};

const large: Scene = {
  bytes: 72 * mebi,
  after: 13 * mebi,
  message: 3.75 * mebi,
  make: (folder) => {
    mkdirSync(folder.at("source"));
    mkdirSync(folder.at("target"));
    writeFileSync(folder.at("source/large"), noise(1, large.bytes));
    // Its sums have to be told over each connection.
    writeFileSync(folder.at("target/large"), noise(2, mebi));
    utimesSync(folder.at("target/large"), 1e9, 1e9);
  },
};

const ways: readonly Way[] = ["pull", "push"];
const sum = (lines: readonly Line[]): number => lines.reduce((all, { bytes }) => all + bytes, 0);

/** What is lost in the middle of which content; each way takes half of them, in the long run all. */
const losses = [
  ["many small files, the line is cut", small, "cut"],
  ["many small files, the agent is killed", small, "kill"],
  ["a large file, the agent is killed", large, "kill"],
  ["a large file, the line is cut", large, "cut"],
] as const;

for (const [at, way] of sampled([...ways.entries()])) {
  describe(`a connection that dies in the middle of content (${way})`, () => {
    for (const [what, scene, kind] of sampled(losses, 8, at * 3)) {
      it(`costs only its tasks: ${what}`, async () => {
        using folder = temporaryFolder();
        scene.make(folder);
        const loss = { line: 1, after: scene.after, kind };
        const { end, lines } = await runStreams(folder, { way, streams, loss });
        assert.equal(end.exit, 0, end.stderr);
        assert.equal(end.stderr.match(/lost one of the connections with /g)?.length, 1, end.stderr);
        assertSameTree(readTree(folder.at("source")), folder.at("target"));
        assert.equal(existsSync(folder.at("target/.manifold")), false, "debris");
        assert.ok((lines[1]?.bytes ?? 0) > scene.after, "it was lost in the middle");
        const again = sum(lines) - scene.bytes;
        const limit = 2 * scene.message + bufferBytes;
        assert.ok(again < limit, `${again} bytes came twice: more than what was on its way`);
      });
    }
  });

  describe(`a connection that stays open and brings nothing more (${way}, --timeout)`, () => {
    it("costs only its tasks, too", async () => {
      using folder = temporaryFolder();
      small.make(folder);
      const loss = { line: 1, after: small.after, kind: "stall" } as const;
      const { end } = await runStreams(folder, { way, streams, loss }, [timeout]);
      assert.equal(end.exit, 0, end.stderr);
      assert.match(end.stderr, /lost one of the connections with /);
      assertSameTree(readTree(folder.at("source")), folder.at("target"));
    });

    it("ends the run, at both ends, in the middle of the listings", async () => {
      using folder = temporaryFolder();
      mkdirSync(folder.at("target"));
      for (let d = 0; d < 100; d++) {
        mkdirSync(folder.at(`source/${d}`), { recursive: true });
        for (let n = 0; n < 20; n++) writeFileSync(folder.at(`source/${d}/a file, ${n}`), "");
      }
      const whole = await runStreams(folder, { way, streams: 1 }, ["--dry-run"]);
      assert.equal(whole.end.exit, 0);
      const loss = { line: 0, after: sum(whole.lines) / 2, kind: "stall" } as const;
      const { end, lines } = await runStreams(folder, { way, streams: 1, loss }, [timeout]);
      assert.equal(end.exit, 30, end.stderr);
      assert.equal(lines[0]?.status, 30);
      assert.equal(existsSync(folder.at("target/.manifold")), false, "debris");
    });

    it("ends the run when the other end's process does not go on", async () => {
      using folder = temporaryFolder();
      small.make(folder);
      const loss = { line: 0, after: small.after, kind: "stop" } as const;
      const { end, lines } = await runStreams(folder, { way, streams: 1, loss }, [timeout]);
      assert.equal(end.exit, 30, end.stderr);
      // It hears that the line is gone as soon as it goes on.
      assert.equal(lines[0]?.status, 12);
      assert.equal(existsSync(folder.at("target/.manifold")), false, "debris");
    });

    it("ends the run, at both ends, when it is the first", async () => {
      using folder = temporaryFolder();
      small.make(folder);
      const loss = { line: 0, after: small.after, kind: "stall" } as const;
      const { end, lines } = await runStreams(folder, { way, streams, loss }, [timeout]);
      assert.equal(end.exit, 30, end.stderr);
      assert.match(end.stderr, /nothing came for 3 seconds/);
      assert.equal(lines[0]?.status, 30);
      assert.equal(existsSync(folder.at("target/.manifold")), false, "debris");
      const first = sum(lines);
      const again = await runStreams(folder, { way, streams: 1 });
      assert.equal(again.end.exit, 0, again.end.stderr);
      assertSameTree(readTree(folder.at("source")), folder.at("target"));
      const limit = small.bytes + streams * small.message + bufferBytes;
      assert.ok(first + sum(again.lines) < limit, "the files that had come were sent again");
    });
  });
}
