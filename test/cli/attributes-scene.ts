// Makes a tree rich in what attributes can be: access control lists, extended attributes of every
// namespace, set-id bits, foreign owners, directories that hand things down. No times change.

import { chmodSync, lchownSync, lstatSync, readdirSync } from "node:fs";
import { accessAclName, defaultAclName, formatAcl, modeAcl } from "../../src/tree/index.ts";
import type { Choice } from "../support/index.ts";
import { setXattr } from "../support/system-calls.ts";

/** What may be done. */
export interface Spices {
  readonly acls?: boolean;
  readonly xattrs?: boolean;
  /** Owners, set-id bits, attributes outside of user.*: needs root. */
  readonly privileged?: boolean;
}

/** Changes attributes of `count` random entries below the folder. Deterministic for a choice and a tree. */
export function spice(folder: string, choice: Choice, count: number, spices: Spices): void {
  const paths = collect(Buffer.from(folder, "latin1"));
  const kinds: ((path: Buffer, isDirectory: boolean) => void)[] = [];
  if (spices.acls) kinds.push((path, isDirectory) => setAcls(path, choice, isDirectory));
  if (spices.xattrs) kinds.push((path) => setXattrs(path, choice, spices.privileged === true));
  if (spices.privileged) {
    kinds.push((path) => lchownSync(path, choice.of(ids), choice.of(ids)));
    kinds.push((path, isDirectory) => {
      chmodSync(path, choice.of(isDirectory ? directoryModes : fileModes));
    });
  }
  for (let i = 0; i < count; i++) {
    const path = choice.of(paths);
    const found = lstatSync(path);
    if (found.isSymbolicLink()) continue;
    choice.of(kinds)(path, found.isDirectory());
  }
}

const ids = [0, 1, 2, 1000, 65_534, 70_000];
const fileModes = [0o4755, 0o2755, 0o6711, 0o1644, 0o640, 0o400, 0o070, 0o666, 0o2644];
const directoryModes = [0o2755, 0o1777, 0o3770, 0o700, 0o555, 0o2711, 0o777];

function collect(folder: Buffer): Buffer[] {
  const found = [folder];
  for (const name of readdirSync(folder, { encoding: "buffer" }).sort(Buffer.compare)) {
    const path = Buffer.concat([folder, Buffer.from("/"), name]);
    if (lstatSync(path).isDirectory()) found.push(...collect(path));
    else found.push(path);
  }
  return found;
}

function setAcls(path: Buffer, choice: Choice, isDirectory: boolean): void {
  const name = isDirectory && choice.percent(50) ? defaultAclName : accessAclName;
  const mode = choice.of([0o770, 0o755, 0o640, 0o777, 0o750]);
  const named = [
    { isUser: true, id: choice.of(ids), permissions: choice.below(8) },
    { isUser: false, id: choice.of(ids), permissions: choice.below(8) },
  ].slice(choice.below(3));
  const plain = modeAcl(mode);
  const mask = named.length > 0 || choice.percent(20) ? choice.below(8) : -1;
  const acl = {
    ...plain,
    group: choice.percent(50) ? Math.max(mask, 0) : plain.group,
    mask,
    named,
  };
  setXattr(path.toString("latin1"), name, Buffer.from(formatAcl(acl)).toString("latin1"));
}

function setXattrs(path: Buffer, choice: Choice, privileged: boolean): void {
  const isPlain = lstatSync(path).isFile() || lstatSync(path).isDirectory();
  const spaces = ["user.", ...(privileged ? ["trusted.", "security."] : [])];
  const space = choice.of(isPlain ? spaces : spaces.slice(1));
  if (space === undefined) return;
  const name = `${space}${choice.of(["a", "b", "rsync.x", "long-name"])}`;
  const length = choice.of([0, 1, 31, 32, 33, 200]);
  setXattr(path.toString("latin1"), name, choice.of(["x", "y", "\xff"]).repeat(length));
}
