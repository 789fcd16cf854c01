// A partial Debian archive, of packages from the machine's apt cache where there are some, served by two real servers that are at
// different versions of it: brought in stages, from both at once, with the newer one deciding.

import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { test } from "node:test";
import { collectPackages, whatIsMissing, writeArchive } from "../source/http/debian-archive.ts";
import { lacks, lighttpd, nginx, startWebServer } from "../source/http/web-servers.ts";
import { temporaryFolder } from "../support/index.ts";
import { runBeside } from "./run-beside.ts";

const first = nginx("autoindex on;");
const second = lighttpd(true);
const old = 1_700_000_000;
const fresh = 1_700_400_000;
const forms = ["", ".gz", ".xz"] as const;

test("an archive at two versions on two servers", {
  skip: lacks(first) || lacks(second),
}, async () => {
  await using folder = temporaryFolder();
  const packages = collectPackages(folder.at("packages"), 24);
  for (const name of ["old", "new"]) mkdirSync(folder.at(name));
  const before = { packages: packages.slice(0, 18), madeAt: old, forms, byHash: true };
  const now = { packages: packages.slice(6), madeAt: fresh, forms, byHash: true };
  writeArchive(folder.at("old"), before);
  writeArchive(folder.at("new"), now);
  cpSync(folder.at("old"), folder.at("target"), { recursive: true, preserveTimestamps: true });
  for (const name of readdirSync(folder.at("target/pool/main"))) {
    // Something is left to be brought that both have.
    if (name === readdirSync(folder.at("new/pool/main"))[0]) continue;
    rmSync(folder.at(`target/pool/main/${name}`), { recursive: true });
  }
  await using fast = await startWebServer(first);
  await using stale = await startWebServer(second);
  const newest = `${fast.serve(folder.at("new"))}/`;
  const behind = `${stale.serve(folder.at("old"))}/`;
  const around = { cwd: folder.path, env: { ...process.env, HOME: "/nonexistent" } };

  const looked = await runBeside(["sources", behind, newest], around);
  assert.equal(looked.exit, 0, looked.said);
  assert.match(looked.said, /dists\/stable\/InRelease\), 4 days behind http/);

  const argv = ["--json", "-v", "--stages=debian", "--delete", "--reference=freshest"];
  const limits = [`--mirror=${newest} limit=1M`, `--mirror=${behind} limit=1M`];
  const ran = await runBeside(["sync", ...argv, ...limits, behind, "target/"], around);
  assert.equal(ran.exit, 0, ran.said);
  assert.equal(whatIsMissing(folder.at("target")), undefined);
  const filesOf = (name: string): string[] =>
    readdirSync(folder.at(name), { recursive: true, encoding: "utf8" }).sort();
  assert.deepEqual(filesOf("target"), filesOf("new"));
  assert.ok(!existsSync(folder.at("target/.manifold")));
  const [last = "{}"] = ran.said.trim().split("\n").slice(-1);
  const { sources } = JSON.parse(last) as {
    readonly sources: readonly { readonly url: string; readonly bytes: number }[];
  };
  assert.equal(`${sources[0]?.url}`, newest, ran.said);
  assert.ok(
    sources.every(({ bytes }) => bytes > 0),
    ran.said,
  );

  const again = await runBeside(
    ["sync", "-i", ...argv.slice(2), ...limits, behind, "target/"],
    around,
  );
  assert.deepEqual([again.exit, again.said], [0, ""]);
});
