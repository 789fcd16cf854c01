// The source's end of a run whose target is on another machine: walks the source and sends its
// directories as fast as they are taken, and reads what is wished for. It keeps the listings that wishes
// may be about until it hears that they are done with.

import { type ByteString, ManifoldError } from "../../base/index.ts";
import { machineMark } from "../../fs/index.ts";
import type { NamedGroup, Origin } from "../../pipeline/index.ts";
import { Scheduler } from "../../schedule/index.ts";
import {
  decodeRequest,
  encodeContentHead,
  encodeListingHead,
  encodeRemoved,
  lane,
  type RequestMessage,
} from "../../session/index.ts";
import type { FrozenDirectory, ProgressEvent } from "../../tree/index.ts";
import { Conductor } from "../conduct/conductor.ts";
import type { FarTarget } from "../conduct/far-ends.ts";
import { laneLimits } from "../conduct/lane-limits.ts";
import type { TreeNode } from "../conduct/tree-node.ts";
import { SharedMemory } from "../plan/shared-memory.ts";
import { namedAs } from "../plan/transfer-plan.ts";
import type { ReadResult } from "../tasks/far-tasks.ts";
import type { LaneResult, LaneTask, SendingDirectory } from "../tasks/tasks.ts";
import { Compression } from "./compression.ts";
import { Signatures } from "./signatures.ts";
import { sourceLane } from "./source-lane.ts";
import type { SourceServerContext } from "./source-server-context.ts";
import { untakenBytesMax, untakenDirectoriesMax } from "./windows.ts";
import { type WaitingRead, WishQueue } from "./wish-queue.ts";

/** Wishes frees memory at both ends, and goes before walking on. */
const readPriority = 0;
const costBytes = 65_536;
/** What the other end says of sizes is believed up to here; a lane takes more when it has seen the files. */
const roomBytesMax = 4 * 1024 * 1024;

type WalkMessage = RequestMessage & { readonly kind: "walk" };

/** A directory that wishes may be about. */
interface Kept {
  readonly path: ByteString;
  readonly origins: readonly Origin[];
  readonly named: readonly NamedGroup[];
  readonly listing: FrozenDirectory;
}

/** Serves one run. */
export class SourceServer implements FarTarget {
  readonly #context: SourceServerContext;
  readonly #memory: SharedMemory;
  readonly #scheduler: Scheduler<LaneTask, LaneResult>;
  readonly #kept = new Map<number, Kept>();
  readonly #signatures = new Signatures();
  readonly #compression: Compression;
  #conductor: Conductor | undefined;
  #walk = 0;
  #walking: Promise<void> = Promise.resolve();
  #isWalking = false;
  #nextWalk: WalkMessage | undefined;
  readonly #wishes: WishQueue;
  #outDirectories = 0;
  #outBytes = 0;
  /** The walk waits for room. */
  #isHeld = false;
  /** What was met on the present walk besides what the directories' records tell. */
  #met: ProgressEvent[] = [];

  constructor(context: SourceServerContext) {
    this.#context = context;
    const { options, surroundings } = context;
    const limits = laneLimits(options, surroundings);
    this.#memory = new SharedMemory(limits.lanesMax);
    const { clock, processors, processorMs } = surroundings;
    this.#scheduler = new Scheduler<LaneTask, LaneResult>(limits, {
      clock,
      processors,
      processorMs,
      startLane: (index) =>
        context.startLane({ ...sourceLane(context, this.#memory), lane: index }, this.#listener),
      refill: (wanted) => this.#conductor?.refill(wanted),
      onResult: (result) => this.#received(result),
    });
    this.#compression = new Compression(options.transfer.compress, context.peer, clock);
    this.#wishes = new WishQueue(
      () => context.peer.backlog,
      (wish) => {
        if (wish.kind === "remove") {
          this.#scheduler.submit(wish, readPriority, wish.rows.length + 1);
          return;
        }
        const room = context.peer.slabs.take(Math.min(wish.bytes, roomBytesMax));
        this.#scheduler.submit({ ...wish, room }, readPriority, readCost(wish));
      },
    );
  }

