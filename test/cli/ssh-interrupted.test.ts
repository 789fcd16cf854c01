// Runs over a real sshd that are interrupted in the middle: by signals to either end, or to ssh on either
// machine. Whatever it was, no end leaves anything but whole files behind, and the next run completes.
// MANIFOLD_LONG=1: each of them both ways; without it every second one, one way.

import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { assertSameTree, readTree } from "../support/index.ts";
import { runOurs } from "./run-ours.ts";
import { noSshd, type SshServer, startSshd } from "./ssh-server.ts";

const program = join(import.meta.dirname, "..", "..", "manifold");
const files = 200;
const fileBytes = 50_000;

type Way = "push" | "pull";

/** What happens in the middle: a signal to a process, or to the group of the client, as Ctrl-C sends it. */
interface Interruption {
  readonly signal: NodeJS.Signals;
  readonly to: "client" | "group" | "ssh" | "sshd" | "agent";
  readonly exits: readonly (number | null)[];
  readonly says: RegExp;
  /** The target's end could not clean up. */
  readonly leavesState?: Way;
}

const interruptions: readonly Interruption[] = [
  { signal: "SIGINT", to: "group", exits: [20], says: /topped by SIGINT/ },
  { signal: "SIGTERM", to: "client", exits: [20], says: /topped by SIGTERM/ },
  { signal: "SIGKILL", to: "client", exits: [null], says: /^$/, leavesState: "pull" },
  { signal: "SIGKILL", to: "ssh", exits: [12], says: /ssh was killed by SIGKILL in the middle/ },
  { signal: "SIGKILL", to: "sshd", exits: [255], says: /status 255 in the middle/ },
  { signal: "SIGTERM", to: "agent", exits: [20], says: /other end was stopped by SIGTERM/ },
  { signal: "SIGHUP", to: "agent", exits: [20], says: /other end was stopped by SIGHUP/ },
  { signal: "SIGKILL", to: "agent", exits: [255], says: /in the middle/, leavesState: "push" },
];

const ways = ["push", "pull"] as const;
const isLong = process.env.MANIFOLD_LONG === "1";

describe("a run over ssh that is interrupted", { skip: noSshd }, () => {
  for (const [i, interruption] of interruptions.entries()) {
    if (!isLong && i % 2 === 1) continue;
    for (const way of isLong ? ways : ways.slice((i / 2) % 2, ((i / 2) % 2) + 1)) {
      const { signal, to, exits, says } = interruption;
      it(`(${way}) by ${signal} to ${to} leaves whole files, and the next completes`, async () => {
        await using server = await startSshd();
        const { folder } = server;
        mkdirSync(folder.at("src"));
        mkdirSync(folder.at("to"));
        const content = randomBytes(fileBytes);
        for (let i = 0; i < files; i++) writeFileSync(folder.at(`src/${i}`), content);
        const run = start(server, way, ["--bwlimit=2m"]);
        await stateDirectory(folder.at("to"), "made");
        strike(server, run.child, interruption);
        const { exit, stderr } = await run.ended;
        assert.ok(exits.includes(exit), `exit ${exit}: ${stderr}`);
        assert.match(stderr, says);
        if (interruption.leavesState !== way) await stateDirectory(folder.at("to"), "gone");
        const found = readdirSync(folder.at("to")).filter((name) => name !== ".manifold");
        assert.ok(found.length < files, "it was not in the middle");
        for (const name of found) {
          assert.ok(readFileSync(folder.at(`to/${name}`)).equals(content), name);
        }
        const next = runOurs("manifold", argumentsOf(server, way, []), { cwd: folder.path });
        assert.deepEqual([next.exit, next.stderr], [0, ""]);
        assertSameTree(readTree(folder.at("src")), folder.at("to"));
      });
    }
  }
});

function argumentsOf({ shell, folder }: SshServer, way: Way, argv: readonly string[]): string[] {
  const [from, to] = [folder.at("src/"), folder.at("to")];
  const places = way === "push" ? [from, `there:${to}`] : [`there:${from}`, to];
  return [...argv, `--rsh=${shell}`, `--remote-path=${program}`, ...places];
}

/** Starts a run at the head of a process group of its own. */
function start(
  server: SshServer,
  way: Way,
  argv: readonly string[],
): { child: ChildProcess; ended: Promise<{ exit: number | null; stderr: string }> } {
  const child = spawn(program, argumentsOf(server, way, argv), {
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = new Promise<{ exit: number | null; stderr: string }>((resolve) => {
    child.on("close", (exit) => resolve({ exit, stderr }));
  });
  return { child, ended };
}

/** Waits until manifold's own directory stands in the target, or does not any more. */
function stateDirectory(target: string, wanted: "made" | "gone"): Promise<void> {
  const isSo = (): boolean => existsSync(`${target}/.manifold`) === (wanted === "made");
  return new Promise((resolve) => {
    const watcher = watch(target, () => look());
    const look = (): void => {
      if (!isSo()) return;
      watcher.close();
      resolve();
    };
    look();
  });
}

function strike(server: SshServer, client: ChildProcess, { signal, to }: Interruption): void {
  const pid = client.pid ?? 0;
  if (to === "client") process.kill(pid, signal);
  else if (to === "group") process.kill(-pid, signal);
  else if (to === "ssh") process.kill(only(below(pid), "ssh"), signal);
  else if (to === "agent") process.kill(last(below(server.pid)), signal);
  // The process that holds the connection: where it runs as another user, the lower one of two.
  else process.kill(lastOf(below(server.pid), "sshd"), signal);
}

interface Running {
  readonly pid: number;
  readonly name: string;
}

/** The processes below one, from the top down. */
function below(pid: number): Running[] {
  const lines = execFileSync("ps", ["-e", "-o", "pid=,ppid=,comm="], { encoding: "utf8" });
  const all = lines.split("\n").map((line) => line.trim().split(/\s+/));
  const children = (parent: number): Running[] =>
    all
      .filter(([, ppid]) => Number(ppid) === parent)
      .flatMap(([id, , name = ""]) => [{ pid: Number(id), name }, ...children(Number(id))]);
  return children(pid);
}

function only(running: readonly Running[], name: string): number {
  const found = running.filter((one) => one.name === name);
  assert.equal(found.length, 1, JSON.stringify(running));
  return found[0]?.pid ?? 0;
}

function lastOf(running: readonly Running[], name: string): number {
  return last(running.filter((one) => one.name === name));
}

function last(running: readonly Running[]): number {
  const found = running.at(-1);
  assert.ok(found, "there is no such process");
  return found.pid;
}
