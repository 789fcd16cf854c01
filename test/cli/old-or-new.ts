// Looks at a target while it changes: every file there is one that it had, or one that it is to get, and whole.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const stateName = ".manifold";

/** Fails unless every file of a target is, byte for byte, the one of some state at that path. States are folders. */
export function assertOldOrNew(target: string, states: readonly string[]): void {
  const entries = readdirSync(target, { withFileTypes: true }).filter(
    ({ name }) => name !== stateName,
  );
  for (const entry of entries) {
    const inner = (folder: string): string => join(folder, entry.name);
    if (entry.isDirectory()) {
      // It may be going, as it is to.
      whileThere(() => assertOldOrNew(inner(target), states.map(inner)));
      continue;
    }
    const content = whileThere(() => readFileSync(inner(target)));
    if (content === undefined) continue;
    const isKnown = states.some((state) =>
      whileThere(() => readFileSync(inner(state)))?.equals(content),
    );
    assert.ok(isKnown, `${inner(target)} (${content.length} bytes) is neither old nor new`);
  }
}

function whileThere<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return undefined;
  }
}
