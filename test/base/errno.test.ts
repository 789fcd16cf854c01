// The errno table against the C library's own names and words.

import assert from "node:assert/strict";
import { constants } from "node:os";
import { test } from "node:test";
import { getSystemErrorName } from "node:util";
import { errno, errnoName, errnoText } from "../../src/base/index.ts";

test("names and numbers are the system's", { skip: process.platform !== "linux" }, () => {
  for (const [name, number] of Object.entries(errno)) {
    // Node has one name for EAGAIN and EWOULDBLOCK, EOPNOTSUPP and ENOTSUP.
    const known = new Set([
      constants.errno[name as keyof typeof constants.errno],
      constants.errno.ENOTSUP,
    ]);
    if (name in constants.errno) assert.ok(known.has(number), `${name} is ${number}`);
    assert.equal(errnoName(number), name);
    assert.notEqual(errnoText(number), `Unknown error ${number}`);
  }
  assert.equal(getSystemErrorName(-errno.ENOENT), "ENOENT");
});

test("a number that is not in the table has a name and words all the same", () => {
  assert.equal(errnoName(4095), "E4095");
  assert.equal(errnoText(4095), "Unknown error 4095");
});
