// session: our protocol between two peers over a channel (docs/design/session.md). A channel goes in, a
// peer comes out: whole messages on several lanes that do not hold one another up, with limits on
// everything that the other end can send. What the messages say is the business of who sends them.

export type { Capabilities, Side } from "./hello.ts";
export { framePayloadMax, messageBytesMax } from "./limits.ts";
export type { Negotiated } from "./negotiate.ts";
export {
  type EarlyMessage,
  type OpenPeer,
  openSession,
  type SessionOptions,
} from "./open-session.ts";
export { type LaneNumber, lane, type Peer, type PeerListener } from "./peer.ts";
