// tcp: channels over TLS 1.3, where each end is the key that it proves to hold.

export { type AddressList, parseAddressList } from "./address-list.ts";
export {
  type ConnectOptions,
  connectPlain,
  connectSecure,
  defaultPort,
  plainChannel,
} from "./connect.ts";
export { formatPlace } from "./connection-error.ts";
export { handshakeMsMax, secureServer } from "./handshake.ts";
export {
  createIdentity,
  fingerprintForm,
  type Identity,
  parseIdentity,
} from "./identity.ts";
export {
  type Accepted,
  type ListenOptions,
  listenSecure,
  listenTcp,
  type TcpServer,
} from "./listen.ts";
export { loopbackPair } from "./loopback-pair.ts";
export { parseSocketOptions } from "./socket-options.ts";
export type { SecureChannel } from "./tls-channel.ts";
