// The faulty door put together: every operation of the inner door behind one gate.

import { type ByteString, errno } from "../../base/index.ts";
import type { FileSystem } from "../file-system.ts";
import { FsError } from "../fs-error.ts";
import { Crash, type Fault, type FaultPlan } from "./fault.ts";
import { type Operation, systemCalls } from "./operations.ts";

/** How a faulty door behaves beside its plan. */
export interface FaultyOptions {
  /** Spends the time that each call takes before it is made. Default: none. */
  readonly delay?: (() => void) | undefined;
}

/** Returns the door around `inner`; handles are the inner door's. */
export function faultyFileSystem(
  inner: FileSystem,
  plan: FaultPlan,
  options: FaultyOptions = {},
): FileSystem {
  const gate = new Gate(inner, plan, options.delay);
  const own: Pick<FileSystem, "read" | "write" | "copyRange" | "stat" | "statEntries"> = {
    read: (file, into, offset, length, position) =>
      gate.pass("read", "", (part) =>
        inner.read(file, into, offset, shorten(length, part), position),
      ),
    copyRange: (from, fromPosition, to, toPosition, length) =>
      gate.pass("copyRange", "", (part) =>
        inner.copyRange(from, fromPosition, to, toPosition, shorten(length, part)),
      ),
    write: (...args) => writePartly(gate, inner, args),
    stat: (...args) => statOrAbsent(gate, inner, args),
    statEntries: (...args) => statOneByOne(gate, inner, args),
  };
  return {
    ...gated(inner, gate),
    ...own,
    kind: "faulty",
    abilities: inner.abilities,
  };
}

type Method = (...args: unknown[]) => unknown;

/** Wraps the operations that the door has so that each of their calls passes the gate. */
function gated<T extends FileSystem>(inner: T, gate: Gate): T {
  const wrapped: Record<string, unknown> = {};
  for (const operation of Object.keys(systemCalls) as Operation[]) {
    const method = inner[operation] as Method | undefined;
    if (method === undefined) continue;
    wrapped[operation] = (...args: unknown[]) =>
      gate.pass(operation, nameAmong(args), () => method.apply(inner, args));
  }
  return wrapped as T;
}

/** The first name or path of a call. */
function nameAmong(args: readonly unknown[]): ByteString {
  return (args.find((argument) => typeof argument === "string") as ByteString | undefined) ?? "";
}

function shorten(length: number, isShort: boolean): number {
  return isShort ? Math.ceil(length / 2) : length;
}

/** The errors of a short write tell that the rest found no place. */
function writePartly(
  gate: Gate,
  inner: FileSystem,
  [file, from, offset, length, position]: Parameters<FileSystem["write"]>,
): void {
  gate.pass("write", "", (isShort) => {
    if (!isShort) return inner.write(file, from, offset, length, position);
    const half = Math.floor(length / 2);
    if (half > 0) inner.write(file, from, offset, half, position);
    throw new FsError(gate.shortErrno, systemCalls.write, "");
  });
}

/** A planned error. What the inner door throws by itself has no other treatment than it has there. */
class PlannedError extends FsError {}

/** The errors that say that there is nothing are an answer here. */
function statOrAbsent(
  gate: Gate,
  inner: FileSystem,
  args: Parameters<FileSystem["stat"]>,
): boolean {
  try {
    return gate.pass("stat", args[1], () => inner.stat(...args));
  } catch (error) {
    const isAbsence =
      error instanceof PlannedError &&
      (error.errno === errno.ENOENT || error.errno === errno.ENOTDIR);
    if (isAbsence) return false;
    throw error;
  }
}

/** Each entry is a call of its own, whose error goes into the listing. */
function statOneByOne(
  gate: Gate,
  inner: FileSystem,
  [dir, listing, from, to, follow]: Parameters<FileSystem["statEntries"]>,
): void {
  for (let i = from; i < to; i++) {
    try {
      gate.pass("statEntries", listing.name(i), () =>
        inner.statEntries(dir, listing, i, i + 1, follow),
      );
    } catch (error) {
      if (!(error instanceof PlannedError)) throw error;
      listing.mode[i] = 0;
      listing.problem[i] = error.errno;
    }
  }
}

/** What every call passes: it counts, waits, asks the plan, and lets the call be made or not. */
class Gate {
  shortErrno = 0;
  readonly #inner: FileSystem;
  readonly #plan: FaultPlan;
  readonly #delay: (() => void) | undefined;
  readonly #turns = new Map<Operation, number>();
  #number = 0;
  #crashed = false;

  constructor(inner: FileSystem, plan: FaultPlan, delay: (() => void) | undefined) {
    this.#inner = inner;
    this.#plan = plan;
    this.#delay = delay;
  }

  /** Makes a call; `make` is told whether it is to do only a part. */
  pass<T>(operation: Operation, name: ByteString, make: (isShort: boolean) => T): T {
    if (this.#crashed) throw new Crash("The machine has crashed.");
    const number = ++this.#number;
    const turn = (this.#turns.get(operation) ?? 0) + 1;
    this.#turns.set(operation, turn);
    this.#delay?.();
    const call = { number, operation, turn, name };
    const fault = this.#plan(call);
    if (fault === undefined) return make(false);
    if (fault.kind === "meddle") {
      fault.act(this.#inner, call);
      return make(false);
    }
    if (fault.kind === "crash") {
      this.#crashed = true;
      throw new Crash(`The machine crashed at call ${number}, ${operation}.`);
    }
    if (fault.kind === "short") {
      this.shortErrno = fault.errno;
      return make(true);
    }
    if (operation === "closeDirectory") return make(false);
    if (isMade(fault, operation)) this.#release(operation, make(false));
    throw new PlannedError(fault.errno, systemCalls[operation], name);
  }

  /** What an opening call that fails has opened is nobody's. */
  #release(operation: Operation, answer: unknown): void {
    if (opening.includes(operation)) this.#inner.closeFile(answer as number);
    else if (pinning.includes(operation)) this.#inner.closeDirectory(answer as number);
  }
}

/** Operations whose answer is a handle. */
const opening: readonly Operation[] = ["openRead", "openWrite", "createFile"];
const pinning: readonly Operation[] = ["openRoot", "openDirectory"];

function isMade({ kind }: Fault, operation: Operation): boolean {
  return kind === "fail-after" || operation === "closeFile";
}
