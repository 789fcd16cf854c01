// The umask as it is read.

import assert from "node:assert/strict";
import { test } from "node:test";
import { readUmask } from "../../src/fs/index.ts";

test("the umask is that of the process, and reading leaves it", () => {
  const before = process.umask(0o027);
  try {
    assert.equal(readUmask(), 0o027);
    assert.equal(readUmask(), 0o027);
  } finally {
    assert.equal(process.umask(before), 0o027);
  }
});
