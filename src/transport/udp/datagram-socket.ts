// What the rest of manifold sees of a UDP socket.

/** A multicast group, and how it is reached. */
export interface MulticastGroup {
  readonly address: string;
  /** An address of the local interface that is used (IPv6: "::%NAME"); default: the system chooses. */
  readonly interfaceAddress?: string | undefined;
  /** Only datagrams of this sender are taken (SSM). */
  readonly source?: string | undefined;
}

/** How a socket is opened. */
export interface DatagramSocketOptions {
  readonly ipVersion?: 4 | 6;
  /** Where it receives; port 0 = one that the system chooses. A group's members share its port. */
  readonly port?: number;
  readonly address?: string | undefined;
  /** Receives what is sent to this group. */
  readonly member?: MulticastGroup;
  /** Where everything goes that it sends. */
  readonly to?: { readonly address: string; readonly port: number };
  /** Sending to a group: the interface that it leaves by, routers that it passes, whether this machine's members get it. */
  readonly interfaceAddress?: string | undefined;
  readonly hops?: number;
  readonly loopback?: boolean;
  /** Bytes that may wait in the kernel; more than the system allows takes a privilege. */
  readonly bufferBytes?: number;
  /** Does without system calls of our own, as where there are none. */
  readonly portable?: boolean;
}

/** Who takes datagrams. Called from the event loop. */
export type DatagramListener = (datagram: Uint8Array) => void;

/** A socket, open. */
export interface DatagramSocket {
  readonly port: number;
  /** The local address that it sends from. */
  readonly address: string;
  /** Bytes that may wait in the kernel to be received; twice what one might expect, as Linux counts. */
  readonly receiveBytes: number;
  /** Bytes of the longest packet that goes undivided to where it sends, headers included; undefined = nobody tells. */
  readonly packetBytes: number | undefined;
  /** Many datagrams go and come in one call. */
  readonly isFast: boolean;
  /** Takes what comes, from here on. The bytes are good until the listener returns. */
  listen(listener: DatagramListener): void;
  /**
   * Takes what comes for a socket that does not know yet where it sends to: `isPeer` says of each datagram whether its sender is who is
   * waited for. From then on the socket sends there, and takes only what comes from there.
   */
  meet(isPeer: (datagram: Uint8Array) => boolean): void;
  /**
   * Sends datagrams of `each` bytes that lie one behind the other (the last one may be shorter), and returns how many the
   * kernel has taken: the first ones. Whether they arrive nobody knows.
   */
  send(bytes: Uint8Array, each: number): number;
  /** Leaves its group and joins it again: a switch may have forgotten, or never have heard, that it is in it. */
  rejoin(): void;
  close(): void;
}
