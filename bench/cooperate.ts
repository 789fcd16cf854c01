// Processes that bring one file together (--cooperate), each from a web server of its own rate, and one of them killed: how much longer
// than what the rates add up to. Ends with the lines of a table. A process that is still there after two minutes is ended. On a busy machine:
// chrt -r 1 npm run bench:cooperate.
//
//   npm run bench:cooperate -- [four|killed]...      BENCH_ROUNDS=1

import { type ChildProcess, spawn } from "node:child_process";
import { randomFillSync } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { startStaticServer } from "../test/source/http/static-server.ts";
import { startTroubleProxy } from "../test/source/http/trouble-proxy.ts";

const manifold = join(dirname(fileURLToPath(import.meta.url)), "..", "manifold");
const bytes = 64 * 1024 * 1024;
/** Bytes a second of each server. */
const rates = [8e6, 4e6, 1e6, 0.2e6];
/** Which of them is killed, and after how many seconds. */
const victim = 1;
const killSeconds = 2;
const runs = Number(process.env.BENCH_ROUNDS ?? 3);
const wanted = process.argv.slice(2);
const secondsMax = 120;
const allRates = rates.reduce((sum, rate) => sum + rate, 0);

interface Case {
  readonly name: string;
  readonly title: string;
  readonly kills: boolean;
  readonly bound: number;
  readonly goal: number;
}

const bound = bytes / allRates;
const restRates = allRates - (rates[victim] as number);
const cases: readonly Case[] = [
  {
    name: "four",
    title: "four processes, 64 MiB from 8/4/1/0.2 MB/s",
    kills: false,
    bound,
    goal: 1.2,
  },
  {
    name: "killed",
    title: `the same, the one of 4 MB/s killed after ${killSeconds} s`,
    kills: true,
    bound: killSeconds + (bytes - killSeconds * allRates) / restRates,
    goal: 1.25,
  },
];

// In memory, where there is such a place: a disk has other things to do.
const place = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
const folder = mkdtempSync(join(place, "manifold-bench-"));
const source = join(folder, "source");
mkdirSync(source);
const content = randomFillSync(Buffer.alloc(bytes));
writeFileSync(join(source, "file"), content);
const listing = await run(["scan", source]);
writeFileSync(join(source, "manifold.listing"), listing);
const server = await startStaticServer(source);
const proxies = await Promise.all(
  rates.map(async (rate) => {
    const proxy = await startTroubleProxy(server.url);
    proxy.trouble.bytesPerSecond = rate;
    return proxy;
  }),
);
try {
  console.log("| case | median | bound | ratio | goal |\n|---|--:|--:|--:|--:|");
  for (const { name, title, kills, bound: least, goal } of cases) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const seconds: number[] = [];
    for (let n = 0; n < runs; n++) seconds.push(await bring(join(folder, `to-${n}`), kills));
    const median = seconds.sort((a, b) => a - b)[Math.floor(runs / 2)] as number;
    const ratio = (median / least).toFixed(2);
    console.log(
      `| ${title} | ${median.toFixed(2)} s | ${least.toFixed(2)} s | ${ratio} | <= ${goal.toFixed(2)} |`,
    );
    console.error(`  ${title}: ${seconds.map((each) => each.toFixed(2)).join(", ")}`);
  }
} finally {
  for (const proxy of proxies) await proxy[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
}

/** Lets the processes bring it, and returns how long that took from the first start to the last end. */
async function bring(target: string, kills: boolean): Promise<number> {
  const began = performance.now();
  const children = proxies.map((proxy) => {
    const argv = ["sync", "--cooperate", proxy.through(server.url), target];
    return spawn(manifold, argv, {
      stdio: ["ignore", "ignore", "inherit"],
      timeout: secondsMax * 1000,
      killSignal: "SIGKILL",
    });
  });
  const ended = children.map(exitOf);
  const killed = kills ? children[victim] : undefined;
  if (killed !== undefined) setTimeout(() => killed.kill("SIGKILL"), killSeconds * 1000);
  const exits = await Promise.all(ended);
  const seconds = (performance.now() - began) / 1000;
  const isWell = exits.every((exit, n) => exit === 0 || (kills && n === victim));
  if (!isWell || !readFileSync(join(target, "file")).equals(content)) {
    throw new Error(`It went wrong: ${exits}`);
  }
  rmSync(target, { recursive: true });
  return seconds;
}

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once("close", resolve));
}

function run(argv: readonly string[]): Promise<Buffer> {
  const child = spawn(manifold, argv, { stdio: ["ignore", "pipe", "inherit"] });
  const parts: Buffer[] = [];
  child.stdout.on("data", (part: Buffer) => parts.push(part));
  return new Promise((resolve) => child.once("close", () => resolve(Buffer.concat(parts))));
}
