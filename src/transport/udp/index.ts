// udp: datagrams, to an address or a multicast group, many in one call of the system where that can be had.

export type {
  DatagramListener,
  DatagramSocket,
  DatagramSocketOptions,
  MulticastGroup,
} from "./datagram-socket.ts";
export { groupAddress } from "./group-address.ts";
export { interfaceAddress } from "./interface-address.ts";
export { openDatagramSocket } from "./open-socket.ts";
