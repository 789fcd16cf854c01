// The functions of OpenSSL that Node has in itself, by koffi: a cipher that is set up once and used for message
// after message, which node:crypto does not offer. Absent where FFI is, and where Node was built without exported OpenSSL.

import process from "node:process";
import { koffiPackages, requirePackage } from "./packages.ts";
import type { Signature } from "./signatures.ts";

const int = "int";
const address = "uintptr_t";

/** Signatures by function name, as in signatures.ts (EVP_EncryptInit(3)); they are the same in OpenSSL 1.1 and 3. */
const signatures = {
  EVP_CIPHER_CTX_new: [address],
  EVP_CIPHER_CTX_free: ["void", address],
  EVP_CIPHER_CTX_ctrl: [int, address, int, int, address],
  EVP_aes_256_gcm: [address],
  EVP_EncryptInit_ex: [int, address, address, address, address, address],
  EVP_EncryptUpdate: [int, address, address, address, address, int],
  EVP_EncryptFinal_ex: [int, address, address, address],
  EVP_DecryptInit_ex: [int, address, address, address, address, address],
  EVP_DecryptUpdate: [int, address, address, address, address, int],
  EVP_DecryptFinal_ex: [int, address, address, address],
} as const satisfies Readonly<Record<string, Signature>>;

/** EVP_CTRL_AEAD_GET_TAG of openssl/evp.h. */
const getTag = 0x10;

/** The functions; arguments and results are numbers, addresses among them, and nothing checks bounds. */
export type Libcrypto = {
  readonly [Name in keyof typeof signatures]: (...values: number[]) => number;
} & {
  /** The address of the first byte of the view, which has one. */
  address(memory: Uint8Array): number;
};

let loaded: Libcrypto | undefined | null = null;

/** Loads them, or returns undefined where they cannot be had. Cheap after the first time. */
export function loadLibcrypto(): Libcrypto | undefined {
  if (loaded === null) loaded = load();
  return loaded;
}

function load(): Libcrypto | undefined {
  if (process.platform !== "linux") return undefined;
  for (const name of koffiPackages) {
    try {
      const koffi = requirePackage(name) as typeof import("koffi");
      const library = koffi.load(null);
      const functions = Object.entries(signatures).map(([name, [result, ...parameters]]) => [
        name,
        library.func(name, result, [...parameters]),
      ]);
      const toAddress = (memory: Uint8Array): number => Number(koffi.address(memory));
      const libcrypto: Libcrypto = { ...Object.fromEntries(functions), address: toAddress };
      return isUsable(libcrypto) ? libcrypto : undefined;
    } catch {
      // No koffi, or no such functions: node:crypto serves.
    }
  }
  return undefined;
}

/** The tag of nothing, under a key and a nonce of null bytes: test case 13 of the specification of GCM (McGrew and Viega, 2005). */
const knownTag = "530f8afbc74536b9a963b4f1c4cb738b";

/** Says whether the functions do what they are known for: somebody else's library may have their names. */
function isUsable(libcrypto: Libcrypto): boolean {
  const memory = Buffer.allocUnsafeSlow(64).fill(0);
  const at = libcrypto.address(memory);
  const context = libcrypto.EVP_CIPHER_CTX_new();
  const { EVP_EncryptInit_ex, EVP_EncryptFinal_ex, EVP_CIPHER_CTX_ctrl } = libcrypto;
  const tagAt = 40;
  const isDone =
    EVP_EncryptInit_ex(context, libcrypto.EVP_aes_256_gcm(), 0, at, at) === 1 &&
    EVP_EncryptFinal_ex(context, at + 32, at + 56) === 1 &&
    EVP_CIPHER_CTX_ctrl(context, getTag, knownTag.length / 2, at + tagAt) === 1;
  libcrypto.EVP_CIPHER_CTX_free(context);
  return isDone && memory.toString("hex", tagAt, tagAt + knownTag.length / 2) === knownTag;
}
