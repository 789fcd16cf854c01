// datagram: blocks to one target or a thousand over UDP (docs/design/datagram.md). State machines without
// sockets, files or clocks: time, chance and what came are told to them, what is to be sent is asked of them.
//
//   sender = new BlockSender({ blockBytes }); sender.join(id, now); sender.extend(blocks)
//   what = sender.next(now)        // -> Sealer.seal -> the network -> Opener.open ->
//   receiver.take(head, ...); receiver.put(block); bytes = receiver.report(now) -> sender.take(id, bytes, now)
//   sender.release(now)            // whom the others no longer wait for: receiver.beginPulling()
//   receiver.nextPull() -> PullServer.ask(id, range); PullServer.next(...) -> receiver.put(block)
//
// Two ends that say messages to one another both ways have all of this behind a Peer: DatagramPeer.
//
// Not promised: that datagrams bring a block. What they do not bring is pulled over a channel that does.

export { type BlockRange, BlockReceiver, type ReportTimes } from "./block-receiver.ts";
export { BlockSender } from "./block-sender.ts";
export { DatagramBatch } from "./datagram-batch.ts";
export { DatagramPeer, pairSecretLength } from "./datagram-peer.ts";
export { Epochs } from "./epochs.ts";
export type { RateRules } from "./group-rate.ts";
export { flagPoll, flagRepair, Head, headBytes, kinds } from "./head.ts";
export { blockBytesMax, blockBytesUsual, payloadBytesMax, pullBlocks } from "./limits.ts";
export type { ReleaseReason } from "./member.ts";
export { type PulledBlocks, PullServer } from "./pull-server.ts";
export { decodeReport, encodeReport, type Report } from "./report.ts";
export { largestCount, newSecret, Opener, overheadBytes, Sealer, secretLength } from "./sealing.ts";
export type { Released, SenderSettings, Sending } from "./sending.ts";
