// The few system calls that tests need and node:fs lacks: exact times, device nodes, extended
// attributes. Kept apart from src/native on purpose: a test that built its trees through the code
// it tests would agree with that code's mistakes.

import { createRequire } from "node:module";
import { type ByteString, errno } from "./rooms.ts";

/** What the calls need, loaded at first use. */
interface SystemCalls {
  utimensat(directory: number, path: Buffer, times: Buffer, flags: number): number;
  mknod(path: Buffer, mode: number, device: bigint): number;
  lsetxattr(path: Buffer, name: Buffer, value: Buffer, size: number, flags: number): number;
  lremovexattr(path: Buffer, name: Buffer): number;
  errno(): number;
}

let loaded: SystemCalls | undefined | "absent";

/** Says whether exact times, nodes and extended attributes can be set on this machine. */
export function haveSystemCalls(): boolean {
  return load() !== undefined;
}

function load(): SystemCalls | undefined {
  if (loaded === undefined) loaded = tryLoad() ?? "absent";
  return loaded === "absent" ? undefined : loaded;
}

function tryLoad(): SystemCalls | undefined {
  try {
    const koffi = createRequire(import.meta.url)("koffi");
    const library = koffi.load("libc.so.6");
    return {
      utimensat: library.func("int utimensat(int, const void*, const void*, int)"),
      mknod: library.func("int mknod(const void*, unsigned int, unsigned long)"),
      lsetxattr: library.func("int lsetxattr(const void*, const void*, const void*, size_t, int)"),
      lremovexattr: library.func("int lremovexattr(const void*, const void*)"),
      errno: () => koffi.errno(),
    };
  } catch {
    return undefined;
  }
}

function need(): SystemCalls {
  const calls = load();
  if (calls === undefined)
    throw new Error("Cannot set this attribute in a test: koffi is not installed");
  return calls;
}

function check(result: number, operation: string, path: ByteString): void {
  if (result === 0) return;
  const number = need().errno();
  const name = Object.entries(errno).find(([, value]) => value === number)?.[0];
  throw Object.assign(new Error(`${operation} ${JSON.stringify(path)}: ${name ?? number}`), {
    errno: number,
  });
}

function terminated(bytes: ByteString): Buffer {
  return Buffer.from(`${bytes}\0`, "latin1");
}

/** Sets both times to the nanosecond, of a symlink itself. */
export function setTimesExactly(path: ByteString, atimeNs: bigint, mtimeNs: bigint): void {
  const times = Buffer.alloc(32);
  writeTime(times, 0, atimeNs);
  writeTime(times, 16, mtimeNs);
  const currentDirectory = -100;
  const noFollow = 0x100;
  check(need().utimensat(currentDirectory, terminated(path), times, noFollow), "utimensat", path);
}

function writeTime(into: Buffer, offset: number, nanoseconds: bigint): void {
  const billion = 1_000_000_000n;
  const rest = ((nanoseconds % billion) + billion) % billion;
  into.writeBigInt64LE((nanoseconds - rest) / billion, offset);
  into.writeBigInt64LE(rest, offset + 8);
}

/** Makes a device, FIFO or socket node; the type is in `mode`. */
export function makeNode(path: ByteString, mode: number, major: number, minor: number): void {
  const low = BigInt((minor & 0xff) | ((major & 0xfff) << 8));
  const device = low | (BigInt(minor & ~0xff) << 12n) | (BigInt(major & ~0xfff) << 32n);
  check(need().mknod(terminated(path), mode, device), "mknod", path);
}

/** Sets an extended attribute, of a symlink itself. */
export function setXattr(path: ByteString, name: ByteString, value: ByteString): void {
  const bytes = Buffer.from(value, "latin1");
  check(
    need().lsetxattr(terminated(path), terminated(name), bytes, bytes.length, 0),
    "lsetxattr",
    path,
  );
}

/** Removes an extended attribute, of a symlink itself. */
export function removeXattr(path: ByteString, name: ByteString): void {
  check(need().lremovexattr(terminated(path), terminated(name)), "lremovexattr", path);
}
