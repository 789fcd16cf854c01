// One tree from several servers with rates: what a run takes, against what somebody who knew everything would take, and how much of
// the processor. aria2 is measured where it is installed. No run lasts longer than 4 times its bound and a minute.
//
//   npm run bench:mirrors -- [file|stall|liar|stale|kernel|daemons]...      BENCH_ROUNDS=1, BENCH_KERNEL=FOLDER
//
// Servers and runs need about half a processor. Where others want the machine as well, all of it belongs in front of them
// (chrt -r 1 npm run bench:mirrors), or it is they who are measured.

import { execFileSync, spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { makeKernelTree } from "./kernel-tree.ts";
import { type Served, serving, servingDaemons } from "./rate-servers.ts";
import { type Ran, timedRun } from "./timed-run.ts";

const manifold = join(import.meta.dirname, "..", "manifold");
const rounds = Number(process.env.BENCH_ROUNDS ?? 3);
const work = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : "/tmp", "bench-mirrors-"));
const rates = [8e6, 4e6, 1e6, 0.2e6];
const sum = total(rates);
const fileBytes = 64 * 1024 * 1024;
const pieceBytes = 1024 * 1024;
const daemonRate = 25e6;
const madeAt = 1_700_000_000;

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function fresh(name: string): string {
  const path = join(work, name);
  rmSync(path, { recursive: true, force: true });
  return path;
}

function pull(urls: readonly string[], source: string, target: string): string[] {
  const mirrors = urls.filter((url) => url !== source).map((url) => `--mirror=${url}`);
  return [manifold, "sync", "--json", ...mirrors, source, `${target}/`];
}

function pullAll(urls: readonly string[], target: string): string[] {
  return pull(urls, urls[0] ?? "", target);
}

/** Tells one line of the table. */
function row(name: string, way: string, runs: readonly Ran[], bound: number): void {
  const middle = median(runs.map(({ seconds }) => seconds));
  const all = runs.map(({ seconds }) => seconds.toFixed(2)).join(" ");
  const processor = median(runs.map((one) => one.processorSeconds)).toFixed(2);
  const times = (middle / bound).toFixed(3);
  process.stdout.write(
    `| ${name} | ${way} | ${middle.toFixed(2)} s | ${bound.toFixed(2)} s | ${times} | ${processor} s | ${all} |\n`,
  );
}

/** Runs a way several times on servers that are new each time; `check` says what is wrong with what came. */
async function measure(
  { name, way, bound }: { readonly name: string; readonly way: string; readonly bound: number },
  servers: readonly Served[],
  argvOf: (urls: readonly string[], target: string) => readonly string[],
  check: (target: string, ran: Ran, urls: readonly string[]) => string | undefined,
  serve: typeof serving<void> = serving,
): Promise<void> {
  const runs: Ran[] = [];
  for (let round = 0; round < rounds; round++) {
    const target = fresh("target");
    await serve(servers, async (urls) => {
      const ran = await timedRun(argvOf(urls, target), work, 60 + 4 * bound);
      const wrong = ran.status === 0 ? check(target, ran, urls) : `exit ${ran.status}: ${ran.said}`;
      if (wrong !== undefined) throw new Error(`${name}, ${way}: ${wrong}`);
      runs.push(ran);
    });
  }
  row(name, way, runs, bound);
}

