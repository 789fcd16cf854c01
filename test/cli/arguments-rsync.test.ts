// What arguments mean, compared with rsync itself on random scenes and command lines.
// MANIFOLD_LONG=1 runs the full count, MANIFOLD_SEED=n starts elsewhere.

import { describe, it } from "node:test";
import { Choice, temporaryFolder } from "../support/index.ts";
import { argumentLine, buildArgumentScene } from "./arguments-scene.ts";
import { haveOracle } from "./output/rsync-oracle.ts";
import { assertSideBySide } from "./side-by-side.ts";

const count = Number(process.env.MANIFOLD_COUNT ?? (process.env.MANIFOLD_LONG === "1" ? 1500 : 20));
const firstSeed = Number(process.env.MANIFOLD_SEED ?? 1);
const skip = !haveOracle() && "rsync 3.5 is not installed";

describe("arguments mean what they mean to rsync", { skip }, () => {
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    it(`seed ${seed}`, () => {
      using folder = temporaryFolder();
      const choice = new Choice(seed);
      const scene = folder.at("scene");
      buildArgumentScene(scene, choice);
      assertSideBySide(scene, argumentLine(choice), `MANIFOLD_SEED=${seed}`);
    });
  }
});
