// A tree captured into a file and received from it, against manifold's own copy of the same tree.

import { join } from "node:path";
import type { Contender } from "./measure.ts";

/** Returns both: the copy's time over the capture's and receipt's is the ratio, 0.4 = they take 2.5 times as long. */
export function capturing(
  { manifold, work }: { readonly manifold: string; readonly work: string },
  source: string,
  targetOf: (name: string) => string,
): Contender[] {
  const [tree, file] = [targetOf("manifold"), join(work, "captured")];
  const capture = `${manifold} scan ${source} | ${manifold} diff - ${tree} | ${manifold} send ${source} > ${file}`;
  const both = `mkdir ${tree} && ${capture} && ${manifold} receive ${tree} < ${file} && rm ${file}`;
  return [
    { name: "manifold", argv: ["sh", "-c", both] },
    { name: "copy", argv: [manifold, "sync", `${source}/`, `${targetOf("same")}/`] },
  ];
}
