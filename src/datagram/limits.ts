// The numbers of the datagram protocol. Times in milliseconds, lengths in bytes, rates in bytes a
// second. Where no reason is given, it was chosen by simulation (test/datagram).

/** Version of the format, in the first byte of every datagram. */
export const formatVersion = 1;

/**
 * Bytes of a block: the unit of numbering, of loss and of repair. With the header (24), the tag (16) and the headers of
 * UDP and IPv6 (48) a datagram of one block fits into 1500 bytes, and 4 KiB pages are not of any use here.
 */
export const blockBytesUsual = 1408;
export const blockBytesMax = 8192;
/** Bytes of all blocks of a datagram: what UDP carries, less headers. */
export const payloadBytesMax = 65_000;
/** Blocks of a stream: 2^40 of the usual size are 1.5 PB, and numbers stay exact. */
export const blocksMax = 2 ** 40;
/** A block so far behind the first one that is missing is none of ours: 2^30 bits are 128 MiB, and of the usual size 1.5 TB. */
export const aheadBlocksMax = 2 ** 30;
/** Datagrams of a key; AES-GCM allows 2^32 blocks of 64 KiB and more for random nonces, and ours only count. */
export const countersMax = 2 ** 47;

/** Between two reports of a receiver, and how that grows with their number: the sender reads 500 reports a second at most. */
export const reportMsMin = 25;
export const reportMsMax = 1000;
export const reportMsPerReceiver = 2;
/** Bytes of one report: what the next one has to say is left for the next one. */
export const reportBytesMax = 8192;
/** An expected block is lost when so many later datagrams have come: the network may put them into another order. */
export const reorderDatagrams = 16;
/** Datagrams that the replay window knows; older ones are not counted. */
export const replayWindow = 8192;

/** The rate begins here, and never falls lower: 100 datagrams a second at the least. */
export const rateFirst = 2_500_000;
export const rateFloor = 150_000;
/** Factors by which the rate grows from window to window: while nobody knows the line, and afterwards. */
export const growthFast = 1.5;
export const growthSlow = 1.03;
/** A receiver's capacity does not grow past this multiple of what comes through to it. */
export const growthAhead = 1.25;
/** While nobody knows the line, no more than this multiple of what came through is sent. */
export const searchGain = 2;
/** A receiver's loss and rate are judged over so long at least. */
export const windowMs = 50;
/** Datagrams that a window has at least, unless it lasts for windowMsMax. */
export const windowDatagrams = 12;
export const windowMsMax = 500;
/** After a cut a receiver's capacity stands still for so long. */
export const restMs = 400;
/** What a receiver takes, of what came through when that was too much. */
export const cutTo = 0.97;
/** A cut goes so far below that, and comes back to it in this time: there may be others on the line, who have to find room. */
export const yieldTo = 0.85;
export const returnMs = 1200;
/** Datagrams that wait for longer than this on the way wait before a line that is too slow: what comes through is what it takes. */
export const queueMs = 300;
/** Unless a processor was that busy with other things, or more. */
export const lateMs = 150;
/** What is cut to then, of what comes through, so that fewer wait. */
export const drainTo = 0.8;
/** Loss that is the line's own, not that of too high a rate, is what came at the least in so long. */
export const baselineMs = 3000;
/** More than this is never the line's own. */
export const baselineMax = 0.15;
/** Lost at once, this share cuts without a second look, if it is more datagrams than one mishap loses: what a kernel takes as one is 64. */
export const alarmDatagrams = 100;
export const lossAlarm = 0.2;
/** But where nothing was cut for so long it may have been one mishap: then to no less than this of what was thought of it. */
export const mishapMs = 1000;
export const mishapTo = 0.5;

/** The share of receivers that may be let go for the others' sake; of three one may. */
export const minorityShare = 0.25;
/** A receiver is slow when it takes less than this share of what the next one has proved to take. */
export const slowShare = 0.5;
/** It has to be slow for so long. */
export const slowMs = 1000;
/** It drowns when, at a rate that cannot fall further, more than this share is lost for so long: another way costs everybody less. */
export const drownShare = 0.5;
export const drownMs = 2000;
/** Nothing was heard for so long: the others do not wait. */
export const silentMs = 3000;
/** Repairs that have brought a receiver nothing new for so long: what it misses goes another way. */
export const stuckMs = 2000;
/** Or for so many reports, if that is longer. */
export const stuckReports = 4;
/**
 * Blocks that are repaired on the word of a receiver that has not lost them: as many as there are, as datagrams that overtake others
 * may look lost, and some.
 */
export const repairsFree = 1000;
/** Of so many datagrams and more none has come in reports of so long, and so many: none will. */
export const deafDatagrams = 4;
export const deafMs = 1000;
export const deafReports = 2;
/** Silence is counted from look to look, and no more than this at once: a sender that stood still itself has heard nobody. */
export const lookMsMax = 200;

/** Credit that the pacing keeps at most, in time: a busy processor comes late, and catches up. */
export const creditMs = 60;
/** But it does so in turns, each of so much, as long as that takes and after so long: no queue on the way has to hold it all. */
export const burstMs = 12;
export const turnMs = 2;
/** The sender says that it lives, and how far it has come, after so long, then after twice that, and so on. */
export const idleMsMin = 10;
export const idleMsMax = 200;

/** Blocks that are asked for at once over the control channel. */
export const pullBlocks = 192;
/** Such requests under way. */
export const pullsMax = 4;
/**
 * The share of the rate that goes over control channels while others take datagrams, and the blocks that go at once then: both have the
 * same line out of here, and a burst that fills its queue costs the datagrams behind it.
 */
export const pullShare = 0.05;
export const pullBlocksShared = 16;
