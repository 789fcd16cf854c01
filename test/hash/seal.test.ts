// Sealed messages: both ways of making them make the same, and open what the other one made.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import { seal, sealKey, sealKeyBytes, sealNonceBytes, unseal } from "../../src/hash/seal.ts";
import { loadLibcrypto } from "../../src/native/index.ts";

const headerBytes = 24;
const libcrypto = loadLibcrypto();

describe("messages", { skip: libcrypto === undefined && "no FFI here" }, () => {
  const bytes = randomBytes(sealKeyBytes);
  const ways = [sealKey(bytes, libcrypto), sealKey(bytes, null)];

  it("are the same by OpenSSL's functions and by node:crypto, and each opens the other's", () => {
    for (const length of [0, 1, 15, 16, 17, 1408, 8448, 65_000]) {
      const [plain, nonce] = [randomBytes(length), randomBytes(sealNonceBytes)];
      const header = randomBytes(headerBytes);
      const sealed = ways.map((way) => {
        const target = new Uint8Array(headerBytes + length + 20);
        target.set(header);
        return target.slice(0, seal(way, nonce, target, headerBytes, plain));
      });
      assert.deepEqual(sealed[0], sealed[1], `${length} bytes`);
      for (const way of ways) {
        const opened = unseal(way, nonce, sealed[0] as Uint8Array, headerBytes);
        assert.ok(opened !== undefined && Buffer.compare(opened, plain) === 0, `${length} bytes`);
      }
    }
  });

  it("that are damaged, or have another nonce, do not open, and the next one does", () => {
    const [plain, nonce] = [randomBytes(100), randomBytes(sealNonceBytes)];
    for (const way of ways) {
      const message = new Uint8Array(headerBytes + plain.length + 16);
      seal(way, nonce, message, headerBytes, plain);
      for (let at = 0; at < message.length; at++) {
        const damaged = message.slice();
        damaged[at] = (damaged[at] as number) ^ 1;
        assert.equal(unseal(way, nonce, damaged, headerBytes), undefined);
      }
      assert.equal(unseal(way, randomBytes(sealNonceBytes), message, headerBytes), undefined);
      for (let end = 0; end < message.length; end++) {
        assert.equal(unseal(way, nonce, message.subarray(0, end), headerBytes), undefined);
      }
      assert.deepEqual(unseal(way, nonce, message, headerBytes), plain);
    }
  });
});
