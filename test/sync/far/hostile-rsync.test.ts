// An rsync client that says anything, against our server in both roles: what a real rsync has said is recorded, damaged and said again.
// Whatever it is, the server ends soon and with an exit status, nothing outside of its place changes, and the next client is served.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { after, before, describe, it } from "node:test";
import { type Clock, fromText, seededRandom, systemClock } from "../../../src/base/index.ts";
import { type RsyncService, serveRsyncPipe } from "../../../src/sync/index.ts";
import { memoryChannels } from "../../../src/transport/index.ts";
import { damaged } from "../../support/damaged-pieces.ts";
import {
  assertSameTree,
  readTree,
  settle,
  type TemporaryFolder,
  temporaryFolder,
} from "../../support/index.ts";
import { setXattr } from "../../support/system-calls.ts";
import { inlineSurroundings } from "../run-inline.ts";

const count = Number(process.env.MANIFOLD_LONG ? (process.env.MANIFOLD_SESSIONS ?? 1850) : 20);
/** Longer than any session takes on a busy machine. */
const patienceMs = 60_000;
/** Work is cut into turns by time. Where none goes by, how many it takes does not depend on the machine's load. */
const timeless: Clock = { ...systemClock, now: () => 0 };
/** What damaged lengths and counts must not make us hold. */
const memoryBytesMax = 600 * 1024 * 1024;

/** What a client was started for, and what its server had there. */
const conversations = {
  "that sends": { words: ["-aHi", "--delete", "src/", "h:."], target: "top" },
  "that sends sums": {
    words: ["-acH", "--delete", "--checksum-choice=md5", "src/", "h:."],
    target: "top",
  },
  "that takes": { words: ["-aH", "h:./", "to/"], target: "to" },
  "that sends sums and deflates": {
    words: ["-aHz", "--delete", "--no-whole-file", "src/", "h:."],
    target: "top",
  },
  "that sends files whole, deflated": {
    words: ["-aH", "--delete", "--zc=zlib", "src/", "h:."],
    target: "top",
  },
  "that takes what is deflated": {
    words: ["-aHz", "--no-whole-file", "h:./", "to/"],
    target: "to",
  },
  "that sends attributes": { words: ["-aHX", "--delete", "src/", "h:."], target: "top" },
  "that takes attributes": { words: ["-aX", "h:./", "to/"], target: "to" },
  "that sends what is missing": {
    words: ["-aHm", "--append", "--delete", "src/", "h:."],
    target: "top",
  },
  "that takes what is missing": { words: ["-a", "--append-verify", "h:./", "to/"], target: "to" },
  "that takes list by list": { words: ["-ai", "h:./", "to/"], target: "to" },
} as const;

interface Recording {
  readonly argv: readonly string[];
  /** What came at once, each. */
  readonly pieces: readonly Uint8Array[];
}

let umask = 0;
before(() => (umask = process.umask(0)));
after(() => process.umask(umask));

function makeTree(path: string, words: readonly string[]): void {
  mkdirSync(join(path, "d/e"), { recursive: true });
  for (let n = 0; n < 5; n++) writeFileSync(join(path, `d/file${n}`), `content ${n}`);
  writeFileSync(join(path, "edited"), `${"a".repeat(9000)}!`);
  writeFileSync(join(path, "d/e/late"), "late");
  symlinkSync("file1", join(path, "d/link"));
  spawnSync("ln", ["d/file2", "d/twin"], { cwd: path });
  if (words[0]?.includes("X") === true) {
    setXattr(join(path, "edited"), "user.long", "long".repeat(30));
    setXattr(join(path, "d"), "user.other", "other".repeat(30));
  }
  spawnSync("find", [".", "-exec", "touch", "-hd", "2001-02-03", "{}", "+"], { cwd: path });
}

function makeBasis(path: string): void {
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path);
  writeFileSync(join(path, "edited"), "a".repeat(9000));
  writeFileSync(join(path, "extra"), "");
}

