// The source's end of a run whose target is on another machine: walks the source and sends its
// directories as fast as they are taken, and reads what is wished for. It keeps the listings that wishes
// may be about until it hears that they are done with.

import { ManifoldError } from "../../base/index.ts";
import { Scheduler } from "../../schedule/index.ts";
import {
  decodeRequest,
  encodeListingHead,
  lane,
  type RequestMessage,
} from "../../session/index.ts";
import type { ProgressEvent } from "../../tree/index.ts";
import { Conductor } from "../conduct/conductor.ts";
import type { FarTarget } from "../conduct/far-ends.ts";
import { laneLimits } from "../conduct/lane-limits.ts";
import type { TreeNode } from "../conduct/tree-node.ts";
import { IdNames } from "../lane/id-names.ts";
import { SharedMemory } from "../plan/shared-memory.ts";
import { namedAs } from "../plan/transfer-plan.ts";
import {
  type AheadTask,
  aheadRoomBytes,
  type SendingBelow,
  type SendingDirectory,
} from "../tasks/far-tasks.ts";
import type { LaneResult, LaneTask } from "../tasks/tasks.ts";
import { aheadNumber } from "./carriers.ts";
import { ContentServer, type KeptDirectory } from "./content-server.ts";
import { relistedRecord } from "./relisted-record.ts";
import { SentListings } from "./sent-listings.ts";
import { sourceLane } from "./source-lane.ts";
import type { SourceServerContext } from "./source-server-context.ts";
import type { Switchboard } from "./switchboard.ts";
import { belowMax, readAheadMax } from "./windows.ts";

/** Wishes frees memory at both ends, and goes before walking on. */
const readPriority = 0;

type WalkMessage = RequestMessage & { readonly kind: "walk" };

/** Serves one run. */
export class SourceServer implements FarTarget {
  readonly #context: SourceServerContext;
  readonly #memory: SharedMemory;
  readonly #scheduler: Scheduler<LaneTask, LaneResult>;
  readonly #content: ContentServer;
  #conductor: Conductor | undefined;
  readonly #listings: SentListings;
  readonly #idNames: IdNames;
  #walking: Promise<void> = Promise.resolve();
  #isWalking = false;
  #nextWalk: WalkMessage | undefined;
  /** Content of small files is sent with their directories. */
  #isAhead = false;
  #readingAhead = 0;
  /** Digests of files are sent with their directories. */
  #tellsDigests = false;
  /** Sums of so many columns are sent in the place of directories' records. */
  #tellsSums = 0;
  /** The walk waits for room. */
  #isHeld = false;
  /** What was met on the present walk besides what the directories' records tell. */
  #met: ProgressEvent[] = [];

