// One more connection of a run, made of datagrams (--datagrams): the agent opens a socket and tells where it is over the
// first connection; the client calls there. It carries what connections that join carry, and where no datagrams pass, or
// pass no longer, the run goes on without it (docs/decisions/0080).

import {
  type ByteString,
  type Clock,
  ManifoldError,
  systemRandom,
  toText,
} from "../../base/index.ts";
import { DatagramPeer, pairSecretLength, type RateRules } from "../../datagram/index.ts";
import { secretBytes } from "../../hash/index.ts";
import type { DatagramsMessage } from "../../session/index.ts";
import { type DatagramSocket, openDatagramSocket } from "../../transport/index.ts";
import { Switchboard } from "./switchboard.ts";

/** An agent that is not called within this time will not be. Arbitrary: some long round trips. */
const callMs = 3000;
/** Addresses that a client calls, each over IPv4 and IPv6. */
const addressesMax = 2;
const noPassage = "datagrams do not pass";

interface LineGround {
  readonly label: string;
  /** How this end chooses its rate. */
  readonly rules: RateRules;
  readonly clock: Clock;
}

/** Such a connection. */
export class DatagramLine {
  readonly board: Switchboard;
  /** Resolves when datagrams pass both ways, or with the reason why they do not. */
  readonly passes: Promise<ManifoldError | undefined>;
  readonly peer: DatagramPeer;
  readonly #clock: Clock;
  /** Until one of them has brought an answer a client may have several. */
  #sockets: DatagramSocket[] = [];
  #isOver = false;

  constructor(
    isInitiator: boolean,
    { session, secret }: Pick<DatagramsMessage, "session" | "secret">,
    { label, rules, clock }: LineGround,
  ) {
    if (secret.length !== pairSecretLength) {
      throw new ManifoldError("protocol-data", `${label}: the secret for datagrams is none`);
    }
    let passed: (error: ManifoldError | undefined) => void = () => undefined;
    this.passes = new Promise((resolve) => {
      passed = resolve;
    });
    this.#clock = clock;
    this.peer = new DatagramPeer({
      ...{ label, isInitiator, session, secret, rules, clock },
      transmit: (bytes, each) => this.#transmit(bytes, each),
      passed: () => passed(undefined),
      ended: (error) => {
        this.#isOver = true;
        passed(error ?? new ManifoldError("connection-lost", noPassage));
        this.#use([]);
      },
    });
    this.board = new Switchboard(this.peer);
  }

  /** Waits to be called: who shows by a sealed datagram to be the client is answered, nobody else. */
  await(socket: DatagramSocket): void {
    this.#use([socket]);
    const stop = this.#clock.after(callMs, () => this.peer.fail(noPassage));
    socket.meet((datagram) => {
      const isRight = this.peer.arrived(datagram);
      if (isRight) {
        stop();
        this.peer.begin();
      }
      return isRight;
    });
  }

  /** Calls from each of these sockets; the one that is answered first is used. */
  call(sockets: readonly DatagramSocket[]): void {
    this.#use(sockets);
    if (sockets.length === 0) this.peer.fail(noPassage);
    for (const socket of sockets) {
      socket.listen((datagram) => {
        if (this.peer.arrived(datagram) && this.#sockets.length > 1) this.#use([socket]);
      });
    }
    this.peer.begin();
  }

  /** The run is over. */
  end(): void {
    this.board.letGo();
    this.peer.end();
  }

  #use(sockets: readonly DatagramSocket[]): void {
    const kept = this.#isOver ? [] : sockets;
    for (const socket of [...this.#sockets, ...sockets]) {
      if (!kept.includes(socket)) socket.close();
    }
    this.#sockets = [...kept];
  }

  #transmit(bytes: Uint8Array, each: number): number {
    let most = 0;
    for (const socket of this.#sockets) most = Math.max(most, socket.send(bytes, each));
    return most;
  }
}

/** Opens the agent's end, and returns it with what the client is to be told. */
export async function offerDatagrams(
  addresses: readonly ByteString[],
  rules: RateRules,
  clock: Clock,
): Promise<{ readonly line: DatagramLine; readonly message: DatagramsMessage }> {
  const keys = { session: systemRandom.uint32(), secret: secretBytes(pairSecretLength) };
  const line = new DatagramLine(false, keys, { label: "the client", rules, clock });
  // A socket of IPv6 takes IPv4, too, where there is both.
  const socket = await openDatagramSocket({ ipVersion: 6 })
    .catch(() => openDatagramSocket({ ipVersion: 4 }))
    .catch((error: unknown) => {
      line.peer.fail(error instanceof Error ? error.message : String(error));
      return undefined;
    });
  if (socket !== undefined) line.await(socket);
  return { line, message: { kind: "datagrams", port: socket?.port, ...keys, addresses } };
}

/** Calls the agent that sent the message: at the host as the user names it, and where it says that it is. */
export function callDatagrams(
  message: DatagramsMessage,
  host: ByteString,
  {
    ipVersion,
    rules,
    clock,
  }: Omit<LineGround, "label"> & { readonly ipVersion: 4 | 6 | undefined },
): DatagramLine {
  const line = new DatagramLine(true, message, { label: host, rules, clock });
  const { port } = message;
  if (port === undefined) line.peer.fail("the other machine takes no datagrams");
  else {
    const places = [host.slice(host.lastIndexOf("@") + 1), ...message.addresses];
    const versions = ipVersion === undefined ? ([4, 6] as const) : [ipVersion];
    const opening = [...new Set(places)].slice(0, addressesMax).flatMap((place) =>
      versions.map((version) => {
        const to = { address: toText(place), port };
        return openDatagramSocket({ ipVersion: version, to }).catch(() => undefined);
      }),
    );
    void Promise.all(opening).then((sockets) =>
      line.call(sockets.filter((socket) => socket !== undefined)),
    );
  }
  return line;
}
