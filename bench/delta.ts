// What the delta room costs on one file of 1 GiB of which 1 % of the blocks are edited and 1 KiB is
// inserted at the front: each step alone, in one thread. `node --import tsx bench/delta.ts [FOLDER]`;
// the folder (default /dev/shm) needs 3 GiB. rsync's time for the whole is in the last line.

import { execFileSync } from "node:child_process";
import {
  closeSync,
  copyFileSync,
  fstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  utimesSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { seededRandom } from "../src/base/index.ts";
import {
  compareWithBasis,
  computeSignature,
  matchBlocks,
  type ReadAt,
  type TokenSink,
} from "../src/delta/index.ts";

const LENGTH = 1 << 30;
const BLOCK_LENGTH = 32_768;
const ROUNDS = 3;

const folder = mkdtempSync(join(process.argv[2] ?? "/dev/shm", "manifold-delta-"));
const oldPath = join(folder, "old");
const sourceFolder = join(folder, "source");
const newPath = join(sourceFolder, "file");

try {
  mkdirSync(sourceFolder);
  writeCorpus();
  measure();
} finally {
  rmSync(folder, { recursive: true });
}

function writeCorpus(): void {
  const random = seededRandom(1);
  const words = new Uint32Array(1 << 18);
  const bytes = new Uint8Array(words.buffer);
  const oldFile = openSync(oldPath, "w");
  const newFile = openSync(newPath, "w");
  for (let index = 0; index < words.length; index++) words[index] = random.uint32();
  writeSync(newFile, bytes, 0, 1024);
  for (let written = 0; written < LENGTH; written += bytes.length) {
    for (let index = 0; index < words.length; index++) words[index] = random.uint32();
    writeSync(oldFile, bytes);
    for (let start = 0; start < bytes.length; start += BLOCK_LENGTH) {
      const at = start + (random.uint32() % BLOCK_LENGTH);
      if (random.uint32() % 100 === 0) bytes[at] = ~(bytes[at] as number);
    }
    writeSync(newFile, bytes);
  }
  closeSync(oldFile);
  closeSync(newFile);
}

function measure(): void {
  const basis = openSync(oldPath, "r");
  const source = openSync(newPath, "r");
  const readerOf =
    (file: number): ReadAt =>
    (into, offset, length, position) =>
      readSync(file, into, offset, length, position);
  const read = readerOf(basis);
  const { size: fileLength } = fstatSync(basis);
  const sink: TokenSink = { copy: () => undefined, literal: () => undefined };

  const local = timed("sign, weak sums only", () =>
    computeSignature({ read, fileLength, strongLength: 0 }),
  );
  const remote = timed("sign, weak and strong sums", () => computeSignature({ read, fileLength }));
  const counts = timed("match, comparing bytes", () => {
    const confirm = compareWithBasis(local, read);
    return matchBlocks({ signature: local, read: readerOf(source), confirm }, sink);
  });
  timed("match, comparing strong sums", () =>
    matchBlocks({ signature: remote, read: readerOf(source) }, sink),
  );
  const other = computeSignature({ read: reversed(read), fileLength });
  timed("match a quarter, nothing in common", () =>
    matchBlocks({ signature: other, read: readerOf(source), end: LENGTH / 4 }, sink),
  );
  print(`literal ${counts.literalLength}, matched ${counts.matchedLength} bytes`);
  print(`rsync --no-whole-file ${rsyncSeconds().toFixed(2)} s, writing included`);
}

/** Reads another file of the same length: each piece backwards. */
function reversed(read: ReadAt): ReadAt {
  return (into, offset, length, position) => {
    const count = read(into, offset, length, position);
    into.subarray(offset, offset + count).reverse();
    return count;
  };
}

/** Prints the best time of some rounds, and the processor's, which a busy machine changes less. */
function timed<Result>(what: string, run: () => Result): Result {
  let best = Number.POSITIVE_INFINITY;
  let bestOfCpu = Number.POSITIVE_INFINITY;
  let result = run();
  for (let round = 0; round < ROUNDS; round++) {
    const cpuBefore = process.cpuUsage();
    const start = performance.now();
    result = run();
    best = Math.min(best, performance.now() - start);
    const cpu = process.cpuUsage(cpuBefore);
    bestOfCpu = Math.min(bestOfCpu, (cpu.user + cpu.system) / 1000);
  }
  const times = `${best.toFixed(0).padStart(6)} ms, processor ${bestOfCpu.toFixed(0).padStart(6)} ms`;
  print(`${what.padEnd(36)} ${times}`);
  return result;
}

function rsyncSeconds(): number {
  const target = join(folder, "target");
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    mkdirSync(target, { recursive: true });
    copyFileSync(oldPath, join(target, "file"));
    utimesSync(join(target, "file"), 1, 1);
    const start = performance.now();
    execFileSync("rsync", ["-a", "--no-whole-file", `${sourceFolder}/`, target]);
    best = Math.min(best, performance.now() - start);
    rmSync(target, { recursive: true });
  }
  return best / 1000;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
