// An rsync client that says anything, against our server in both roles: what a real rsync has said is recorded, damaged and said again.
// Whatever it is, the server ends soon and with an exit status, nothing outside of its place changes, and the next client is served.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fromText, type Random, seededRandom, systemClock } from "../../../src/base/index.ts";
import { type RsyncService, serveRsyncPipe } from "../../../src/sync/index.ts";
import { memoryChannels } from "../../../src/transport/index.ts";
import {
  assertSameTree,
  readTree,
  settle,
  type TemporaryFolder,
  temporaryFolder,
} from "../../support/index.ts";
import { inlineSurroundings } from "../run-inline.ts";

const program = join(import.meta.dirname, "..", "..", "..", "manifold-rsync");
const count = Number(process.env.MANIFOLD_LONG ? (process.env.MANIFOLD_SESSIONS ?? 3000) : 5);
/** Longer than any session takes on a busy machine. */
const patienceMs = 60_000;
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
  "that takes list by list": { words: ["-ai", "h:./", "to/"], target: "to" },
} as const;

interface Recording {
  readonly argv: readonly string[];
  readonly bytes: Uint8Array;
}

let umask = 0;
before(() => (umask = process.umask(0)));
after(() => process.umask(umask));

function makeTree(path: string): void {
  mkdirSync(join(path, "d/e"), { recursive: true });
  for (let n = 0; n < 5; n++) writeFileSync(join(path, `d/file${n}`), `content ${n}`);
  writeFileSync(join(path, "edited"), `${"a".repeat(9000)}!`);
  writeFileSync(join(path, "d/e/late"), "late");
  symlinkSync("file1", join(path, "d/link"));
  spawnSync("ln", ["d/file2", "d/twin"], { cwd: path });
  spawnSync("find", [".", "-exec", "touch", "-hd", "2001-02-03", "{}", "+"], { cwd: path });
}

function makeBasis(path: string): void {
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path);
  writeFileSync(join(path, "edited"), "a".repeat(9000));
  writeFileSync(join(path, "extra"), "");
}

/** Lets a real rsync talk to our server, and keeps what it said. */
function record(folder: TemporaryFolder, words: readonly string[]): Recording {
  // Nobody but the server may hold what the client reads.
  const script = `#!/bin/sh
shift
printf '%s\\n' "$@" >argv
mkfifo pipe
exec 3<&0
tee said <&3 >pipe &
exec 3<&- <pipe
cd top
exec "$@"
`;
  writeFileSync(folder.at("shell"), script, { mode: 0o755 });
  const ran = spawnSync(
    "rsync",
    [`--rsh=${folder.at("shell")}`, `--rsync-path=${program}`, "--checksum-seed=1", ...words],
    { cwd: folder.path, encoding: "utf8", timeout: patienceMs },
  );
  assert.equal(ran.status, 0, ran.stderr);
  const [, ...told] = readFileSync(folder.at("argv"), "latin1").trimEnd().split("\n");
  return { argv: told, bytes: readFileSync(folder.at("said")) };
}

/** Says bytes to a server of ours; resolves to its exit status. */
async function serve(top: string, argv: readonly string[], bytes: Uint8Array): Promise<number> {
  const [ours, theirs] = memoryChannels("the client");
  const root = fromText(top);
  const service: RsyncService = {
    surroundings: inlineSurroundings(undefined, {
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
    data: () => heard++,
    drained: () => undefined,
    closed: () => {
      isOver = true;
    },
  });
  const ended = serveRsyncPipe(ours, systemClock, argv.map(fromText), service);
  const talk = async (): Promise<void> => {
    for (const frame of framesOf(bytes)) {
      // What is answered has been asked for.
      for (let turn = 0, before = -1; turn < 100 && heard !== before; turn++) {
        before = heard;
        await settle(4);
      }
      if (isOver) return;
      theirs.send(frame);
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

/** Returns what a client says as it says it: what stands ahead of frames, and each frame, as far as they are whole. */
function framesOf(bytes: Uint8Array): Uint8Array[] {
  let hello = bytes[4] === 30 ? 5 + (bytes[4] as number) : 4;
  // Names of compressions may follow those of checksums.
  if (hello > 4 && bytes[hello + 3] !== 7) hello += 1 + (bytes[hello] as number);
  const frames = [bytes.subarray(0, hello)];
  for (let at = hello; at < bytes.length; ) {
    const length = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16);
    frames.push(bytes.subarray(at, at + 4 + length));
    at += 4 + length;
  }
  return frames;
}

const extremes = [-1, 0, 1, -2, -101, 255, 65_535, 0x7fff_ffff, -0x8000_0000, 5120, 131_073];

/** Returns the bytes with up to four things wrong. */
function damaged(bytes: Uint8Array, random: Random): Uint8Array {
  let all = Buffer.from(bytes);
  for (let left = 1 + (random.uint32() % 4); left > 0; left--) {
    const at = random.uint32() % Math.max(1, all.length);
    const length = 1 + (random.uint32() % 40);
    switch (random.uint32() % 7) {
      case 0:
        all[at] = random.uint32() & 0xff;
        break;
      case 1:
        all[at] = (all[at] as number) ^ (1 << (random.uint32() % 8));
        break;
      case 2:
        if (at + 4 <= all.length) {
          all.writeInt32LE(extremes[random.uint32() % extremes.length] as number, at);
        }
        break;
      case 3:
        all = Buffer.concat([all.subarray(0, at), all.subarray(at + length)]);
        break;
      case 4:
        all = Buffer.concat([all.subarray(0, at), all.subarray(at, at + length), all.subarray(at)]);
        break;
      case 5: {
        const names = ["../x", "/etc/x", "..", ".", "d/../../x", "\0\0\0\0"];
        const name = Buffer.from(names[random.uint32() % names.length] as string);
        all = Buffer.concat([all.subarray(0, at), name, all.subarray(at + name.length)]);
        break;
      }
      default:
        all = all.subarray(0, at);
    }
  }
  return all;
}

for (const [what, { words, target }] of Object.entries(conversations)) {
  describe(`a client ${what}, ${count} times damaged`, () => {
    it("does no harm to anything else, and the next one is served", async () => {
      using folder = temporaryFolder();
      const top = folder.at("top");
      mkdirSync(folder.at("outside"));
      writeFileSync(folder.at("outside/secret"), "secret");
      makeTree(folder.at("src"));
      if (target === "to") makeTree(top);
      makeBasis(folder.at(target));
      const recording = record(folder, words);
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
          const said = damaged(recording.bytes, seededRandom(seed));
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
      assert.equal(await serve(top, recording.argv, recording.bytes), 0);
      assertSameTree(source, folder.at(target === "top" ? "top" : "src"));
    });
  });
}
