// System calls through FFI: addresses, error numbers, 64-bit values, threads.

import assert from "node:assert/strict";
import { closeSync, ftruncateSync, openSync } from "node:fs";
import { test } from "node:test";
import { errno } from "../../src/base/index.ts";
import { loadSystemCalls } from "../../src/native/index.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const calls = loadSystemCalls();
const options = { skip: calls === undefined };

function have(): NonNullable<typeof calls> {
  assert.ok(calls !== undefined);
  return calls;
}

test("the calls are loaded once", options, () => {
  assert.equal(loadSystemCalls(), calls);
});

test("a failed call leaves its error number", options, () => {
  const { call, errno: lastErrno, address } = have();
  const path = Buffer.from("/no/such/file\0");
  assert.equal(call.openat(-100, address(path), 0, 0), -1);
  assert.equal(lastErrno(), errno.ENOENT);
  assert.equal(call.close(-1), -1);
  assert.equal(lastErrno(), errno.EBADF);
});

test("a function that nobody has fails with ENOSYS or what the kernel says", options, () => {
  const { call, errno: lastErrno } = have();
  assert.equal(call.listxattrat(-1, 0, 0, 0, 0), -1);
  assert.ok([errno.ENOSYS, errno.EBADF, errno.EFAULT, errno.EPERM].includes(lastErrno()));
});

test("64-bit values pass both ways exactly", options, () => {
  using folder = temporaryFolder();
  const { call } = have();
  const file = openSync(folder.at("f"), "w+");
  const size = 2 ** 41 + 12_345;
  ftruncateSync(file, size);
  const fromEnd = 2;
  assert.equal(call.lseek(file, -1, fromEnd), size - 1);
  assert.equal(call.lseek(file, size - 7, 0), size - 7);
  closeSync(file);
});

test("an address is that of the view's first byte and does not change", options, () => {
  const { address } = have();
  const buffer = new ArrayBuffer(1000);
  const whole = address(new Uint8Array(buffer));
  assert.equal(address(new Uint8Array(buffer, 10, 5)), whole + 10);
  const shared = new SharedArrayBuffer(1000);
  assert.equal(address(new Uint8Array(shared, 99)), address(new Uint8Array(shared)) + 99);
  const small = Array.from({ length: 100 }, () => new Uint8Array(3));
  const before = small.map(address);
  // Garbage makes the collector move whatever it can move.
  for (let i = 0; i < 200; i++) new Array(10_000).fill(i);
  assert.deepEqual(small.map(address), before);
});
