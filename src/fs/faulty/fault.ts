// What can go wrong at a call, and plans that say at which.

import type { ByteString, Random } from "../../base/index.ts";
import type { FileSystem } from "../file-system.ts";
import type { Operation } from "./operations.ts";

/** One call that is about to be made. */
export interface Call {
  /** Which call of the door it is, 1 first. */
  readonly number: number;
  readonly operation: Operation;
  /** Which call of this operation it is, 1 first. */
  readonly turn: number;
  /** The name or path that it is about; "" when it is about an open handle. */
  readonly name: ByteString;
}

/** What happens at a call instead of, before or after what was asked. */
export type Fault =
  /** Nothing is done but the error. A file is closed all the same, as on Linux; closing a directory never fails. */
  | { readonly kind: "fail"; readonly errno: number }
  /** It is done, and reported as failed. */
  | { readonly kind: "fail-after"; readonly errno: number }
  /** A read or copy brings half of what it could; a write leaves half and fails. Any other call is made. */
  | { readonly kind: "short"; readonly errno: number }
  /** Somebody else uses the inner door first; then the call is made. */
  | { readonly kind: "meddle"; readonly act: (inner: FileSystem, call: Call) => void }
  /** The end: this call and all later ones throw Crash and do nothing. */
  | { readonly kind: "crash" };

/** Says what happens at a call; undefined = what was asked. May keep a state: it belongs to one door. */
export type FaultPlan = (call: Call) => Fault | undefined;

/** Thrown by every call once the door has crashed. No FsError: no handling of a single path may survive it. */
export class Crash extends Error {
  override name = "Crash";
}

/** Nothing goes wrong. */
export const noFaults: FaultPlan = () => undefined;

/** What later calls have of a fault: nothing; those of the same operation fail, too; or all do. */
export type Lasting = "once" | "operation" | "device";

/** The fault happens at call `number`. */
export function faultAt(number: number, fault: Fault, lasting: Lasting = "once"): FaultPlan {
  let broken: Operation | undefined;
  return (call) => {
    if (call.number < number) return undefined;
    if (call.number === number) broken = call.operation;
    else if (lasting === "once") return undefined;
    else if (lasting === "operation" && call.operation !== broken) return undefined;
    return fault;
  };
}

/** The fault happens at call `turn` of an operation. */
export function faultOf(
  operation: Operation,
  turn: number,
  fault: Fault,
  lasting: Exclude<Lasting, "device"> = "once",
): FaultPlan {
  return (call) => {
    if (call.operation !== operation || call.turn < turn) return undefined;
    return call.turn === turn || lasting === "operation" ? fault : undefined;
  };
}

/** Any call can go wrong: `perThousand` of a thousand do, each with one of the faults. */
export function seededFaults(
  random: Random,
  perThousand: number,
  faults: readonly Fault[],
): FaultPlan {
  return () =>
    random.uint32() % 1000 < perThousand ? faults[random.uint32() % faults.length] : undefined;
}

/** The first plan that has something to say decides; all of them hear of every call. */
export function firstOf(...plans: readonly FaultPlan[]): FaultPlan {
  return (call) => {
    let decided: Fault | undefined;
    for (const plan of plans) {
      const fault = plan(call);
      decided ??= fault;
    }
    return decided;
  };
}
