// System calls as plain functions on numbers, by koffi.
//
// A call's arguments are numbers: descriptors, flags and memory addresses. Addresses come from
// `address()`, once per buffer, and stay valid as long as the buffer is referenced: V8 never moves
// the bytes of an ArrayBuffer (it does for typed arrays of at most 64 bytes that nobody looked
// into, and looking is what `address` does). Nothing here checks bounds: callers do.

import process from "node:process";
import { errno } from "../base/index.ts";
import { koffiPackages, requirePackage } from "./packages.ts";
import {
  type CallName,
  rawNumbers,
  rawSignature,
  type Signature,
  signatures,
} from "./signatures.ts";

/** A memory address as a number; user space ends at 2^47, so every one is exact. */
export type Address = number;

type Arguments<S extends Signature> = S extends readonly [string, ...infer Rest extends string[]]
  ? { [Index in keyof Rest]: number }
  : never;

/** Every function of the signature table; all arguments and results are numbers. -1 means failure. */
export type CallTable = {
  readonly [Name in CallName]: (...values: Arguments<(typeof signatures)[Name]>) => number;
};

/** System calls, and the two things around them. */
export interface SystemCalls {
  /** The functions; one is looked up in the C library when it is first called. */
  readonly call: CallTable;
  /** The error number of this thread's last failed call; ask before the next call. */
  errno(): number;
  /** The address of the first byte of the view. */
  address(memory: Uint8Array): Address;
}

type Koffi = typeof import("koffi");
type NumberFunction = (...values: number[]) => number;

let loaded: SystemCalls | undefined | null = null;

/**
 * Loads koffi and returns this thread's system calls, or undefined where they cannot be had: no koffi for this
 * platform, not Linux, not an architecture whose layouts are known here, a sandbox that refuses. Cheap after the
 * first time.
 */
export function loadSystemCalls(): SystemCalls | undefined {
  if (loaded === null) loaded = load();
  return loaded;
}

function load(): SystemCalls | undefined {
  const numbers = rawNumbers[process.arch];
  if (process.platform !== "linux" || numbers === undefined) return undefined;
  for (const name of koffiPackages) {
    try {
      const calls = bind(requirePackage(name) as Koffi, numbers);
      if (isUsable(calls)) return calls;
    } catch {
      // Any reason is the same reason here: without FFI the portable door serves.
    }
  }
  return undefined;
}

/** Old sandboxes refuse statx, and nothing here works without it. A call on descriptor -1 tells: EBADF. */
function isUsable(calls: SystemCalls): boolean {
  const memory = Buffer.allocUnsafeSlow(512).fill(0);
  memory[0] = 0x78;
  const address = calls.address(memory);
  return calls.call.statx(-1, address, 0, 0, address + 256) < 0 && calls.errno() === errno.EBADF;
}

/**
 * A library that is loaded before the C library (fakeroot's, for one) stands between us and the kernel, and must see
 * what we do: calls that it cannot know are not made behind its back.
 */
const isPreloaded = (process.env.LD_PRELOAD ?? "") !== "";

function bind(koffi: Koffi, numbers: Partial<Record<CallName, number>>): SystemCalls {
  const library = koffi.load(null);
  const lookUp = (name: CallName): NumberFunction | undefined => {
    const [result, ...parameters] = signatures[name] as Signature;
    try {
      return library.func(name, result, parameters);
    } catch {
      const number = numbers[name];
      if (number === undefined || isPreloaded) return undefined;
      const [rawResult, ...rawParameters] = rawSignature;
      const raw: NumberFunction = library.func("syscall", rawResult, rawParameters);
      return (a = 0, b = 0, c = 0, d = 0, e = 0, f = 0) => raw(number, a, b, c, d, e, f);
    }
  };
  // An object literal of stubs that replace themselves keeps V8's fast property mode, which an
  // object grown key by key or with getters loses.
  const call: Record<string, NumberFunction> = Object.fromEntries(
    (Object.keys(signatures) as CallName[]).map((name) => [
      name,
      (...values: number[]) => {
        const found = lookUp(name) ?? missing(koffi);
        call[name] = found;
        return found(...values);
      },
    ]),
  );
  return {
    call: call as unknown as CallTable,
    errno: koffi.errno as () => number,
    address: (memory) => Number(koffi.address(memory)),
  };
}

/** A function that fails with ENOSYS, as the kernel does for a call it does not have. */
function missing(koffi: Koffi): NumberFunction {
  return () => {
    koffi.errno(errno.ENOSYS);
    return -1;
  };
}
