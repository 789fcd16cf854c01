// What this end of a session says of itself.

import { messageBytesMax, recordLimits } from "../../session/index.ts";

/** A list of files may be long: the start of a run, which brings it, is a control message. */
const startBytesMax = 96 * 1024 * 1024;
/** What content is wrapped in. */
const wrappingBytes = 1024 * 1024;

/** The program, what it can do (digests are BLAKE3 always), and what it takes. */
export const sessionWords = {
  program: "manifold",
  capabilities: { compression: ["deflate"] },
  messageLimits: [
    startBytesMax,
    ...messageBytesMax.slice(1, 4),
    recordLimits.contentBytes + wrappingBytes,
  ],
} as const;

/** The remote shell may be asking for a password before anybody greets: somebody has to find it. */
export const greetingMs = 600_000;
