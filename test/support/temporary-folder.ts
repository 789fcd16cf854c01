// A folder of its own for each test, removed afterwards whatever the test left in it: read-only
// directories, odd names, deep paths.

import { chmodSync, lstatSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder that is removed when its scope ends. */
export interface TemporaryFolder extends Disposable, AsyncDisposable {
  /** Absolute path, ASCII, without a slash at the end: text and byte string alike. */
  readonly path: string;
  /** Returns the path of something in the folder. */
  at(name: string): string;
  /** Removes the folder now. */
  remove(): void;
}

/**
 * Makes an empty folder; `using folder = temporaryFolder()` or `await using` removes it at the
 * end of the scope. `parent` chooses a file system (default: the system's temporary directory).
 */
export function temporaryFolder(parent: string = tmpdir()): TemporaryFolder {
  const path = mkdtempSync(join(parent, "manifold-test-"));
  const remove = (): void => {
    try {
      rmSync(path, { recursive: true, force: true });
    } catch {
      // Directories without write permission stop everybody but root.
      makeWritable(Buffer.from(path));
      rmSync(path, { recursive: true, force: true });
    }
  };
  return {
    path,
    at: (name) => join(path, name),
    remove,
    [Symbol.dispose]: remove,
    [Symbol.asyncDispose]: async () => remove(),
  };
}

function makeWritable(path: Buffer): void {
  if (!lstatSync(path).isDirectory()) return;
  chmodSync(path, 0o700);
  for (const name of readdirSync(path, { encoding: "buffer" })) {
    makeWritable(Buffer.concat([path, Buffer.from("/"), name]));
  }
}
