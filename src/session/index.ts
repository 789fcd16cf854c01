// session: our protocol between two peers over a channel (docs/design/session.md).

export { type LaneNumber, lane, type Peer, type PeerListener } from "./peer.ts";
