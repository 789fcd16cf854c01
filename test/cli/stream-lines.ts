// Runs with several connections whose lines are held by the test: each leads to an agent of its own, what goes over it is
// counted, and one of them can be lost.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import type { Socket } from "node:net";
import { Transform } from "node:stream";
import type { TemporaryFolder } from "../support/index.ts";
import { type FarEnded, program, runFarFrom } from "./far-socket.ts";

/** Who has the source: the other machine, or this one. */
export type Way = "pull" | "push";

/** What went over a line towards the target, and how its agent ended. */
export interface Line {
  bytes: number;
  status: number | null | undefined;
}

/**
 * What becomes of one line after so many bytes towards the target: it is cut, its agent is killed, its agent does not go
 * on, or it stays open and brings nothing more, in neither direction; or nothing, but something else happens.
 */
export interface Loss {
  readonly line: number;
  readonly after: number;
  readonly kind: "cut" | "kill" | "stop" | "stall" | (() => void);
}

/** How a run is held. */
interface Holding {
  readonly way: Way;
  /** Connections there are to be: the first brings little until all of them do. */
  readonly streams: number;
  readonly loss: Loss | undefined;
}

/** What the first line brings before the others are there: less than a window. */
const headStartBytes = 256 * 1024;

/** The lines of a run. */
class Lines {
  readonly all: Line[] = [];
  readonly #holding: Holding;
  #waiting: (() => void)[] = [];

  constructor(holding: Holding) {
    this.#holding = holding;
  }

  /** Joins a socket to an agent of its own. */
  join(socket: Socket): void {
    const { way } = this.#holding;
    const number = this.all.length;
    const line: Line = { bytes: 0, status: undefined };
    this.all.push(line);
    const child = spawn(program, ["agent"], { stdio: ["pipe", "pipe", "inherit"] });
    const { stdin, stdout } = child;
    // What it has said may never be read.
    child.on("exit", (status) => (line.status = status));
    for (const stream of [stdin, stdout]) stream.on("error", () => undefined);
    const harm = new Harm(child, socket);
    const content = new Transform({
      transform: (bytes: Buffer, _encoding, done) => {
        line.bytes += bytes.length;
        this.#harm(harm, number, line);
        this.#inTurn(number, () => harm.pass(bytes, done));
      },
    });
    const rest = new Transform({ transform: (bytes, _encoding, done) => harm.pass(bytes, done) });
    socket.pipe(way === "push" ? content : rest).pipe(stdin);
    stdout.pipe(way === "push" ? rest : content).pipe(socket);
    socket.on("close", () => {
      if (!harm.isStalled) stdin.destroy();
    });
  }

  #harm(harm: Harm, number: number, { bytes }: Line): void {
    const { loss } = this.#holding;
    if (loss?.line !== number || bytes <= loss.after || harm.isDone) return;
    harm.isDone = true;
    if (typeof loss.kind === "function") loss.kind();
    else harm[loss.kind]();
  }

  /** Lets the first line wait until the others have greeted. */
  #inTurn(number: number, pass: () => void): void {
    const { streams } = this.#holding;
    const others = this.all.slice(1).filter(({ bytes }) => bytes > 0);
    const waits = number === 0 && (this.all[0]?.bytes ?? 0) > headStartBytes;
    if (others.length >= streams - 1) {
      for (const one of this.#waiting.splice(0)) one();
      pass();
    } else if (waits) this.#waiting.push(pass);
    else pass();
  }
}

/** What can happen to a line. */
class Harm {
  readonly #child: ChildProcess;
  readonly #socket: Socket;
  isStalled = false;
  /** It has happened: once is enough. */
  isDone = false;

  constructor(child: ChildProcess, socket: Socket) {
    this.#child = child;
    this.#socket = socket;
  }

  cut(): void {
    this.#socket.destroy();
    this.#child.stdin?.destroy();
    this.#child.stdout?.destroy();
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  /** As if it were in a system call that does not come back. */
  stop(): void {
    this.#child.kill("SIGSTOP");
    this.#socket.on("close", () => this.#child.kill("SIGCONT"));
  }

  stall(): void {
    this.isStalled = true;
  }

  /** A stalled line is never done with what it was given. */
  pass(bytes: Buffer, done: (error: null, bytes: Buffer) => void): void {
    if (!this.isStalled) done(null, bytes);
  }
}

/** Runs from source/ to target/ of the folder, until all agents have ended. */
export async function runStreams(
  folder: TemporaryFolder,
  holding: { readonly way: Way; readonly streams: number; readonly loss?: Loss },
  words: readonly string[] = [],
): Promise<{ readonly end: FarEnded; readonly lines: readonly Line[] }> {
  const { way, streams, loss } = holding;
  const [source, target] = [`${folder.at("source")}/`, `${folder.at("target")}/`];
  const places = way === "pull" ? [`host:${source}`, target] : [source, `host:${target}`];
  const argv = ["-a", `--streams=${streams}`, "--no-compress", `--remote-path=${program}`];
  const lines = new Lines({ way, streams, loss });
  const accept = (socket: Socket): void => lines.join(socket);
  const end = await runFarFrom(folder, [...argv, ...words, ...places], accept);
  const limit = performance.now() + 15_000;
  while (lines.all.some(({ status }) => status === undefined)) {
    assert.ok(performance.now() < limit, "an agent goes on and on");
    await new Promise((resolve) => setImmediate(resolve));
  }
  for (const { status } of lines.all) assert.notEqual(status, 1, "an agent ended with a bug");
  return { end, lines: lines.all };
}
