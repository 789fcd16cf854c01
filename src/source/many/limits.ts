// The numbers that dealing goes by. Times in seconds, lengths in bytes. Where no reason is given, it
// was chosen by simulation over unequal, stalling and dying sources; test/source/many says how.

const kibi = 1024;
const mebi = 1024 * 1024;

/** A piece takes its source about so long: long against a round trip, short against a change of rates. */
export const pieceSeconds = 2;
/** What is left is dealt out in about so many turns of every connection (guided self-scheduling). */
export const turnsLeft = 2;
/** No piece is shorter, but the last of a file. */
export const pieceBytesMin = 128 * kibi;
/** Latency counts so many times in the shortest piece, up to `pieceBytesMinMost`. */
export const latenciesPerPiece = 10;
export const pieceBytesMinMost = mebi;
export const pieceBytesMax = 64 * mebi;
/** Pieces begin at multiples of it; hashes of pieces are about as long. */
export const pieceAlign = 64 * kibi;
/** Shorter files are never split. */
export const splitBytesMin = 256 * kibi;
/** Files in one bundle, at most: what is lost with a connection, and one message of wishes. */
export const bundleFilesMax = 1024;

/** Rates forget with this time constant. */
export const rateMemory = 1.6;
/** Between two looks at how much has come. */
export const tickSeconds = 0.25;
/** Shorter times tell nothing. */
export const shortestLook = 0.01;
/** So few bytes tell nothing of an unknown source before so much time has gone by. */
export const bytesForLook = 4 * kibi;
export const longestLook = 1;
/** Less of a source in a whole run tells later ones little of its rate. Arbitrary: a few pieces. */
export const bytesForProfile = mebi;
/** Assumed of a source that nobody knows: to begin with, and first byte. */
export const rateUnknown = 256 * kibi;
export const latencyUnknown = 0.1;

/** Nothing has come for so long: what is left may be taken over; more where the source is far. */
export const stallSeconds = 1.5;
export const stallLatencies = 4;
/** Nothing has come for so long: the connection is given up. */
export const deadSeconds = 15;
/** Nothing came from anybody for so long: it is told. Arbitrary: four times what a connection is given. */
export const silenceSeconds = 60;
/** A stalled source keeps this much, to show that it goes on. */
export const stallKeeps = 64 * kibi;
/** Less is not worth taking over. */
export const stealBytesMin = 128 * kibi;
/** A second copy has to be faster by this factor. */
export const hedgeGain = 1.25;
/** All second copies together, as a share of all bytes. */
export const hedgeShare = 0.015;

/** Failures of connections in a row after which a source is only probed. */
export const failuresMax = 3;
/** Waits after failures: a share of the time since the first of them, between the shortest and the longest. */
export const backoffShare = 0.25;
export const backoffSeconds = 1;
export const backoffSecondsMax = 300;
/** Files with wrong content after which nothing of a source is believed. */
export const wrongFilesMax = 3;

/** One connection brings while the other one waits for an answer. */
export const connectionsFirst = 2;
/** Another connection stays if it made the source faster by this share. */
export const connectionGain = 0.1;
/** Between two changes of the number of connections: while more are of use, and after they were not. */
export const climbSecondsMin = 1;
export const climbSecondsMax = 10;
/** Connections are taken back when the first byte comes so many times later than before. */
export const latencyGrowth = 2;
/** Sources that one deal can have: bits of a mask. */
export const sourcesMax = 31;
