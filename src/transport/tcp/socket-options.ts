// --sockopts, and "socket options" of a server: the options of sockets that can be set here.

import type { Socket } from "node:net";
import { ManifoldError } from "../../base/index.ts";

/** What can be set, as a function of "on or off". */
const settable: Readonly<Record<string, (socket: Socket, on: boolean) => void>> = {
  TCP_NODELAY: (socket, on) => void socket.setNoDelay(on),
  SO_KEEPALIVE: (socket, on) => void socket.setKeepAlive(on),
};

/** Reads "NAME" or "NAME=VALUE", separated by commas or blanks; returns what sets them. Throws a usage error for others. */
export function parseSocketOptions(words: string): (socket: Socket) => void {
  const setters = words
    .split(/[\s,]+/)
    .filter((word) => word !== "")
    .map((word) => {
      const [name = "", value = "1"] = word.split("=", 2);
      const set = Object.hasOwn(settable, name) ? settable[name] : undefined;
      if (set === undefined || !/^\d+$/.test(value)) {
        const names = Object.keys(settable).join(" and ");
        throw new ManifoldError("usage", `Socket option ${word}: only ${names} can be set`);
      }
      return (socket: Socket): void => set(socket, Number(value) !== 0);
    });
  return (socket) => {
    for (const set of setters) set(socket);
  };
}
