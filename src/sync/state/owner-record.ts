// Who owns a staging directory (promise P2). The record is the directory's name, so that it is
// there from the first moment on and can never be half written:
//
//   job-HOST-MACHINE-BOOT-NAMESPACE-PID-START-NONCE
//
// HOST, MACHINE and BOOT say which machine and which start of it (host name, machine id, boot id),
// NAMESPACE in which numbers PID counts (containers), START when the process began, in ticks, so
// that another process with the same number is not taken for it; NONCE tells runs of one process
// apart. "0" stands for what this system does not tell.

import { type ByteString, fromBytes, type Random } from "../../base/index.ts";
import { type FileSystem, FsError } from "../../fs/index.ts";

/** The owner of a staging directory. All fields without dashes, but for the host. */
export interface OwnerRecord {
  readonly host: ByteString;
  readonly machine: ByteString;
  readonly boot: ByteString;
  readonly namespace: ByteString;
  readonly pid: ByteString;
  readonly start: ByteString;
  readonly nonce: ByteString;
}

/** Returns the record of this very process, with a fresh nonce. */
export function ownRecord(door: FileSystem, random: Random): OwnerRecord {
  const fs = door.machine ?? door;
  const stat = processFields(fs, "self");
  return {
    host: plain(readSmall(fs, "/proc/sys/kernel", "hostname"), 64),
    machine: plain(readSmall(fs, "/etc", "machine-id"), 8),
    boot: plain(readSmall(fs, "/proc/sys/kernel/random", "boot_id"), 8),
    namespace: namespaceOf(fs),
    pid: stat?.pid ?? "0",
    start: stat?.start ?? "0",
    nonce: random.uint32().toString(16).padStart(8, "0"),
  };
}

/** Returns the name of the owner's staging directory. */
export function formatOwner(owner: OwnerRecord): ByteString {
  const { host, machine, boot, namespace, pid, start, nonce } = owner;
  return ["job", host, machine, boot, namespace, pid, start, nonce].join("-");
}

/** Reads the name of a staging directory; undefined for any other name. */
export function parseOwner(name: ByteString): OwnerRecord | undefined {
  const fields = name.split("-");
  if (fields[0] !== "job" || fields.length < 8) return undefined;
  const [machine, boot, namespace, pid, start, nonce] = fields.slice(-6) as [
    ByteString,
    ByteString,
    ByteString,
    ByteString,
    ByteString,
    ByteString,
  ];
  if (!/^\d+$/.test(pid) || !/^\d+$/.test(start)) return undefined;
  return { host: fields.slice(1, -6).join("-"), machine, boot, namespace, pid, start, nonce };
}

/**
 * Says whether the owner is certainly gone. Of another machine, or another container, nobody here can know: its
 * directories are left to itself. One start of one machine has one boot id, whatever containers call themselves.
 */
export function isGone(fs: FileSystem, owner: OwnerRecord, self: OwnerRecord): boolean {
  if (self.boot === "0" || self.pid === "0" || owner.boot === "0") return false;
  if (owner.boot !== self.boot) return owner.host === self.host && owner.machine === self.machine;
  if (owner.namespace !== self.namespace) return false;
  const running = processFields(fs.machine ?? fs, owner.pid);
  return running === undefined || running.start !== owner.start || running.isDead;
}

/** Process number, state and start time (fields 1, 3 and 22 of proc(5), /proc/PID/stat). */
function processFields(
  fs: FileSystem,
  pid: ByteString,
): { pid: ByteString; start: ByteString; isDead: boolean } | undefined {
  const text = readSmall(fs, `/proc/${pid}`, "stat");
  // The name in parentheses may have spaces and parentheses of its own.
  const [before, after] = [text.slice(0, text.indexOf(" ")), text.slice(text.lastIndexOf(")") + 2)];
  const fields = after.split(" ");
  const start = fields[19];
  if (start === undefined) return undefined;
  return { pid: before, start, isDead: fields[0] === "Z" || fields[0] === "X" };
}

function namespaceOf(fs: FileSystem): ByteString {
  try {
    const dir = fs.openRoot("/proc/self/ns", "anywhere");
    try {
      return plain(fs.readLink(dir, "pid"), 32).replace(/\D/g, "") || "0";
    } finally {
      fs.closeDirectory(dir);
    }
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return "0";
  }
}

/** Reads a small file of the system; "" where there is none. */
function readSmall(fs: FileSystem, directory: ByteString, name: ByteString): ByteString {
  try {
    const dir = fs.openRoot(directory, "anywhere");
    try {
      const file = fs.openRead(dir, name);
      try {
        const bytes = new Uint8Array(4096);
        return fromBytes(bytes, 0, fs.read(file, bytes, 0, bytes.length, 0));
      } finally {
        fs.closeFile(file);
      }
    } finally {
      fs.closeDirectory(dir);
    }
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return "";
  }
}

function plain(text: ByteString, lengthMax: number): ByteString {
  return (
    text
      .trim()
      .replace(/[^A-Za-z0-9._-]/g, "_")
      .slice(0, lengthMax) || "0"
  );
}
