// Who we are to a peer: a key pair. TLS wants its keys in certificates, so the key signs one for itself;
// nobody reads more of it than the key, and the key alone decides.

import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from "node:crypto";
import { ManifoldError } from "../../base/index.ts";
import { encodeDer, encodeObjectIdentifier, tag } from "./der.ts";

/** A key pair, ready for TLS. */
export interface Identity {
  /** The private key, PKCS #8 in PEM: what a key file holds. */
  readonly keyPem: string;
  /** Made from the key, the same each time. */
  readonly certificatePem: string;
  /** The public key's: "SHA256:" and 43 characters of base64, as ssh writes it. */
  readonly fingerprint: string;
}

/** What a fingerprint looks like. */
export const fingerprintForm = /^SHA256:[A-Za-z0-9+/]{43}$/;

const ed25519 = "1.3.101.112";
const commonName = "2.5.4.3";

/** Makes a new key pair (Ed25519). */
export function createIdentity(): Identity {
  const { privateKey } = generateKeyPairSync("ed25519");
  return identityOf(privateKey);
}

/** Returns the identity of a private key in PEM. `from` names its file. Throws ManifoldError if it is no Ed25519 key. */
export function parseIdentity(keyPem: string, from: string): Identity {
  let key: KeyObject;
  try {
    key = createPrivateKey(keyPem);
  } catch (error) {
    throw new ManifoldError("file-select", `${from} holds no private key`, { cause: error });
  }
  if (key.asymmetricKeyType !== "ed25519") {
    const message = `${from} holds a key of type ${key.asymmetricKeyType}, not ed25519`;
    throw new ManifoldError("file-select", message);
  }
  return identityOf(key);
}

/** Returns the fingerprint of a public key: the SHA-256 of its SubjectPublicKeyInfo. */
export function fingerprintOf(publicKey: KeyObject): string {
  const info = publicKey.export({ type: "spki", format: "der" });
  return `SHA256:${createHash("sha256").update(info).digest("base64").replace(/=+$/, "")}`;
}

function identityOf(privateKey: KeyObject): Identity {
  const publicKey = createPublicKey(privateKey);
  const fingerprint = fingerprintOf(publicKey);
  const certificate = Buffer.from(signCertificate(privateKey, publicKey));
  const lines = certificate.toString("base64").replace(/.{1,64}/g, "$&\n");
  return {
    keyPem: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    certificatePem: `-----BEGIN CERTIFICATE-----\n${lines}-----END CERTIFICATE-----\n`,
    fingerprint,
  };
}

/** Returns an X.509 certificate (RFC 5280) that says nothing but the key, and never expires (section 4.1.2.5). */
function signCertificate(privateKey: KeyObject, publicKey: KeyObject): Uint8Array {
  const text = (value: string): Uint8Array => Buffer.from(value, "latin1");
  const algorithm = encodeDer(tag.sequence, encodeObjectIdentifier(ed25519));
  const name = encodeDer(
    tag.sequence,
    encodeDer(
      tag.set,
      encodeDer(
        tag.sequence,
        encodeObjectIdentifier(commonName),
        encodeDer(tag.utf8String, text("manifold")),
      ),
    ),
  );
  const validity = encodeDer(
    tag.sequence,
    encodeDer(tag.generalizedTime, text("19700101000000Z")),
    encodeDer(tag.generalizedTime, text("99991231235959Z")),
  );
  const body = encodeDer(
    tag.sequence,
    encodeDer(tag.context0, encodeDer(tag.integer, Uint8Array.of(2))), // Version 3.
    encodeDer(tag.integer, Uint8Array.of(1)), // The serial number.
    algorithm,
    name, // The issuer,
    validity,
    name, // and the subject.
    publicKey.export({ type: "spki", format: "der" }),
  );
  const signature = encodeDer(tag.bitString, Uint8Array.of(0), sign(null, body, privateKey));
  return encodeDer(tag.sequence, body, algorithm, signature);
}
