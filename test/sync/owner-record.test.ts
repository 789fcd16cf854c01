// Whose a staging directory is, and whether its owner is certainly gone (promise P2): numbers of
// processes are given out again, machines start again, containers count for themselves.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { seededRandom } from "../../src/base/index.ts";
import { memoryFileSystem } from "../../src/fs/index.ts";
import {
  formatOwner,
  isGone,
  type OwnerRecord,
  ownRecord,
  parseOwner,
} from "../../src/sync/state/owner-record.ts";
import { fileSystemPlace, treeOf, writeTree } from "../support/index.ts";

/** A line of /proc/PID/stat: state is field 3, the start time field 22. */
function statLine(pid: number, state: string, start: number): string {
  const between = Array.from({ length: 18 }, (_, index) => `${index}`).join(" ");
  return `${pid} (a (odd) name) ${state} ${between} ${start} 0 0\n`;
}

const processes: Readonly<Record<string, string>> = {
  "100": statLine(100, "S", 5000),
  "200": statLine(200, "Z", 6000),
};

/** A machine with some processes; this one has number 100. */
function machine() {
  const fs = memoryFileSystem();
  const proc = Object.fromEntries(
    Object.entries(processes).map(([pid, stat]) => [`${pid}/`, { stat }]),
  );
  const root = fs.openRoot("/");
  writeTree(
    fileSystemPlace(fs, root),
    treeOf({
      "etc/": { "machine-id": "0123456789abcdef0123456789abcdef\n" },
      "proc/": {
        ...proc,
        "self/": { stat: processes["100"] ?? "" },
        "sys/": {
          "kernel/": {
            hostname: "my-host.example\n",
            "random/": { boot_id: "11112222-3333-4444-5555-666677778888\n" },
          },
        },
      },
    }),
  );
  fs.closeDirectory(root);
  return fs;
}

describe("the record of an owner", () => {
  it("is read back from the name that it makes, dashes in the host's name included", () => {
    const fs = machine();
    const own = ownRecord(fs, seededRandom(1));
    assert.deepEqual(
      [own.host, own.boot, own.pid, own.start],
      ["my-host.example", "11112222", "100", "5000"],
    );
    assert.deepEqual(parseOwner(formatOwner(own)), own);
    assert.ok(formatOwner(own).length < 200);
  });

  it("is not seen in names that are none", () => {
    for (const name of ["partial", "job", "job-a-b-c-d-1-2", "job-a-b-c-d-x-2-n", "0.1"]) {
      assert.equal(parseOwner(name), undefined, name);
    }
  });
});

describe("an owner is gone", () => {
  const fs = machine();
  const self = ownRecord(fs, seededRandom(2));
  const cases: readonly (readonly [what: string, gone: boolean, change: Partial<OwnerRecord>])[] = [
    ["not when it is this very process", false, {}],
    ["not when it runs", false, { nonce: "other" }],
    ["when nothing has its number", true, { pid: "300", start: "1" }],
    ["when its number was given to another process", true, { start: "4999" }],
    ["when it is dead and only waited for", true, { pid: "200", start: "6000" }],
    ["when the machine has been started again since", true, { boot: "99998888" }],
    ["not to the knowledge of another machine", false, { boot: "99998888", machine: "76543210" }],
    ["nor of a machine of another name", false, { boot: "99998888", host: "other" }],
    ["not to the knowledge of another container", false, { namespace: "7", pid: "300" }],
    [
      "whatever a container of this one calls itself",
      true,
      { host: "x", machine: "y", pid: "300" },
    ],
    ["not when it did not know when its machine was started", false, { boot: "0", pid: "300" }],
  ];
  for (const [what, gone, change] of cases) {
    it(what, () => assert.equal(isGone(fs, { ...self, ...change }, self), gone));
  }
});
