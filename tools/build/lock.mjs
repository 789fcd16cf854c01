// A lock between processes that build at the same moment: a file made with O_EXCL that says who
// holds it. Whether a holder lives is known at once where its pid can be seen, however busy it is;
// otherwise (another container or machine) it has died when it no longer touches the lock once a second.

import {
  readFileSync,
  readlinkSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const touchEveryMs = 1000;
/** How long a lock may go untouched before a holder that cannot be seen counts as dead; arbitrary, 20 touches. */
const silenceMsMax = 20_000;

/**
 * Runs `work` while holding the lock file `path`, waiting for its turn first.
 * @template T
 * @param {string} path The lock file; its folder exists.
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(path, work) {
  while (!take(path)) await waitForTurn(path);
  const touching = setInterval(() => touch(path), touchEveryMs);
  try {
    return await work();
  } finally {
    clearInterval(touching);
    unlinkSync(path);
  }
}

function take(path) {
  try {
    writeFileSync(path, JSON.stringify(identify(process.pid)), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
}

function touch(path) {
  const now = new Date();
  try {
    utimesSync(path, now, now);
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
  }
}

/** Waits until the lock file is gone, or removes it when its holder is dead. */
async function waitForTurn(path) {
  let seen = { mtimeMs: 0, at: performance.now() };
  for (;;) {
    const mtimeMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
    if (mtimeMs === undefined) return;
    if (mtimeMs !== seen.mtimeMs) seen = { mtimeMs, at: performance.now() };
    const isSilent = performance.now() - seen.at > silenceMsMax;
    const state = holderState(path);
    if (state === "dead" || (state === "unknown" && isSilent)) return breakLock(path, mtimeMs);
    await sleep(50);
  }
}

/**
 * Removes a dead holder's lock. Two waiters may both have found it dead, and the slower one must
 * not remove the lock that the faster one has taken since: the removal has a lock of its own.
 */
function breakLock(path, mtimeMs) {
  const breaking = `${path}.breaking`;
  const age = Date.now() - (statSync(breaking, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
  if (age > silenceMsMax) unlinkSync(breaking);
  if (!take(breaking)) return;
  try {
    if (statSync(path, { throwIfNoEntry: false })?.mtimeMs === mtimeMs) unlinkSync(path);
  } finally {
    unlinkSync(breaking);
  }
}

/**
 * Says of the holder of a lock what can be seen from here.
 * @param {string} path
 * @returns {"alive" | "dead" | "unknown"} A build at a low priority on a busy machine is silent for long, and alive.
 */
export function holderState(path) {
  let holder;
  try {
    holder = JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return "unknown"; // Just being written, or just removed.
  }
  const here = identify(process.pid);
  const isNear = holder.boot === here.boot && holder.namespace === here.namespace;
  if (!isNear || here.boot === null || here.start === null) return "unknown";
  return identify(holder.pid).start === holder.start ? "alive" : "dead";
}

/** Says which process `pid` is, in words that a later process with the same pid cannot repeat. */
function identify(pid) {
  const boot = attempt(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim());
  const namespace = attempt(() => readlinkSync("/proc/self/ns/pid"));
  // Field 22 of stat is the start time; the fields are counted from the last bracket, because the
  // process name in brackets may hold blanks.
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
  const start = stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
  return { pid, boot, namespace, start };
}

function attempt(read) {
  try {
    return read();
  } catch {
    return null;
  }
}
