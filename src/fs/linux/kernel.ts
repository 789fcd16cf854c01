// What every Linux operation works with: the system calls and this thread's scratch memory.
//
// One block of memory per door holds the names, structures and results of one call at a time.
// Its address is taken once; that is sound because calls are synchronous and a door belongs to
// one thread. Nothing may keep a result there across a second call.

import { assert, type ByteString, errno } from "../../base/index.ts";
import type { Address, CallTable, SystemCalls } from "../../native/index.ts";
import { FsError } from "../fs-error.ts";
import { type OperatorLinks, ownLinks } from "../operator-path.ts";
import { pathBytesMax } from "../path-limits.ts";

/** Where things lie in the scratch block, in bytes. Paths have room for PATH_MAX (4096). */
const firstPath = 0;
const secondPath = 8192;
const structures = 16384;
const textResult = 20480;

/** Bytes that `text` results (link targets) may take. */
export const textCapacity = 8192;
const scratchBytes = textResult + textCapacity;

const structureWords = 128;

/** What a test takes away from the door, so that the ways around it are exercised. */
export interface Without {
  readonly openat2?: boolean;
  readonly fchmodat2?: boolean;
  readonly xattrat?: boolean;
}

/** The calls, the scratch memory and the memory of what this kernel cannot do. */
export class Kernel {
  readonly call: CallTable;
  readonly errno: () => number;

  readonly memory = Buffer.alloc(scratchBytes);
  /** The structure area as words, for structs that a call fills or reads. */
  readonly words: Uint32Array;
  readonly signedWords: Int32Array;
  readonly #base: Address;
  readonly structure: Address;
  readonly text: Address;

  /** Calls that an old kernel or a seccomp filter may lack. */
  readonly hasOpenat2: boolean;
  readonly hasFchmodat2: boolean;
  /** The four calls setxattrat, getxattrat, listxattrat, removexattrat. */
  readonly hasXattrat: boolean;
  /** The error number that the last call of `interrupted` saw. */
  lastErrno = 0;

  readonly #calls: SystemCalls;
  #array: Uint8Array | undefined;
  #arrayAddress: Address = 0;

  /** What is asked of links on the operator's paths. */
  readonly links: OperatorLinks;
  /** Where "bounded" paths must come out, as a path without links; undefined = anywhere. */
  boundary: ByteString | undefined;

  constructor(calls: SystemCalls, without: Without = {}, links: OperatorLinks = ownLinks) {
    this.#calls = calls;
    this.links = links;
    this.call = calls.call;
    this.errno = calls.errno;
    this.#base = calls.address(this.memory);
    this.structure = this.#base + structures;
    this.text = this.#base + textResult;
    const { buffer, byteOffset } = this.memory;
    this.words = new Uint32Array(buffer, byteOffset + structures, structureWords);
    this.signedWords = new Int32Array(buffer, byteOffset + structures, structureWords);
    const name = this.#put(".", firstPath);
    const { openat2, fchmodat2, listxattrat } = this.call;
    this.hasOpenat2 = !without.openat2 && this.#isThere(openat2(-1, name, this.structure, 24));
    this.hasFchmodat2 = !without.fchmodat2 && this.#isThere(fchmodat2(-1, name, 0, 0));
    this.hasXattrat = !without.xattrat && this.#isThere(listxattrat(-1, name, 0, 0, 0));
  }

  /**
   * Whether a call on descriptor -1 got as far as failing because of that. Anything else (ENOSYS, or EPERM from a
   * seccomp filter) means that the call cannot be used here.
   */
  #isThere(result: number): boolean {
    return result < 0 && this.errno() === errno.EBADF;
  }

  #put(bytes: ByteString, offset: number): Address {
    const { memory } = this;
    let seen = 0;
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes.charCodeAt(i);
      seen |= byte;
      memory[offset + i] = byte;
    }
    memory[offset + bytes.length] = 0;
    assert(seen < 256, "A byte string has only bytes.");
    return this.#base + offset;
  }

  /**
   * Writes a name of one component into the scratch memory and returns its address. Refuses what could name
   * something else than an entry of the directory: EINVAL for "/", NUL, "." and "..", ENOENT for "".
   */
  name(name: ByteString, operation: string): Address {
    return this.#putName(name, operation, firstPath);
  }

  /** The same at a second place, for calls with two names. */
  secondName(name: ByteString, operation: string): Address {
    return this.#putName(name, operation, secondPath);
  }

  #putName(name: ByteString, operation: string, offset: number): Address {
    const { length } = name;
    if (length > pathBytesMax) throw new FsError(errno.ENAMETOOLONG, operation, name);
    const { memory } = this;
    let seen = 0;
    for (let i = 0; i < length; i++) {
      const byte = name.charCodeAt(i);
      if (byte === 47 || byte === 0) throw new FsError(errno.EINVAL, operation, name);
      seen |= byte;
      memory[offset + i] = byte;
    }
    memory[offset + length] = 0;
    assert(seen < 256, "A name has only bytes.");
    if (length < 3 && (name === "" || name === "." || name === "..")) {
      throw new FsError(name === "" ? errno.ENOENT : errno.EINVAL, operation, name);
    }
    return this.#base + offset;
  }

  /** Writes a path of several components (or a link's target); refuses NUL and more than 4095 bytes. */
  path(path: ByteString, operation: string): Address {
    return this.#putPath(path, operation, firstPath);
  }

  secondPath(path: ByteString, operation: string): Address {
    return this.#putPath(path, operation, secondPath);
  }

  #putPath(path: ByteString, operation: string, offset: number): Address {
    if (path.length > pathBytesMax) throw new FsError(errno.ENAMETOOLONG, operation, path);
    if (path.includes("\0")) throw new FsError(errno.EINVAL, operation, path);
    return this.#put(path, offset);
  }

  /**
   * Says whether the call that just failed was interrupted by a signal and must be made again; remembers its error
   * in lastErrno. Local file systems do not do that, but network ones and FUSE do.
   */
  interrupted(): boolean {
    this.lastErrno = this.errno();
    return this.lastErrno === errno.EINTR;
  }

  /** Makes a call, again as long as it is interrupted; negative with lastErrno set when it fails. */
  attempt(call: () => number): number {
    let result: number;
    do result = call();
    while (result < 0 && this.interrupted());
    return result;
  }

  /** Makes a call like `attempt` and throws when it fails. */
  must(operation: string, name: ByteString, call: () => number): number {
    const result = this.attempt(call);
    if (result < 0) throw this.failure(operation, name);
    return result;
  }

  /** The error that lastErrno tells of. */
  failure(operation: string, name: ByteString): FsError {
    return new FsError(this.lastErrno, operation, name);
  }

  /** The address of a caller's bytes. The last array is remembered, because asking costs 200 ns. */
  address(array: Uint8Array): Address {
    if (array !== this.#array) {
      this.#arrayAddress = this.#calls.address(array);
      this.#array = array;
    }
    return this.#arrayAddress;
  }

  /** The text result as a byte string. */
  takeText(length: number): ByteString {
    return this.memory.toString("latin1", textResult, textResult + length);
  }

  /** The text result as a copy of its bytes. */
  takeBytes(length: number): Uint8Array {
    return new Uint8Array(this.memory.subarray(textResult, textResult + length));
  }
}
