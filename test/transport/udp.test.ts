// Both kinds of UDP sockets, by system calls and by Node alone, on the loopback interface: what is sent
// comes, as it was sent, to an address and to the members of a group.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { loadSystemCalls } from "../../src/native/index.ts";
import {
  type DatagramSocket,
  type DatagramSocketOptions,
  groupAddress,
  openDatagramSocket,
} from "../../src/transport/index.ts";
import { Choice } from "../support/index.ts";

const loopback = "127.0.0.1";

/** Sends all of it, in as many turns as the kernel wants, and waits until so many datagrams have come. */
async function exchange(
  sender: DatagramSocket,
  receivers: readonly DatagramSocket[],
  bytes: Uint8Array,
  each: number,
): Promise<Uint8Array[][]> {
  const count = Math.ceil(bytes.length / each);
  const came = receivers.map((): Uint8Array[] => []);
  const all = receivers.map(
    (receiver, i) =>
      new Promise<void>((resolve) =>
        receiver.listen((datagram) => {
          came[i]?.push(Uint8Array.from(datagram));
          if (came[i]?.length === count) resolve();
        }),
      ),
  );
  for (let at = 0; at < bytes.length; ) {
    at += sender.send(bytes.subarray(at), each) * each;
    await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(all);
  return came;
}

for (const portable of [false, true]) {
  describe(portable ? "sockets by Node alone" : "sockets by system calls", () => {
    const skip =
      !portable && loadSystemCalls() === undefined && "no system calls here (koffi is missing)";
    const open = (options: DatagramSocketOptions): Promise<DatagramSocket> =>
      openDatagramSocket({ portable, ...options });

    for (const [each, count] of [
      [1000, 1],
      [1448, 300],
      [7, 100],
      [9000, 20],
      [40_000, 5],
    ] as const) {
      it(`${count} datagrams of ${each} bytes and a shorter one come as they went`, {
        skip,
      }, async () => {
        const receiver = await open({ address: loopback });
        const sender = await open({ to: { address: loopback, port: receiver.port } });
        try {
          assert.equal(sender.isFast, !portable);
          const bytes = new Choice(each).bytes(each * count + 3);
          const [came = []] = await exchange(sender, [receiver], bytes, each);
          assert.ok(came.every((datagram, i) => i === count || datagram.length === each));
          assert.deepEqual(Buffer.concat(came), Buffer.from(bytes));
        } finally {
          sender.close();
          receiver.close();
        }
      });
    }

    it("every member of a group gets what is sent to it, and nobody else", { skip }, async () => {
      const group = groupAddress(process.pid * 2 + Number(portable), 4);
      const member = { address: group, interfaceAddress: loopback };
      const first = await open({ member });
      const second = await open({ member, port: first.port });
      const other = await open({
        member: { ...member, address: "239.255.255.250" },
        port: first.port,
      });
      const to = { address: group, port: first.port };
      const sender = await open({ to, interfaceAddress: loopback, loopback: true, hops: 0 });
      try {
        let strange = 0;
        other.listen(() => strange++);
        second.rejoin();
        const bytes = new Choice(5).bytes(1448 * 50);
        for (const came of await exchange(sender, [first, second], bytes, 1448)) {
          assert.deepEqual(Buffer.concat(came), Buffer.from(bytes));
        }
        assert.equal(strange, 0);
      } finally {
        for (const socket of [first, second, other, sender]) socket.close();
      }
    });

    it("goes on sending where nobody listens", { skip }, async () => {
      const gone = await open({ address: loopback });
      const sender = await open({ to: { address: loopback, port: gone.port } });
      gone.close();
      try {
        for (let n = 0; n < 20; n++) {
          assert.ok(sender.send(new Uint8Array(100), 100) <= 1);
          await new Promise((resolve) => setImmediate(resolve));
        }
      } finally {
        sender.close();
      }
    });
  });
}

describe("the address of a session's group", () => {
  it("is one that a site may use, and no network or broadcast address", () => {
    for (let session = 0; session < 70_000; session += 7) {
      assert.match(groupAddress(session, 4), /^239\.255\.\d+\.(?!0$|255$)\d+$/);
    }
    assert.equal(groupAddress(0xabcd1234, 6), "ff15::abcd:1235");
  });
});
