// Names of one file on the target that are files of their own in the source: what one of them is
// given, the others have, too, when their turn comes. Compared with rsync.

import { chmodSync, linkSync, mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import { temporaryFolder } from "../support/index.ts";
import { haveOracle } from "./output/rsync-oracle.ts";
import { assertSideBySide } from "./side-by-side.ts";

const skip = !haveOracle() && "rsync 3.5 is not installed";

/** src/ has `modes.length` equal files of these modes, dst/ one file of mode 640 under all their names. */
function linkedTarget(scene: string, modes: readonly number[]): void {
  mkdirSync(`${scene}/src/d`, { recursive: true });
  mkdirSync(`${scene}/dst/d`, { recursive: true });
  writeFileSync(`${scene}/dst/d/0`, "content", { mode: 0o640 });
  utimesSync(`${scene}/dst/d/0`, 2e9, 2e9);
  modes.forEach((mode, index) => {
    writeFileSync(`${scene}/src/d/${index}`, "content");
    chmodSync(`${scene}/src/d/${index}`, mode);
    utimesSync(`${scene}/src/d/${index}`, 1e9, 1e9);
    if (index > 0) linkSync(`${scene}/dst/d/0`, `${scene}/dst/d/${index}`);
  });
  for (const tree of ["src/d", "src", "dst/d", "dst"]) utimesSync(`${scene}/${tree}`, 1e9, 1e9);
}

describe("names of one file on the source", { skip }, () => {
  it("become names of one file on the target that has them as files of their own, all as wanted", () => {
    for (const options of ["-aH", "-aiH", "-aiiH"]) {
      using folder = temporaryFolder();
      const scene = folder.at("scene");
      for (const tree of ["src", "dst"]) {
        mkdirSync(`${scene}/${tree}/d`, { recursive: true });
        for (const name of ["d/x", "d/y", "z"]) {
          const path = `${scene}/${tree}/${name}`;
          if (tree === "src" && name !== "d/x") linkSync(`${scene}/src/d/x`, path);
          else writeFileSync(path, "content");
          utimesSync(path, 1e9, 1e9);
        }
        for (const path of [`${tree}/d`, tree]) utimesSync(`${scene}/${path}`, 1e9, 1e9);
      }
      assertSideBySide(scene, [options, "src/", "dst/"], options);
    }
  });
});

describe("names of one file on the target", { skip }, () => {
  const options = ["-aic", "-aii", "-rltic --no-p -E"];
  for (const option of options) {
    it(`are looked at again after one of them was changed: ${option}`, () => {
      for (const modes of [
        [0o600, 0o600],
        [0o640, 0o600, 0o640],
        [0o755, 0o644, 0o755],
      ]) {
        using folder = temporaryFolder();
        const scene = folder.at("scene");
        linkedTarget(scene, modes);
        assertSideBySide(scene, [...option.split(" "), "src/", "dst/"], modes.join(" "));
      }
    });
  }
});
