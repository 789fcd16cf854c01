// A target of a cast: says what it has, takes the stream of what it lacks, verifies it, and applies it as
// `receive` does once it is told to.

import { type ByteString, ManifoldError, toText } from "../../base/index.ts";
import type { Options } from "../../options/index.ts";
import {
  type CastOrder,
  decodeCastOrder,
  encodeCastAnswer,
  lane,
  type WriteTrial,
} from "../../session/index.ts";
import { NewsSender } from "../far/news.ts";
import { sessionWords } from "../far/session-words.ts";
import { parseRunFilters } from "../lane/run-filters.ts";
import { openDoor } from "../plan/open-door.ts";
import type { Surroundings } from "../plan/surroundings.ts";
import { makeTarget } from "../verbs/batch-target.ts";
import { listStanding } from "../verbs/capture-transfer.ts";
import { type ChangesetInput, fileInput } from "../verbs/changeset-input.ts";
import { type Driving, driveSteps } from "../verbs/drive-steps.ts";
import { KeptPieces } from "../verbs/kept-pieces.ts";
import { ReceiveRun } from "../verbs/receive-changeset.ts";
import type { StageContext } from "../verbs/stage-output.ts";
import { verifyInput } from "../verbs/verify-input.ts";
import { CatchStream } from "./catch-stream.ts";
import { CopyPlace } from "./copy-place.ts";
import { FileSigner } from "./file-signer.ts";
import { joinedInput } from "./joined-stream.ts";
import { tryWriting } from "./write-trial.ts";

/** Receiving leaves the connection a turn this often, in milliseconds. */
const turnMs = 20;

/** Serves as a target and returns the exit status. Rejects with ManifoldError. */
export async function catchCast(
  options: Options,
  surroundings: Surroundings,
  driving: Driving,
): Promise<number> {
  const room = () => roomOf(openDoor(surroundings), options.target ?? ".");
  const place = new CopyPlace(options, surroundings);
  const writing = () =>
    tryWriting(openDoor(surroundings), options.target ?? ".", surroundings.clock);
  const signer = new FileSigner(options.target ?? ".", surroundings, driving);
  const ground = { interfaceName: options.own.catch.interfaceName, room, writing, place, signer };
  const orders = new Orders(driving, ground);
  try {
    await tellStanding(options, surroundings, driving, place);
    for (;;) {
      await orders.whole();
      try {
        return await receive(orders, place, options, surroundings, driving);
      } catch (error) {
        if (!orders.mayComeRight(error)) throw error;
      }
    }
  } finally {
    orders.close();
    place.close();
  }
}

/** Verifies the stream, applies it when it is told to, and returns the exit status. */
async function receive(
  orders: Orders,
  place: CopyPlace,
  options: Options,
  surroundings: Surroundings,
  { board, signal }: Driving,
): Promise<number> {
  const input = orders.input(fileInput({ descriptor: place.copy.descriptor, start: 0 }));
  const news = new NewsSender(board.peer, () => ({
    counters: run.counters,
    scanComplete: true,
  }));
  const context: StageContext = {
    ...{ options, surroundings, program: sessionWords.program },
    sink: () => undefined,
    standardInput: () => [],
    tell: (event) => news.event(event),
  };
  const run: ReceiveRun = new ReceiveRun(context, input);
  signal.addEventListener("abort", () => run.cancel(signal.reason));
  const pause = turns(surroundings);
  let exit = 0;
  if (options.own.catch.discard) {
    await verifyInput(input, undefined, pause);
    await orders.commit();
  } else {
    makeTarget(openDoor(surroundings), options.target ?? ".", options, surroundings);
    exit = await run.run(pause, async () => {
      await orders.commit();
      // What is applied is not sent like this again.
      place.copy.forget();
    });
  }
  news.flush({ kind: "ended", exit });
  return exit;
}

/** Sends the listing of all that is here, and sums of what an earlier cast left. */
async function tellStanding(
  options: Options,
  surroundings: Surroundings,
  driving: Driving,
  place: CopyPlace,
): Promise<void> {
  const { peer } = driving.board;
  const fs = openDoor(surroundings);
  const say = (piece: Uint8Array): void =>
    peer.send(lane.request, encodeCastAnswer({ kind: "standing", piece }));
  const path = options.target ?? ".";
  const rules = parseRunFilters(fs, options, surroundings, () => undefined);
  const context = {
    options: { ...options, transfer: { ...options.transfer, dryRun: true } },
    ...{ surroundings, sink: say, program: sessionWords.program },
    standardInput: () => [],
    tell: () => undefined,
  };
  if (!options.own.catch.discard && isThere(fs, path)) {
    const target = { path, label: path };
    await driveSteps(listStanding(context, rules, target, { isPlain: true }), driving);
  }
  const tell = (sums: Uint8Array): void =>
    peer.send(lane.request, encodeCastAnswer({ kind: "held", sums }));
  await driveSteps(place.sums(tell), driving);
  say(new Uint8Array(0));
}

function isThere(fs: ReturnType<typeof openDoor>, path: string): boolean {
  try {
    fs.closeDirectory(fs.openRoot(path));
    return true;
  } catch {
    return false; // What is wrong with it is told when it is to be made.
  }
}

