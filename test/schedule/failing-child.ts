// A worker thread whose lane fails in the way that its setup names.

import { assert, ManifoldError } from "../../src/base/index.ts";
import { serveLane } from "../../src/schedule/index.ts";

serveLane<string, number, number>((way) => ({
  run: () => {
    if (way === "table") {
      throw new ManifoldError("disk-full", "Cannot write", { data: { limit: 3 } });
    }
    if (way === "unsendable") return (() => 1) as unknown as number;
    assert(way === "bug", "The ways are known.");
    return culprit(undefined);
  },
  close: () => undefined,
}));

function culprit(missing: { length: number } | undefined): number {
  return (missing as { length: number }).length;
}
