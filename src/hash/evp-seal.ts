// AES-256-GCM by OpenSSL's own functions: the same messages as node:crypto makes, without an object and its key
// schedule for each of them.

import { assert } from "../base/index.ts";
import type { Libcrypto } from "../native/index.ts";

const tagBytes = 16;
/** EVP_CTRL_AEAD_GET_TAG and EVP_CTRL_AEAD_SET_TAG of openssl/evp.h. */
const getTag = 0x10;
const setTag = 0x11;

/** Contexts outlive the keys that they were made for, if nobody frees them; freed they are cleared. */
const contexts = new FinalizationRegistry<() => void>((free) => free());

/** A key that seals and opens, in one thread. */
export class EvpSeal {
  readonly #crypto: Libcrypto;
  readonly #encrypt: number;
  readonly #decrypt: number;
  /** Where a function writes how many bytes it made; that is known. */
  readonly #length = Buffer.allocUnsafeSlow(8);
  readonly #lengthAddress: number;

  constructor(crypto: Libcrypto, key: Uint8Array) {
    this.#crypto = crypto;
    this.#lengthAddress = crypto.address(this.#length);
    const [encrypt, decrypt] = [crypto.EVP_CIPHER_CTX_new(), crypto.EVP_CIPHER_CTX_new()];
    assert(encrypt !== 0 && decrypt !== 0, "There is memory for a context.");
    this.#encrypt = encrypt;
    this.#decrypt = decrypt;
    contexts.register(this, () => {
      for (const context of [encrypt, decrypt]) crypto.EVP_CIPHER_CTX_free(context);
    });
    const [cipher, at] = [crypto.EVP_aes_256_gcm(), crypto.address(key)];
    const isReady =
      crypto.EVP_EncryptInit_ex(encrypt, cipher, 0, at, 0) === 1 &&
      crypto.EVP_DecryptInit_ex(decrypt, cipher, 0, at, 0) === 1;
    assert(isReady, "OpenSSL has AES-256-GCM.");
  }

  /** As `seal` (seal.ts), whose result is known. */
  seal(nonce: Uint8Array, target: Uint8Array, headerBytes: number, plain: Uint8Array): void {
    const { address, EVP_EncryptInit_ex, EVP_EncryptUpdate, EVP_EncryptFinal_ex } = this.#crypto;
    const end = headerBytes + plain.length;
    assert(end + tagBytes <= target.length, "There is room for what is sealed.");
    const [context, length, to] = [this.#encrypt, this.#lengthAddress, address(target)];
    const isSealed =
      EVP_EncryptInit_ex(context, 0, 0, 0, address(nonce)) === 1 &&
      EVP_EncryptUpdate(context, 0, length, to, headerBytes) === 1 &&
      (plain.length === 0 ||
        EVP_EncryptUpdate(context, to + headerBytes, length, address(plain), plain.length) === 1) &&
      EVP_EncryptFinal_ex(context, to + end, length) === 1 &&
      this.#crypto.EVP_CIPHER_CTX_ctrl(context, getTag, tagBytes, to + end) === 1;
    assert(isSealed, "OpenSSL seals.");
  }

  /** As `unseal` (seal.ts), of a message that is long enough. */
  unseal(nonce: Uint8Array, message: Uint8Array, headerBytes: number): Uint8Array | undefined {
    const { address, EVP_DecryptInit_ex, EVP_DecryptUpdate, EVP_DecryptFinal_ex } = this.#crypto;
    const bytes = message.length - tagBytes - headerBytes;
    const plain = Buffer.allocUnsafe(bytes);
    const [context, length, from] = [this.#decrypt, this.#lengthAddress, address(message)];
    const isRead =
      EVP_DecryptInit_ex(context, 0, 0, 0, address(nonce)) === 1 &&
      EVP_DecryptUpdate(context, 0, length, from, headerBytes) === 1 &&
      (bytes === 0 ||
        EVP_DecryptUpdate(context, address(plain), length, from + headerBytes, bytes) === 1) &&
      this.#crypto.EVP_CIPHER_CTX_ctrl(
        context,
        setTag,
        tagBytes,
        from + message.length - tagBytes,
      ) === 1;
    assert(isRead, "OpenSSL reads.");
    // What it would write is nothing: GCM has no last block.
    return EVP_DecryptFinal_ex(context, length, length) === 1 ? plain : undefined;
  }
}