/** Free bytes at a directory; 0 = it is not there. */
function roomOf(fs: ReturnType<typeof openDoor>, path: string): number {
  try {
    const root = fs.openRoot(path);
    try {
      return Math.floor(fs.freeBytes(root));
    } finally {
      fs.closeDirectory(root);
    }
  } catch {
    return 0; // What is wrong with it is told when it is to be made.
  }
}

/** Something that happens once, or fails. */
class Awaited<Value> {
  readonly promise: Promise<Value>;
  resolve: (value: Value) => void = () => undefined;
  reject: (error: unknown) => void = () => undefined;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // It may fail before anybody waits for it.
    this.promise.catch(() => undefined);
  }
}

/** What orders are carried out with. */
interface OrdersGround {
  readonly interfaceName: ByteString | undefined;
  /** Free bytes where the target is. */
  readonly room: () => number;
  readonly writing: () => WriteTrial;
  readonly place: CopyPlace;
  readonly signer: FileSigner;
}

/** Follows what the master says, up to the word to apply what came. */
class Orders {
  readonly #driving: Driving;
  readonly #ground: OrdersGround;
  /** What is to be done here, where the stream has only content for it. */
  readonly #own = new KeptPieces();
  #whole = new Awaited<void>();
  readonly #committed = new Awaited<void>();
  #stream: CatchStream | undefined;
  #isStaged = false;

  constructor(driving: Driving, ground: OrdersGround) {
    const { board, signal } = driving;
    this.#driving = driving;
    this.#ground = ground;
    signal.addEventListener("abort", () => this.#fail(signal.reason));
    board.onBroken((error) => this.#fail(error));
    board.on(lane.listing, (bytes) => this.#take(decodeCastOrder(bytes)));
    board.on(lane.content, (bytes) => this.#stream?.pulled(bytes));
  }

  /** Resolves when the whole stream is here. */
  whole(): Promise<void> {
    return this.#whole.promise;
  }

  /** What was whole does not verify. Says whether that may be the work of others who know the secret: then it comes again, as far as it is wrong. */
  mayComeRight(error: unknown): boolean {
    const isWrong = error instanceof ManifoldError && error.code === "changeset-invalid";
    if (!isWrong || this.#isStaged) return false;
    this.#whole = new Awaited<void>();
    return this.#stream?.recheck() ?? false;
  }

  /** Returns the changeset that the stream is, or has content for. */
  input(stream: ChangesetInput): ChangesetInput {
    const own = this.#own;
    return own.isEmpty ? stream : joinedInput(() => own.pieces(), stream.pieces);
  }

  /** Says that all of it is right, and resolves when it is to be applied. */
  commit(): Promise<void> {
    const stream = this.#stream;
    if (stream !== undefined) {
      this.#isStaged = true;
      const staged = encodeCastAnswer({ kind: "staged", ...stream.arrival });
      this.#driving.board.peer.send(lane.request, staged);
    }
    return this.#committed.promise;
  }

  close(): void {
    this.#stream?.close();
    this.#own.close();
  }

  #fail(error: unknown): void {
    this.#whole.reject(error);
    this.#committed.reject(error);
  }

  #take(order: CastOrder): void {
    const stream = this.#stream;
    if (order.kind === "stream" && stream === undefined) {
      const { board, clock } = this.#driving;
      const failed = (error: unknown): void => this.#fail(error);
      const whole = (): void => this.#whole.resolve();
      const { interfaceName: name, room, place } = this.#ground;
      const interfaceName = name === undefined ? undefined : toText(name);
      this.#stream = new CatchStream(order, {
        ...{ board, clock, whole, failed, place, interfaceName, room },
      });
      this.#stream.begin().catch(failed);
    } else if (order.kind === "sign" && stream === undefined) {
      this.#ground.signer.sign(order, (error) => this.#fail(error));
    } else if (order.kind === "own" && stream === undefined) this.#own.add(order.piece);
    else if (order.kind === "length" && stream !== undefined) stream.length(order.bytes);
    else if (order.kind === "unicast" && stream !== undefined) stream.pullBefore(undefined);
    else if (order.kind === "early" && stream !== undefined) stream.pullBefore(order.block);
    else if (order.kind === "held" && stream !== undefined) stream.held(order);
    else if (order.kind === "sums" && stream !== undefined) stream.sums(order);
    else if (order.kind === "rekey" && stream !== undefined) stream.rekey(order);
    else if (order.kind === "try" && stream !== undefined) {
      const tried = encodeCastAnswer({ kind: "tried", ...this.#ground.writing() });
      this.#driving.board.peer.send(lane.request, tried);
    } else if (order.kind === "commit" && this.#isStaged) this.#committed.resolve();
    else {
      throw new ManifoldError("protocol-data", `The master sent a ${order.kind} order out of turn`);
    }
  }
}

function turns({ clock }: Surroundings): () => Promise<void> | undefined {
  let last = clock.now();
  return () => {
    const now = clock.now();
    if (now - last < turnMs) return undefined;
    last = now;
    return new Promise((resolve) => setImmediate(resolve));
  };
}