/** Lets a real rsync talk to our server, and keeps what it said. */
async function record(
  folder: TemporaryFolder,
  words: readonly string[],
  top: string,
): Promise<Recording> {
  const script = `#!/bin/sh
shift 2
printf '%s\\n' "$@" >argv
exec 5<&0
cat <&5 >&3 &
exec 3>&- 5<&-
exec cat <&4
`;
  writeFileSync(folder.at("shell"), script, { mode: 0o755 });
  const client = spawn("rsync", [`--rsh=${folder.at("shell")}`, "--checksum-seed=1", ...words], {
    cwd: folder.path,
    stdio: ["ignore", "ignore", "pipe", "pipe", "pipe"],
    timeout: patienceMs,
  });
  const exited = once(client, "exit");
  const complaints = text(client.stdio[2] as Readable);
  const said = client.stdio[3] as Readable;
  await once(said, "readable");
  const argv = readFileSync(folder.at("argv"), "latin1").trimEnd().split("\n");
  const pieces: Uint8Array[] = [];
  const keeping = async function* (): AsyncGenerator<Uint8Array> {
    for await (const piece of said) {
      pieces.push(piece);
      yield piece;
    }
  };
  const status = await serve(top, argv, keeping(), client.stdio[4] as Writable);
  assert.deepEqual([status, (await exited)[0]], [0, 0], await complaints);
  return { argv, pieces };
}

/**
 * Says pieces to a server of ours; resolves to its exit status. The order in which it asks depends on what it has heard by then,
 * so each piece waits until nothing more comes of the one before: what is said again finds the same questions.
 */
async function serve(
  top: string,
  argv: readonly string[],
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  answers?: Writable,
): Promise<number> {
  const [ours, theirs] = memoryChannels("the client");
  const root = fromText(top);
  const service: RsyncService = {
    surroundings: inlineSurroundings(undefined, {
      clock: timeless,
      workingDirectory: "/",
      confinement: { root, readOnly: false, munge: false, rules: undefined },
    }),
    voice: { lines: () => ["something"] },
    ...{ mayRead: true, mayWrite: true, refused: [], module: undefined, timeoutMs: 0 },
    words: () => [],
    began: () => undefined,
  };
  let heard = 0;
  let isOver = false;
  theirs.listen({
    data: (bytes) => {
      heard++;
      answers?.write(Buffer.from(bytes));
    },
    drained: () => undefined,
    closed: () => {
      isOver = true;
      answers?.end();
    },
  });
  const ended = serveRsyncPipe(ours, systemClock, argv.map(fromText), service);
  const talk = async (): Promise<void> => {
    for await (const piece of pieces) {
      for (let turn = 0, before = -1; turn < 100 && heard !== before; turn++) {
        before = heard;
        await settle();
      }
      if (isOver) return;
      theirs.send(piece);
    }
    theirs.end();
  };
  const talked = talk();
  let disarm = (): void => undefined;
  const late = new Promise<never>((_, reject) => {
    disarm = systemClock.after(patienceMs, () => reject(new Error("it does not end")));
  });
  try {
    return await Promise.race([ended, late]);
  } finally {
    isOver = true;
    await talked;
    disarm();
  }
}

for (const [what, { words, target }] of Object.entries(conversations)) {
  describe(`a client ${what}, ${count} times damaged`, () => {
    it("does no harm to anything else, and the next one is served", async () => {
      using folder = temporaryFolder();
      const top = folder.at("top");
      mkdirSync(folder.at("outside"));
      writeFileSync(folder.at("outside/secret"), "secret");
      makeTree(folder.at("src"), words);
      if (target === "to") makeTree(top, words);
      makeBasis(folder.at(target));
      const recording = await record(folder, words, top);
      const outside = readTree(folder.at("outside"));
      const source = readTree(folder.at("src"));
      const statuses = new Map<number, number>();
      const memory = process.memoryUsage().rss;
      for (let seed = 0; seed < count; seed++) {
        if (target === "top") {
          makeBasis(top);
          symlinkSync("../outside", join(top, "out"));
        }
        try {
          const said = damaged(recording.pieces, seededRandom(seed));
          const status = await serve(top, recording.argv, said);
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
        } catch (error) {
          throw new Error(`seed ${seed}: ${(error as Error).stack}`, { cause: error });
        }
      }
      assertSameTree(outside, folder.at("outside"));
      const grown = process.memoryUsage().rss - memory;
      assert.ok(grown < memoryBytesMax, `${grown} bytes more are held`);
      assert.ok((statuses.get(12) ?? 0) > count / 10, JSON.stringify([...statuses]));
      if (target === "top") makeBasis(top);
      assert.equal(await serve(top, recording.argv, recording.pieces), 0);
      assertSameTree(source, folder.at(target === "top" ? "top" : "src"));
    });
  });
}
