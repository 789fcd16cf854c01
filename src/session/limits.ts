// What a peer may send. Every number is checked before anything is allocated for it.

/** Bytes of payload in a frame: what an urgent message waits for at most, and what is read at a time. */
export const framePayloadMax = 65536;

/** Bytes of the text in a hello. */
export const helloTextMax = 16384;

/**
 * Bytes of one message, by lane number. A listing is a directory of the source, the largest there is (a million names
 * of 100 bytes and their columns); content is cut by whoever sends it. Arbitrary, but far from what occurs.
 */
export const messageBytesMax: readonly number[] = [
  1 << 20, // control
  1 << 24, // news
  1 << 26, // request
  1 << 29, // listing
  1 << 26, // content
];

/** Bytes of messages that may wait for `listen`; above that the channel is paused. */
export const undeliveredBytesMax = 1 << 20;

/** Bytes that the channel is given ahead: what a frame of an urgent lane can find before itself there. */
export const channelBytesMax = 2 * framePayloadMax;

/** Bytes that wait over all lanes, above which a peer is full, and below which it has room again. */
export const backlogFull = 1 << 21;
export const backlogRoom = 1 << 20;

/** Silence during the handshake, and the time that a hello may take from its first byte on. */
export const handshakeTimeoutMs = 60_000;

/** Time for the other end's goodbye when this end's has left. Arbitrary; nothing that matters is under way then. */
export const partingMs = 20_000;

/** Received bytes that count as a sign of life when no frame becomes whole: one byte a second does not. */
export const livelyBytes = 1024;