  /** Takes a message of the request lane. Throws a protocol-data error. */
  takeRequest(message: Uint8Array): void {
    const request = decodeRequest(message);
    switch (request.kind) {
      case "walk":
        if (this.#nextWalk !== undefined) throw outOfTurn("a walk during others");
        // The other end may be through with a walk before this one is: where it skips what is there.
        if (this.#isWalking) this.#nextWalk = request;
        else this.#beginWalk(request);
        return;
      case "fetch":
        this.#fetch(request);
        return;
      case "remove":
        this.#remove(request);
        return;
      case "taken":
        this.#outDirectories = Math.max(0, this.#outDirectories - request.directories);
        this.#outBytes = Math.max(0, this.#outBytes - request.bytes);
        this.goOn();
        return;
      case "release":
        for (const directory of request.directories) this.#kept.delete(directory);
        return;
      case "signature":
        this.#signatures.keep(request.id, request.body);
        return;
      case "drop":
        this.#signatures.drop(request.id);
        return;
    }
  }

  /** There is room for more. */
  goOn(): void {
    this.#wishes.goOn();
    if (!this.#isHeld || this.#isFull) return;
    this.#isHeld = false;
    this.#scheduler.release();
  }

  /** Begins nothing more. */
  stop(): void {
    this.#conductor?.stop();
    this.#memory.stop();
    this.#scheduler.letGo();
  }

  /** Ends the lanes. */
  async close(): Promise<void> {
    this.stop();
    await this.#walking;
    await this.#scheduler.close();
  }

  holdsBack(): boolean {
    if (!this.#isFull) return false;
    if (!this.#isHeld) this.#scheduler.hold();
    this.#isHeld = true;
    return true;
  }

  get #isFull(): boolean {
    return (
      this.#outDirectories >= untakenDirectoriesMax ||
      this.#outBytes >= untakenBytesMax ||
      this.#context.peer.isFull
    );
  }

  send(node: TreeNode, { record, listing }: SendingDirectory): void {
    const { id, path, origins, named, parent, index } = node.known;
    this.#kept.set(id, { path, origins, named, listing });
    this.#outDirectories++;
    this.#outBytes += record.length;
    const head = encodeListingHead({
      kind: "directory",
      walk: this.#walk,
      directory: id,
      parent: parent?.known.id ?? id,
      index,
      bodyBytes: record.length,
    });
    this.#context.peer.send(lane.listing, head, record);
  }

  closed({ known }: TreeNode, index: number): void {
    this.#outDirectories++;
    const message = { kind: "closed", walk: this.#walk, parent: known.id, index } as const;
    this.#context.peer.send(lane.listing, encodeListingHead(message));
  }

  readonly #listener = {
    failed: (error: unknown): void => {
      this.#context.failed(error);
      this.#scheduler.abort();
    },
    news: (result: LaneResult): void => this.#received(result),
  };

  #received(result: LaneResult): void {
    if (result.kind === "read") {
      this.#sendContent(result);
      this.#wishes.done();
    } else if (result.kind === "removed") {
      const body = encodeRemoved(result.events);
      this.#context.peer.send(lane.content, encodeContentHead(result.id, body.length), body);
      this.#wishes.done();
    } else if (result.kind === "failed") {
      const { code, message } = result.error;
      this.#context.failed(new ManifoldError(code, message));
    } else this.#conductor?.receive(result);
  }

  #sendContent({ id, head, body, room }: ReadResult): void {
    const { peer } = this.#context;
    this.#compression.sent(body.length);
    const front = encodeContentHead(id, head.length + body.length);
    peer.sendThen(lane.content, [front, head, body], () => peer.slabs.give(room));
  }

  #beginWalk(request: WalkMessage): void {
    const { options, sources } = this.#context;
    this.#isWalking = true;
    this.#walk = request.walk;
    this.#met = [];
    const plan = namedAs(sources.plan, request);
    this.#conductor = new Conductor(
      {
        options,
        plan,
        targetExists: true,
        opensDirectories: false,
        items: "none",
        scansAhead: () => false,
        tell: (event) => this.#met.push(event),
        farTarget: this,
      },
      () => this.#scheduler,
    );
    this.#walking = this.#conductor.walk(request.quiet).then(() => {
      const message = { kind: "walked", walk: request.walk, events: this.#met } as const;
      this.#context.peer.send(lane.listing, encodeListingHead(message));
      const next = this.#nextWalk;
      this.#nextWalk = undefined;
      this.#isWalking = false;
      if (next !== undefined) this.#beginWalk(next);
    }, this.#context.failed);
  }

  #fetch(request: RequestMessage & { readonly kind: "fetch" }): void {
    const { id, directory, bytes, body } = request;
    const kept = this.#kept.get(directory);
    if (kept === undefined) throw outOfTurn(`a wish about directory ${directory}, which is done`);
    const signature = this.#signatures.find(request.signature);
    const read = { kind: "read", id, ...kept, body, bytes, signature } as const;
    this.#wishes.add({ ...read, compresses: this.#compression.wanted });
  }

  #remove(request: RequestMessage & { readonly kind: "remove" }): void {
    const { id, directory, rows, copies, machine } = request;
    const { removeSourceFiles, dryRun } = this.#context.options.transfer;
    const kept = this.#kept.get(directory);
    if (!removeSourceFiles || dryRun || kept === undefined) {
      throw outOfTurn(`a wish to remove files of directory ${directory}`);
    }
    const own = machineMark();
    const isSameMachine = machine === undefined || own === undefined || machine === own;
    this.#wishes.add({ kind: "remove", id, ...kept, rows, copies, isSameMachine });
  }
}

function readCost({ body, bytes }: WaitingRead): number {
  return Math.ceil((body.length + bytes) / costBytes) + 16;
}

function outOfTurn(what: string): ManifoldError {
  return new ManifoldError("protocol-data", `The other end sent ${what}`);
}
