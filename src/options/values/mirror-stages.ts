// The stages of a run (--stages): what of a tree waits until everything else is there, in rules of the filter language, which are
// anchored at the top of the tree.

import { type ByteString, ManifoldError, toText } from "../../base/index.ts";

/** One stage behind the first, which brings what no other one holds back. */
export interface StageRules {
  readonly name: ByteString;
  /** "-" is what waits for this stage, "+" what does not; the first that matches counts. */
  readonly rules: readonly ByteString[];
}

/** Kinds of archives whose stages are known: their indices, and then what points at those. */
export const stagePresets: Readonly<Record<string, readonly StageRules[]>> = {
  debian: [
    {
      name: "indices",
      // What has its digest as its name disturbs nobody who does not know it.
      rules: ["+ */", "+ /dists/**/by-hash/**", "- /dists/**", "- /indices/**", "- /ls-lR*"],
    },
    {
      name: "pointers",
      rules: [
        "- /dists/**/InRelease",
        "- /dists/**/Release",
        "- /dists/**/Release.gpg",
        "- /project/trace/**",
      ],
    },
  ],
  rpm: [
    { name: "indices", rules: ["- repodata/*"] },
    { name: "pointers", rules: ["- repodata/repomd.xml*"] },
  ],
  arch: [
    { name: "indices", rules: ["- *.files", "- *.files.tar.*"] },
    { name: "pointers", rules: ["- *.db", "- *.db.tar.*", "- /lastupdate", "- /lastsync"] },
  ],
};

const patternsMax = 1000;

/** Reads one --stages: the name of a preset, or patterns that make one more stage. Throws a usage error. */
export function parseStages(written: ByteString): readonly StageRules[] {
  const preset = Object.hasOwn(stagePresets, written) ? stagePresets[written] : undefined;
  if (preset !== undefined) return preset;
  const patterns = written.split(",").filter((pattern) => pattern !== "");
  if (patterns.length > 0 && patterns.length <= patternsMax) {
    return [{ name: written, rules: patterns.map((pattern) => `- ${pattern}`) }];
  }
  const names = Object.keys(stagePresets).join(", ");
  throw new ManifoldError(
    "usage",
    `--stages=${toText(written)}: it takes ${names}, or patterns with commas between them`,
  );
}
