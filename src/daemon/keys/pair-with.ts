// The guest's side of pairing: it proves that it knows the code, and pins the server's key only after the
// server has proved the same.

import { type Clock, ManifoldError, toBytes } from "../../base/index.ts";
import { connectSecure, formatPlace, lineChannel } from "../../transport/index.ts";
import { formatWish, parseAnswer } from "../serve/hello.ts";
import { type KeyFiles, loadIdentity } from "./key-files.ts";
import { pinHost } from "./known-hosts.ts";
import { isProof, pairingLabel, pairingProof } from "./pairing.ts";

const answerMs = 60_000;

/** Whom to pair with. */
export interface Host {
  readonly host: string;
  readonly port: number;
}

/** Pairs with a server by its code; returns the server's key, which is pinned. Rejects with ManifoldError. */
export async function pairWith(
  { host, port }: Host,
  code: string,
  files: KeyFiles,
  clock: Clock,
): Promise<string> {
  const identity = loadIdentity(files.key);
  const channel = await connectSecure({ host, port, identity, clock });
  try {
    const { peerKey: serverKey } = channel;
    const secret = channel.exportSecret(pairingLabel);
    const meeting = { secret, clientKey: identity.fingerprint, serverKey };
    const lines = lineChannel(channel, clock);
    const proof = pairingProof(code, "client", meeting);
    lines.send(toBytes(`${formatWish({ kind: "pair", proof })}\n`));
    const answer = parseAnswer(await lines.readLine(answerMs), lines.label);
    if (!isProof(Buffer.from(answer, "hex"), code, "server", meeting)) {
      const message = `${lines.label} does not know the code: somebody may be between you and the server`;
      throw new ManifoldError("start-client", message);
    }
    pinHost(files.knownHosts, formatPlace(host, port), serverKey);
    return serverKey;
  } finally {
    channel.destroy();
  }
}
