// A server of its own for a test: `manifold serve` on a free port of the loopback interface, a folder with
// keys and modules, and clients.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { systemClock, toBytes } from "../../src/base/index.ts";
import { allowKey, formatWish, loadIdentity, parseAnswer } from "../../src/daemon/index.ts";
import { connectSecure, type LineChannel, lineChannel } from "../../src/transport/index.ts";
import { type TemporaryFolder, temporaryFolder } from "../support/index.ts";

const top = join(import.meta.dirname, "..", "..");

/** How a client ended. */
export interface ClientEnd {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** An event of the server's log. */
export type LogEvent = Readonly<Record<string, unknown>>;

/** A server that runs, and what belongs to it. */
export class ServeScene {
  readonly folder: TemporaryFolder;
  readonly #server: ChildProcess;
  readonly #events: LogEvent[] = [];
  readonly #waiters = new Set<() => void>();
  /** What the server said that is no event. */
  readonly stray: string[] = [];
  readonly ended: Promise<readonly [number | null, NodeJS.Signals | null]>;
  port = 0;

  /** `configuration`: what stands behind the keys; DIR in it is the scene's folder. `words`: more of the command line. */
  static async start(configuration: string, words: readonly string[] = []): Promise<ServeScene> {
    const folder = temporaryFolder();
    const scene = new ServeScene(folder, configuration, words);
    const { address } = await scene.logged("listen");
    scene.port = Number(String(address).replace(/.*:/, ""));
    return scene;
  }

  private constructor(folder: TemporaryFolder, configuration: string, more: readonly string[]) {
    this.folder = folder;
    mkdirSync(folder.at("home"));
    allowKey(
      folder.at("allowed"),
      loadIdentity(folder.at("home/.config/manifold/key")).fingerprint,
      "me",
    );
    this.configure(configuration);
    const words = ["serve", `--config=${folder.at("conf")}`, "--port=0", ...more];
    this.#server = spawn(join(top, "manifold"), words, {
      stdio: ["ignore", "ignore", "pipe"],
      env: this.#environment(),
    });
    this.ended = once(this.#server, "exit") as Promise<[number | null, NodeJS.Signals | null]>;
    assert.ok(this.#server.stderr !== null);
    createInterface(this.#server.stderr).on("line", (line) => {
      if (line.startsWith("{")) this.#events.push(JSON.parse(line));
      else this.stray.push(line);
      for (const wake of [...this.#waiters]) wake();
    });
  }

  /** Writes the configuration file. */
  configure(configuration: string): void {
    const { path } = this.folder;
    const head = [
      "address = 127.0.0.1",
      `key file = ${path}/serve.key`,
      `pid file = ${path}/pid`,
      `allowed keys = ${path}/allowed`,
      ...(process.geteuid?.() === 0 ? ["uid = root"] : []),
    ];
    const text = `${head.join("\n")}\n${configuration.replaceAll("DIR", path)}\n`;
    writeFileSync(this.folder.at("conf"), text);
  }

  /** Resolves to the first event of this kind, with these fields, that has not been asked for yet. */
  logged(event: string, fields: LogEvent = {}): Promise<LogEvent> {
    const wanted = Object.entries({ ...fields, event });
    return new Promise((resolve) => {
      const look = (): void => {
        const at = this.#events.findIndex((each) =>
          wanted.every(([name, value]) => each[name] === value),
        );
        if (at < 0) return;
        this.#waiters.delete(look);
        resolve(this.#events.splice(at, 1)[0] as LogEvent);
      };
      this.#waiters.add(look);
      look();
    });
  }

  /** A module, or something in it, as an argument. */
  url(place: string): string {
    return `manifold://127.0.0.1:${this.port}/${place}`;
  }

  /** Runs a client with HOME in the scene's folder. */
  run(
    argv: readonly string[],
    variables: Readonly<Record<string, string>> = {},
  ): Promise<ClientEnd> {
    return this.start(argv, variables).ended;
  }

  /** Starts one, for whoever wants to end it. */
  start(
    argv: readonly string[],
    variables: Readonly<Record<string, string>> = {},
  ): { readonly child: ChildProcess; readonly ended: Promise<ClientEnd> } {
    const child = spawn(join(top, "manifold"), argv, {
      cwd: this.folder.path,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...this.#environment(), ...variables },
    });
    const said = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("latin1").on("data", (text: string) => {
        said[name] += text;
      });
    }
    const ended = once(child, "close").then(([exit]) => ({ exit, ...said }));
    return { child, ended };
  }

  /** Enters a module and says nothing more: a client that is inside until it goes. */
  async enter(module: string): Promise<LineChannel> {
    const identity = loadIdentity(this.folder.at("home/.config/manifold/key"));
    const channel = await connectSecure({ host: "127.0.0.1", port: this.port, identity });
    const lines = lineChannel(channel, systemClock);
    lines.send(toBytes(`${formatWish({ kind: "module", name: module })}\n`));
    parseAnswer(await lines.readLine(60_000), "the server");
    return lines;
  }

  signal(name: NodeJS.Signals): void {
    this.#server.kill(name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The first one lets those inside finish, the second one does not.
    this.signal("SIGTERM");
    this.signal("SIGINT");
    await this.ended;
    this.folder.remove();
  }

  #environment(): NodeJS.ProcessEnv {
    const { XDG_CONFIG_HOME: _, ...rest } = process.env;
    return { ...rest, LC_ALL: "C.UTF-8", HOME: this.folder.at("home") };
  }
}
