// What casts, and catching them, are told besides what they have in common with a sync.
import type { ByteString } from "../base/index.ts";

/** How the rate of datagrams is chosen. */
export interface DatagramRates {
  /** Bytes a second; undefined = what the slowest takes. */
  readonly rateMax: number | undefined;
  /** As rateMax: no less is sent while there is something to send. */
  readonly rateMin: number | undefined;
  /** The share of what the slowest takes that is made use of. */
  readonly share: number;
  /** The rate is rateMax, whatever comes of it. */
  readonly isFixed: boolean;
}

/** How a cast is made, besides what it has in common with a sync. */
export interface CastOptions extends DatagramRates {
  /** As written, one each. */
  readonly targets: readonly ByteString[];
  /** A file with more of them. */
  readonly targetsFile: ByteString | undefined;
  /** The recorded changeset that is cast instead of a tree. */
  readonly changeset: ByteString | undefined;
  /** undefined = one that follows from the session's number. */
  readonly group: { readonly address: string; readonly port: number | undefined } | undefined;
  /** Name or address of the local interface. */
  readonly interfaceAddress: ByteString | undefined;
  /** Routers that datagrams may pass, and one. */
  readonly hops: number;
  readonly ipVersion: 4 | 6;
  /** Targets on this machine get datagrams. */
  readonly loopback: boolean;
  /** Targets take datagrams of this machine only (SSM). */
  readonly sourceSpecific: boolean;
  /** Nothing is sent but tries. */
  readonly probe: boolean;
  /** What becomes of targets that are slower than the others. */
  readonly slow: "evict" | "wait" | "fail";
  /** The share of the targets that have to have everything before any applies it; 0 = each when it has. */
  readonly quorum: number;
  /** Targets come by themselves, and so many are waited for; undefined = none may. */
  readonly admits: number | undefined;
  /** How many targets have to be there, or how many percent of them. */
  readonly minTargets: { readonly number: number; readonly isPercent: boolean };
  /** Milliseconds that targets have for coming; undefined = the usual. */
  readonly joinWindowMs: number | undefined;
  /** The file that gets the report. */
  readonly report: ByteString | undefined;
  /** A report of an earlier cast: its targets that did not commit are this one's. */
  readonly retryFrom: ByteString | undefined;
}

/** How casts are waited for. */
export interface CatchOptions {
  readonly config: ByteString | undefined;
  /** The machine whose casts are joined, and its port; undefined = masters come. */
  readonly master: { readonly host: ByteString; readonly port: number | undefined } | undefined;
  /** What comes is verified only. */
  readonly discard: boolean;
  /** The first cast is the last one. */
  readonly once: boolean;
  /** Name or address of the interface that groups are joined on; undefined = the system chooses. */
  readonly interfaceName: ByteString | undefined;
}
