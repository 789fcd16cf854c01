// Users and groups, by the C library and by the files, against what id(1) and getent(1) say.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { describe, test } from "node:test";
import { openAccounts } from "../../src/fs/index.ts";

function run(program: string, ...args: string[]): string {
  return execFileSync(program, args, { encoding: "latin1" }).trim();
}

for (const way of ["library", "files"] as const) {
  describe(`accounts by ${way}`, () => {
    test("every user and group of the files is found both ways", () => {
      const accounts = openAccounts(way);
      for (const line of run("cat", "/etc/passwd").split("\n")) {
        const [name = "", , digits = "", , , home = ""] = line.split(":");
        assert.equal(accounts.userId(name), Number(digits));
        assert.equal(accounts.userName(Number(digits)), name);
        assert.equal(accounts.userHome(name), home);
      }
      for (const line of run("cat", "/etc/group").split("\n")) {
        const [name = "", , digits = ""] = line.split(":");
        assert.equal(accounts.groupId(name), Number(digits));
        assert.equal(accounts.groupName(Number(digits)), name);
      }
    });

    test("what does not exist is undefined, the second time too", () => {
      const accounts = openAccounts(way);
      for (const name of ["no such user", "", "0", "root\0", "x".repeat(100_000), "\xff\xfe"]) {
        for (let i = 0; i < 2; i++) {
          assert.equal(accounts.userId(name), undefined);
          assert.equal(accounts.userHome(name), undefined);
          assert.equal(accounts.groupId(name), undefined);
        }
      }
      assert.equal(accounts.userName(3_999_999_999), undefined);
      assert.equal(accounts.groupName(3_999_999_999), undefined);
    });

    test("our own ids are those that id(1) tells", () => {
      const accounts = openAccounts(way);
      assert.equal(accounts.euid, Number(run("id", "-u")));
      assert.equal(accounts.egid, Number(run("id", "-g")));
      const groups = run("id", "-G").split(" ").map(Number);
      assert.deepEqual([...accounts.groups].sort(), groups.sort());
    });
  });
}
