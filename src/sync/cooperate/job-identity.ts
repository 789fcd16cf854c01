// Which runs work at one job: those with the same target and the same options, as far as these say what becomes of the target.

import { type ByteString, toBytes } from "../../base/index.ts";
import { digestOf } from "../../hash/index.ts";
import type { Options } from "../../options/index.ts";

const idBytes = 8;
/** What lies in the folders of jobs has another form when this number is another one. */
const version = 1;

/** Returns the job's name: 16 hexadecimal digits. `name`: the tree's name below the target. */
export function jobIdentity(options: Options, name: ByteString | undefined): string {
  const { walk, preserve, links, select, filterRules, delete: deletes, backup, partial } = options;
  const { transfer, basisDirs, ids, chmod, own } = options;
  const { compress, openNoatime, checksumChoice, checksumSeed, ...placing } = transfer;
  const { durable, verify, onConflict, renames } = own;
  const { stages = [], reference = "first" } = own.mirrors ?? {};
  const parts = {
    ...{ version, name, walk, preserve, links, select, filterRules, deletes, backup, partial },
    ...{ placing, basisDirs, ids, chmod, durable, verify, onConflict, renames },
    // Runs without these are the job that they were before there were any.
    ...(stages.length > 0 && { stages }),
    ...(reference !== "first" && { reference }),
  };
  const digest = digestOf("blake3", toBytes(Buffer.from(write(parts)).toString("latin1")));
  return Buffer.from(digest.subarray(0, idBytes)).toString("hex");
}

/** Writes a value down, the same for the same value in every process. */
function write(value: unknown): string {
  if (value instanceof Map || value instanceof Set) return write([...value]);
  if (value instanceof RegExp) return JSON.stringify(String(value));
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    return `[${Array.from(value as ArrayLike<unknown>, write).join(",")}]`;
  }
  if (typeof value === "object" && value !== null) {
    const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${fields.map(([key, each]) => `${JSON.stringify(key)}:${write(each)}`).join(",")}}`;
  }
  return typeof value === "bigint" ? String(value) : (JSON.stringify(value) ?? "undefined");
}
