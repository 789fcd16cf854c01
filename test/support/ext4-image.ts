// A small ext4 file system of a test's own, in a file that is mounted: for what the machine's file
// systems do not have, or have and hide.

import { spawnSync } from "node:child_process";
import { mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { type TemporaryFolder, temporaryFolder } from "./temporary-folder.ts";

/** A mounted image; unmounted and removed when its scope ends. */
export interface Ext4Image extends Disposable {
  /** Where it is mounted. */
  readonly path: string;
  /** The block device that it is mounted from. */
  readonly device: string;
  readonly bytes: number;
}

/** Makes and mounts one with these features (mke2fs -O); returns why that is not possible here. */
export function ext4Image(features: string, bytes = 8 << 20): Ext4Image | string {
  const folder = temporaryFolder();
  const [image, path] = [folder.at("image"), folder.at("mounted")];
  writeFileSync(image, "");
  truncateSync(image, bytes);
  mkdirSync(path);
  const reason =
    failureOf("mkfs.ext4", "-q", "-F", "-O", features, image) ??
    failureOf("mount", "-o", "loop", image, path);
  if (reason !== undefined) {
    folder.remove();
    return reason;
  }
  return { path, device: deviceOf(path), bytes, [Symbol.dispose]: () => unmount(path, folder) };
}

/** Runs a program of the system's administrator; returns why it failed. */
function failureOf(program: string, ...argv: string[]): string | undefined {
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
  const { status, stderr, error } = spawnSync(program, argv, { env, encoding: "utf8" });
  if (status === 0) return undefined;
  return `${program}: ${error?.message ?? stderr.trim()}`;
}

function deviceOf(path: string): string {
  const options = { encoding: "utf8" } as const;
  return spawnSync("findmnt", ["-n", "-o", "SOURCE", path], options).stdout.trim();
}

function unmount(path: string, folder: TemporaryFolder): void {
  const reason = failureOf("umount", path);
  if (reason !== undefined) throw new Error(reason);
  folder.remove();
}
