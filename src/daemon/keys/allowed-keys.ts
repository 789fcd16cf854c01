// The keys of clients that a server lets in: "SHA256:... NAME" a line. Read anew for each connection, so
// that a line which is taken out counts at once.

import type { ByteString } from "../../base/index.ts";
import { appendToFile } from "../../fs/index.ts";
import { fingerprintForm } from "../../transport/index.ts";
import { lineError, makeRoomFor, named, readLines } from "./line-file.ts";

/** Returns the name that a key has in the file ("" for one without), undefined if the key is not in it. Throws ManifoldError. */
export function allowedName(file: ByteString, key: string): string | undefined {
  let found: string | undefined;
  for (const { number, words } of readLines(file)) {
    const [listed = "", ...name] = words;
    if (!fingerprintForm.test(listed)) throw lineError(file, number, `expected "SHA256:... NAME"`);
    if (listed === key) found ??= name.join(" ");
  }
  return found;
}

/** Adds a key. Throws ManifoldError. */
export function allowKey(file: ByteString, key: string, name: string): void {
  if (allowedName(file, key) !== undefined) return;
  makeRoomFor(file);
  named(file, () => appendToFile(file, `${key} ${name}\n`));
}