  constructor(context: SourceServerContext) {
    this.#context = context;
    this.#listings = new SentListings(context.peer);
    const { options, surroundings } = context;
    this.#idNames = new IdNames(surroundings.confinement);
    const limits = laneLimits(options, surroundings, true);
    this.#memory = new SharedMemory(limits.lanesMax);
    const { clock, processors, processorMs, machineTime } = surroundings;
    this.#scheduler = new Scheduler<LaneTask, LaneResult>(limits, {
      clock,
      processors,
      processorMs,
      machineTime,
      startLane: (index) =>
        context.startLane({ ...sourceLane(context, this.#memory), lane: index }, this.#listener),
      refill: (wanted) => this.#conductor?.refill(wanted),
      onResult: (result) => this.#received(result),
    });
    this.#content = new ContentServer({
      options,
      clock,
      machineTime,
      peer: context.peer,
      submit: (task, cost) => this.#scheduler.submit(task, readPriority, cost),
      spread: () => this.#scheduler.spread(),
    });
  }

  /** Takes one more connection, for content. */
  join(board: Switchboard): void {
    this.#content.join(board);
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
      case "taken":
        this.#listings.taken(request);
        this.goOn();
        return;
      case "release":
        for (const directory of request.directories) this.#release(directory);
        return;
      case "busy":
        this.#content.line.acquit();
        return;
      case "digests":
        this.#tellsDigests = request.wanted;
        return;
      case "sums":
        this.#tellsSums = request.columns;
        this.#listings.endTrial();
        this.#letWalk();
        return;
      case "list":
        this.#list(request.directory);
        return;
      default:
        this.#content.take(request);
        return;
    }
  }

  /** There is room for more. */
  goOn(): void {
    // Whoever waits for the line learns how fast it is.
    this.#content.line.look();
    this.#content.goOn();
    this.#letWalk();
  }

  #list(directory: number): void {
    const { options } = this.#context;
    this.#listings.list(directory, (topBytes) =>
      relistedRecord(options, this.#idNames, { ...this.#content.kept(directory), topBytes }),
    );
  }

  #release(directory: number): void {
    this.#content.release(directory);
    this.#listings.release(directory);
  }

  #letWalk(): void {
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
    return this.#listings.isFull || this.#readingAhead >= readAheadMax || this.#context.peer.isFull;
  }

  ahead(): AheadTask | undefined {
    if (!this.#isAhead) return undefined;
    this.#readingAhead++;
    return {
      room: this.#context.peer.slabs.takeAny(aheadRoomBytes),
      isCompressed: this.#content.compresses,
    };
  }

  get tellsDigests(): boolean {
    return this.#tellsDigests;
  }

  get tellsSums(): number {
    return this.#tellsSums;
  }

  below(): number {
    this.#listings.reserve(belowMax);
    return belowMax;
  }

  send(node: TreeNode, sending: SendingDirectory, below?: readonly SendingBelow[]): void {
    const { path, origins, named, parent, index } = node.known;
    this.#send(
      { ...sending, path, origins, parent: parent?.far ?? sending.directory, index },
      named,
    );
    if (sending.ahead !== undefined) this.#letWalk();
    if (below !== undefined) {
      for (const directory of below) this.#send(directory, []);
      this.#listings.reserve(-belowMax);
      this.#letWalk();
    }
    this.#content.line.look();
  }

  #send(sending: SendingBelow, named: KeptDirectory["named"]): void {
    const { directory, path, origins, listing, ahead } = sending;
    this.#content.keep(directory, { path, origins, named, listing });
    if (ahead !== undefined) this.#readingAhead--;
    const isAhead = ahead !== undefined && ahead.body.length > 0;
    this.#listings.send(sending, sending, isAhead ? aheadNumber(directory) : undefined);
    if (isAhead) {
      this.#listings.add(ahead.head.length + ahead.body.length);
      this.#content.sendAhead(aheadNumber(directory), ahead);
    } else if (ahead !== undefined) this.#context.peer.slabs.give(ahead.room);
  }

  closed({ far }: TreeNode, index: number): void {
    this.#listings.closed(far, index);
  }

  readonly #listener = {
    failed: (error: unknown): void => {
      this.#context.failed(error);
      this.#scheduler.abort();
    },
    news: (result: LaneResult): void => this.#received(result),
  };

  #received(result: LaneResult): void {
    if (result.kind === "read" || result.kind === "removed") {
      this.#content.answered(result);
    } else if (result.kind === "failed") {
      const { code, message } = result.error;
      this.#context.failed(new ManifoldError(code, message));
    } else this.#conductor?.receive(result);
  }

  #beginWalk(request: WalkMessage): void {
    const { options, sources } = this.#context;
    this.#isWalking = true;
    this.#listings.begin(request.walk, request.sums !== 0);
    this.#isAhead = request.ahead;
    this.#tellsDigests = false;
    this.#tellsSums = request.sums;
    this.#memory.write("nextDirectory", 0);
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
      const lineRate = Math.round((this.#content.line.rate ?? 0) * 1000);
      const { walk } = request;
      const message = { kind: "walked", walk, events: this.#met, lineRate } as const;
      this.#context.peer.send(lane.listing, encodeListingHead(message));
      const next = this.#nextWalk;
      this.#nextWalk = undefined;
      this.#isWalking = false;
      if (next !== undefined) this.#beginWalk(next);
    }, this.#context.failed);
  }
}

function outOfTurn(what: string): ManifoldError {
  return new ManifoldError("protocol-data", `The other end sent ${what}`);
}
