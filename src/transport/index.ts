// transport: the only door to peers. In: bytes to send. Out: bytes that came, and word of when there is
// room, when it is over, and why. Nothing here knows what the bytes mean.
//
//   channel = spawnChannel(["ssh", "host", ...], { label })  // pipe/: a program's standard input and output
//   channel = await connectSecure({ host, identity })     // tcp/: TLS 1.3; channel.peerKey says who it is
//   server = await listenSecure({ port, identity }, accept, refuse)
//   server = await listenLocal(name, label, accept)       // local/: between processes of this machine
//   socket = await openDatagramSocket({ ... })            // udp/: datagrams, many in a call; they may get lost
//   client = new HttpClient({ clock, environment })        // http/: files of web servers; no channel, but requests
//   channel.listen({ data, drained, closed }); channel.send(bytes); channel.flush(); channel.end()
//
// Not promised: that what was sent has arrived.

export { onAbort } from "./abort-listeners.ts";
export type { Channel, ChannelListener, ChannelServer } from "./channel.ts";
export { copyBytes } from "./copy-bytes.ts";
export { type CountedChannel, countedChannel } from "./counted-channel.ts";
export { HttpClient, type HttpSettings } from "./http/http-client.ts";
export { type HttpReason, showUrl } from "./http/http-error.ts";
export type { HttpRequest, HttpResponse } from "./http/http-message.ts";
export { type LineChannel, lineBytesMax, lineChannel } from "./line-channel.ts";
export { connectLocal, hasLocalSockets, listenLocal } from "./local/local-socket.ts";
export { memoryChannels } from "./memory/memory-channels.ts";
export { startLineProgram } from "./pipe/line-program.ts";
export { type SpawnOptions, spawnChannel } from "./pipe/spawn-channel.ts";
export { standardChannel, streamChannel } from "./pipe/stream-channel.ts";
export {
  type ConnectionProcess,
  type ConnectionWatcher,
  type Errand,
  forkForSocket,
  takeErrand,
} from "./process/hand-over.ts";
export {
  type ArmedHook,
  armHook,
  type HookResult,
  type HookVariables,
  runHook,
  shellWords,
} from "./process/shell-hook.ts";
export { StreamChannel, type StreamEnding } from "./stream-channel.ts";
export {
  type Accepted,
  type AddressList,
  type ConnectOptions,
  connectPlain,
  connectSecure,
  createIdentity,
  defaultPort,
  fingerprintForm,
  formatPlace,
  handshakeMsMax,
  type Identity,
  type ListenOptions,
  listenSecure,
  listenTcp,
  loopbackPair,
  parseAddressList,
  parseIdentity,
  parseSocketOptions,
  plainChannel,
  type SecureChannel,
  secureServer,
  type TcpServer,
} from "./tcp/index.ts";
export {
  type DatagramListener,
  type DatagramSocket,
  type DatagramSocketOptions,
  groupAddress,
  interfaceAddress,
  type MulticastGroup,
  openDatagramSocket,
} from "./udp/index.ts";