/** A folder with one file, a listing with its digest, and a Metalink file with digests of its pieces. */
function makeFile(): { readonly folder: string; readonly sum: string } {
  const folder = join(work, "file");
  mkdirSync(folder);
  const content = randomBytes(fileBytes);
  writeFileSync(join(folder, "x"), content);
  utimesSync(join(folder, "x"), madeAt, madeAt);
  const listing = execFileSync(manifold, ["scan", folder], { maxBuffer: 2 ** 28 });
  writeFileSync(join(folder, "manifold.listing"), listing);
  const hashes: string[] = [];
  for (let at = 0; at < content.length; at += pieceBytes) {
    hashes.push(`<hash>${sha256(content.subarray(at, at + pieceBytes))}</hash>`);
  }
  writeFileSync(
    join(folder, "tree.meta4"),
    `<metalink xmlns="urn:ietf:params:xml:ns:metalink"><file name="x"><size>${fileBytes}</size><pieces type="sha-256" length="${pieceBytes}">${hashes.join("")}</pieces></file></metalink>`,
  );
  return { folder, sum: sha256(content) };
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

type Case = () => Promise<void>;

function cases(): Readonly<Record<string, Case>> {
  const { folder, sum: digest } = makeFile();
  const four = rates.map((rate) => ({ rate, folder }));
  const isRight = (target: string): string | undefined =>
    sha256(readFileSync(join(target, "x"))) === digest ? undefined : "the content is wrong";
  const bound = fileBytes / sum;
  return {
    file: async () => {
      const name = "64 MiB from 8/4/1/0.2 MB/s";
      await measure({ name, way: "manifold", bound }, four, pullAll, isRight);
      if (spawnSync("aria2c", ["--version"]).status !== 0) return;
      const aria2 = (flags: readonly string[]) => (urls: readonly string[], to: string) => [
        ...["aria2c", "-q", "--no-conf", "--allow-overwrite=true", ...flags, "-d", to, "-o", "x"],
        ...urls.map((url) => `${url}x`),
      ];
      const tuned = ["-s4", "-x1", "-k1M"];
      await measure({ name, way: `aria2 ${tuned.join(" ")}`, bound }, four, aria2(tuned), isRight);
      await measure({ name, way: "aria2", bound }, four, aria2([]), isRight);
    },
    stall: async () => {
      // The fastest stops for good when half of it could be there.
      const half = bound / 2;
      const [fast = 0] = rates;
      const left = half + (fileBytes - half * sum) / (sum - fast);
      const servers = four.map((one, n) => (n === 0 ? { ...one, stallSeconds: half } : one));
      await measure(
        { name: "the fastest stalls at half", way: "manifold", bound: left },
        servers,
        // It is not asked for the listing: what it is good for is to stop.
        (urls, to) => pull(urls, urls[1] ?? "", to),
        isRight,
      );
    },
    liar: async () => {
      const servers = four.map((one, n) => (n === 1 ? { ...one, flipBytes: 10_000_000 } : one));
      await measure(
        { name: "one lies: 1 byte in 10 MB", way: "manifold", bound },
        servers,
        (urls, to) => {
          const [first = "", ...others] = urls;
          return pull([...others, first], `${first}tree.meta4/`, to);
        },
        (target, ran, urls) => {
          // Of six wrong bytes the liar may have been asked for none, about one time in ten.
          if (!ran.said.includes(`${urls[1]}: bytes`)) process.stdout.write("(nobody was named)\n");
          return isRight(target);
        },
      );
    },
    stale: () => staleCase(),
    kernel: () => kernelCase(),
    daemons: () => daemonsCase(),
  };
}

/** Two of three have older states of a fifth of the files. */
async function staleCase(): Promise<void> {
  const count = 640;
  const bytes = 100_000;
  const now = join(work, "stale-now");
  mkdirSync(now);
  for (let n = 0; n < count; n++) {
    writeFileSync(join(now, `f${n}`), randomBytes(bytes));
    utimesSync(join(now, `f${n}`), madeAt, madeAt);
  }
  const before = join(work, "stale-before");
  cpSync(now, before, { recursive: true, preserveTimestamps: true });
  for (let n = 0; n < count; n += 5) {
    writeFileSync(join(before, `f${n}`), randomBytes(bytes - 1));
    utimesSync(join(before, `f${n}`), madeAt - 1000, madeAt - 1000);
  }
  writeFileSync(join(now, "manifold.listing"), execFileSync(manifold, ["scan", now]));
  const servers = [4e6, 4e6, 4e6].map((rate, n) => ({ rate, folder: n === 0 ? now : before }));
  const bound = Math.max((count * bytes) / 12e6, ((count / 5) * bytes) / 4e6);
  await measure(
    { name: "two of three are stale in 20 % of 640 files", way: "manifold", bound },
    servers,
    pullAll,
    (target) =>
      Array.from({ length: count }, (_, n) => `f${n}`).every((name) =>
        readFileSync(join(target, name)).equals(readFileSync(join(now, name))),
      )
        ? undefined
        : "the content is wrong",
  );
}

/** A kernel tree as it is below $BENCH_KERNEL, or one like it; the sizes of its files, and what is wrong with what came of it. */
function kernelTree(): {
  readonly folder: string;
  readonly sizes: readonly number[];
  readonly check: (target: string) => string | undefined;
} {
  const folder = process.env.BENCH_KERNEL ?? makeKernelTree(join(work, "kernel"));
  rmSync(join(folder, "manifold.listing"), { force: true });
  const find = [folder, "-type", "f", "-printf", "%s\n"];
  const sizes = execFileSync("find", find, { maxBuffer: 2 ** 28 })
    .toString()
    .trim()
    .split("\n");
  const check = (target: string): string | undefined =>
    spawnSync("diff", ["-r", "-x", "manifold.listing", folder, target]).status === 0
      ? undefined
      : "the content is wrong";
  return { folder, sizes: sizes.map(Number), check };
}

/** From four servers that are 10 ms away. */
async function kernelCase(): Promise<void> {
  const { folder, sizes, check } = kernelTree();
  const listing = join(folder, "manifold.listing");
  writeFileSync(listing, execFileSync(manifold, ["scan", folder], { maxBuffer: 2 ** 28 }));
  const requests = (sizes.length * 0.01) / (8 * rates.length);
  const bound = Math.max(total(sizes) / sum, requests);
  const servers = rates.map((rate) => ({ rate, folder, delayMs: 10 }));
  const name = `a kernel tree, ${sizes.length} files, from four servers`;
  await measure({ name, way: "manifold", bound }, servers, pullAll, check);
  rmSync(listing);
}

/** From one stock rsync daemon, and from two of them. */
async function daemonsCase(): Promise<void> {
  const { folder, sizes, check } = kernelTree();
  for (const count of [1, 2]) {
    const servers = Array.from({ length: count }, () => ({ rate: daemonRate, folder }));
    const name = `a kernel tree from ${count === 1 ? "a daemon" : "two daemons"} of 200 Mbit/s`;
    const bound = total(sizes) / daemonRate / count;
    await measure({ name, way: "manifold", bound }, servers, pullAll, check, servingDaemons);
  }
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}

try {
  const known = cases();
  const wanted = process.argv.slice(2);
  process.stdout.write(
    "| case | way | median | bound | times the bound | processor | runs |\n|---|---|--:|--:|--:|--:|---|\n",
  );
  const unknown = wanted.filter((name) => !(name in known));
  if (unknown.length > 0) throw new Error(`There is no case ${unknown.join(", ")}`);
  for (const [name, act] of Object.entries(known)) {
    if (wanted.length === 0 || wanted.includes(name)) await act();
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
