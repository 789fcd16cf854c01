// daemon: who peers are, and what they may: keys, the hosts that a client knows, the clients that a
// server lets in, and how the two come to know each other.
//
//   identity = loadIdentity(userKeyFiles(env).key)                  // ours, made on first use
//   await checkHost(files.knownHosts, "host:port", channel.peerKey, "pin")
//   code = invite(file, name, clock)  ->  answerGuest(file, proof, meeting, clock)
//
// In: channels whose peers have proved their keys, files of lines. Out: yes, or a ManifoldError that says
// why not. Nothing here knows what a peer wants to transfer.

export { type ClientVariables, expandCommand, expandModule } from "./config/client-variables.ts";
export type { ReadFile } from "./config/config-lines.ts";
export type { DaemonConfig, DaemonSettings, Module, ModuleFilter } from "./config/module.ts";
export { moduleRules } from "./config/module-rules.ts";
export { writableModule } from "./config/open-module.ts";
export { type ConfigRules, mayComeFrom, parseConfig } from "./config/parse-config.ts";
export { readConfig, readConfigIfThere } from "./config/read-config.ts";
export { allowedName, allowKey } from "./keys/allowed-keys.ts";
export {
  generateIdentity,
  type KeyFiles,
  loadIdentity,
  readIdentity,
  type ServerFiles,
  serverFiles,
  userKeyFiles,
} from "./keys/key-files.ts";
export { checkHost, type FirstContact, forgetHost, knownKey, pinHost } from "./keys/known-hosts.ts";
export { pairWith } from "./keys/pair-with.ts";
export {
  answerGuest,
  invite,
  isProof,
  type Meeting,
  makeCode,
  type PairingResult,
  pairingAttemptsMax,
  pairingLabel,
  pairingMsMax,
  pairingProof,
  readCode,
} from "./keys/pairing.ts";
export { type Daemon, type DaemonOptions, startDaemon } from "./serve/daemon.ts";
export { formatWish, parseAnswer, parseWish, type Wish } from "./serve/hello.ts";
export {
  type ConnectionLetter,
  formatLogLine,
  type Log,
  type LogFields,
} from "./serve/letter.ts";
export {
  type Client,
  type ClientGround,
  type ClientService,
  type ServingGround,
  serveAccepted,
  serveConnection,
  servePipe,
} from "./serve/serve-client.ts";
