// What --debug=nstr tells of checksums and compression, compared with rsync; and what
// --info=stats3 tells of memory, which is our own.

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import { temporaryFolder } from "../../support/index.ts";
import { ComparedPrograms } from "../compared-programs.ts";
import { runOurs } from "../run-ours.ts";
import { haveOracle } from "./rsync-oracle.ts";

const skip = !haveOracle() && "rsync 3.5 is not installed";

describe("--debug=nstr", () => {
  it("names what rsync names", { skip }, () => {
    using folder = temporaryFolder();
    mkdirSync(folder.at("trees/src"), { recursive: true });
    writeFileSync(folder.at("trees/src/file"), "content");
    const compared = new ComparedPrograms(folder.path);
    for (const options of [
      "-r",
      "-rc --checksum-choice=md5",
      "-r --checksum-choice=md5,sha1",
      "-rz",
      "-rvz --compress-level=9",
      "-rz --compress-choice=zlibx --compress-level=9",
      "-r --compress-choice=lz4",
      "-r --compress-choice=none",
      "-rz --debug=nstr0",
      "-r --list-only",
    ]) {
      const argv = [
        "--debug=nstr",
        ...options.split(" "),
        "src/",
        ...(options.includes("list") ? [] : ["dst/"]),
      ];
      const { rsync, ours } = compared.run(argv);
      // Without a choice rsync takes the fastest of its checksums, we the one that we have.
      const told = rsync.stdout.replace("negotiated checksum: xxh128", "negotiated checksum: md5");
      assert.equal(ours.stdout, told, options);
    }
  });
});

describe("--info=stats3", () => {
  it("tells of three kinds of memory, in numbers that fit together", () => {
    using folder = temporaryFolder();
    mkdirSync(folder.at("src"));
    const { stdout } = runOurs("manifold-rsync", ["-r", "--info=stats3", "src/", "dst/"], {
      cwd: folder.path,
    });
    const bytes = (label: string): number => {
      const found = new RegExp(`^ {2}${label}: +([\\d,]+) bytes$`, "m").exec(stdout);
      return Number(found?.[1]?.replaceAll(",", ""));
    };
    assert.equal(stdout.match(/\) heap statistics:$/gm)?.length, 3);
    assert.ok(bytes("used") > 0 && bytes("used") <= bytes("reserved"));
    assert.ok(bytes("buffers") <= bytes("all"));
    assert.ok(bytes("reserved") < bytes("resident") && bytes("resident") <= bytes("peak"));
  });
});
