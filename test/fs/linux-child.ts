// A thread with a door of its own, working through a handle that another thread opened.

import { parentPort, workerData } from "node:worker_threads";
import { linuxFileSystem } from "../../src/fs/index.ts";
import { loadSystemCalls } from "../../src/native/index.ts";
import { Directory } from "../../src/tree/index.ts";

const { root, prefix, count } = workerData as { root: number; prefix: string; count: number };
const calls = loadSystemCalls();
if (calls === undefined)
  throw new Error("The test that starts this thread checks for system calls.");
const fs = linuxFileSystem(calls);
const bytes = Buffer.from(prefix.repeat(100));
const listing = new Directory();
let wrong = 0;
for (let i = 0; i < count; i++) {
  const name = `${prefix}-${i}`;
  const file = fs.createFile(root, name, 0o600);
  fs.write(file, bytes, 0, bytes.length, 0);
  fs.closeFile(file);
  listing.clear();
  for (const probe of [name, `${prefix}-${i + 1}`]) listing.add(probe, 0);
  fs.statEntries(root, listing, 0, 2);
  if (listing.size[0] !== bytes.length || listing.mode[1] !== 0) wrong++;
}
parentPort?.postMessage(wrong);
