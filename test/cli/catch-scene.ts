// Catchers of their own for a test: `manifold catch` on free ports of the loopback interface, a folder with keys, and
// casts to them.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { allowKey, loadIdentity } from "../../src/daemon/index.ts";
import { type TemporaryFolder, temporaryFolder } from "../support/index.ts";
import { program } from "./far-socket.ts";
import type { LogEvent } from "./serve-scene.ts";

/** On a machine that is busy with other things a cast of a second takes a minute. */
const usualLimitMs = 180_000;

/** How a cast ended. */
export interface CastEnd {
  readonly exit: number | null;
  readonly out: string;
}

/** A catcher that runs. */
export interface Catcher {
  readonly child: ChildProcess;
  /** As --targets has it. */
  readonly url: string;
  /** Resolves when it has logged such an event. */
  logged(event: string): Promise<void>;
  readonly ended: Promise<number | null>;
}

/** How a program is started: in a network namespace, perhaps. */
export type Wrap = (argv: readonly string[]) => readonly string[];

/** Keys, catchers and casts of one test. */
export class CatchScene {
  readonly folder: TemporaryFolder = temporaryFolder();
  readonly #running = new Set<ChildProcess>();
  readonly #address: string;
  readonly #limitMs: number;

  /** `limitMs`: what still runs then is killed. */
  constructor({ address = "127.0.0.1", limitMs = usualLimitMs } = {}) {
    this.#address = address;
    this.#limitMs = limitMs;
    const { path } = this.folder;
    mkdirSync(this.folder.at("home"));
    const key = loadIdentity(this.folder.at("home/.config/manifold/key")).fingerprint;
    allowKey(this.folder.at("allowed"), key, "me");
    // One key for all catchers: it is made before two of them do so at once.
    loadIdentity(`${path}/serve.key`);
    writeFileSync(
      this.folder.at("conf"),
      `key file = ${path}/serve.key\nallowed keys = ${path}/allowed\n`,
    );
  }

  /** Starts one, and resolves when it listens. `port`: 0 = a free one. */
  async catch(
    name: string,
    words: readonly string[] = [],
    { wrap = (argv) => argv, port = 0, address = this.#address }: CatchPlace = {},
  ): Promise<Catcher> {
    const own = ["catch", `--serve-config=${this.folder.at("conf")}`, `--port=${port}`];
    const catcher = this.#follow(wrap([program, ...own, `--address=${address}`, ...words, name]));
    const at = String((await catcher.saw("listen")).address);
    return { ...catcher, url: `manifold://${at}` };
  }

  /** Starts one that goes to a master at this port of this machine. */
  visit(name: string, port: number, words: readonly string[] = []): Omit<Catcher, "url"> {
    return this.#follow([program, "catch", `--master=127.0.0.1:${port}`, ...words, name]);
  }

  #follow(argv: readonly string[]) {
    const child = this.#spawn(argv, ["ignore", "ignore", "pipe"]);
    const ended = once(child, "exit").then(([exit]) => exit as number | null);
    const events: LogEvent[] = [];
    const waiting = new Set<() => void>();
    const said: string[] = [];
    assert.ok(child.stderr !== null);
    createInterface(child.stderr as NodeJS.ReadableStream).on("line", (line) => {
      if (!line.startsWith("{")) said.push(line);
      else events.push(JSON.parse(line));
      for (const look of waiting) look();
    });
    /** Resolves to the first such event; rejects if the catcher ends without one. */
    const saw = (name: string): Promise<LogEvent> => {
      const seen = new Promise<LogEvent>((resolve, reject) => {
        const look = (): void => {
          const found = events.find(({ event }) => event === name);
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
        void ended.then((exit) =>
          reject(new Error(`catch ended with ${exit}: ${said.join("\n")}`)),
        );
      });
      // Where another one fails first nobody waits for this one any more.
      seen.catch(() => undefined);
      return seen;
    };
    const logged = async (name: string): Promise<void> => void (await saw(name));
    return { child, saw, logged, ended };
  }

  /** Casts to these targets. */
  cast(
    words: readonly string[],
    targets: readonly string[],
    wrap: Wrap = (argv) => argv,
  ): Promise<CastEnd> {
    return this.start(words, targets, wrap).ended;
  }

  /** The same, for whoever wants to interfere. */
  start(
    words: readonly string[],
    targets: readonly string[],
    wrap: Wrap = (argv) => argv,
  ): { readonly child: ChildProcess; readonly ended: Promise<CastEnd> } {
    const to = targets.length === 0 ? [] : [`--targets=${targets.join(",")}`];
    const child = this.#spawn(wrap([program, "cast", ...words, ...to]), ["ignore", "pipe", "pipe"]);
    let out = "";
    for (const name of ["stdout", "stderr"] as const) {
      child[name]?.setEncoding("latin1").on("data", (text: string) => {
        out += text;
      });
    }
    return { child, ended: once(child, "close").then(([exit]) => ({ exit, out })) };
  }

  #spawn(argv: readonly string[], stdio: ("ignore" | "pipe")[]): ChildProcess {
    const [first = "", ...rest] = argv;
    const { XDG_CONFIG_HOME: _, ...env } = process.env;
    const child = spawn(first, rest, {
      ...{ cwd: this.folder.path, stdio, timeout: this.#limitMs, killSignal: "SIGKILL" },
      env: { ...env, LC_ALL: "C.UTF-8", HOME: this.folder.at("home") },
    });
    this.#running.add(child);
    child.once("exit", () => this.#running.delete(child));
    return child;
  }

  /** Ends whatever still runs. */
  async [Symbol.asyncDispose](): Promise<void> {
    const running = [...this.#running];
    const ends = running.map((child) => once(child, "exit"));
    for (const child of running) child.kill("SIGKILL");
    await Promise.all(ends);
    this.folder.remove();
  }
}

/** Where a catcher is. */
export interface CatchPlace {
  readonly wrap?: Wrap;
  readonly port?: number;
  readonly address?: string;
}
