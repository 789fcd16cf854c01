// What the daemon and the process of one connection tell each other.

import type { ByteString } from "../../base/index.ts";
import type { DaemonConfig } from "../config/module.ts";

/** What the process of a connection is started with. */
export interface ConnectionLetter {
  /** As it was when the client came. */
  readonly config: DaemonConfig;
  /** Undefined = there is no TLS: rsync's clients come here. */
  readonly keyPem: string | undefined;
  /** Where an invitation would be, and who is added after one; undefined = nobody can pair here. */
  readonly pairing: { readonly file: ByteString; readonly allowed: ByteString } | undefined;
  /** The client's address. */
  readonly address: string;
  readonly port: number;
}

/** Facts about an event. */
export type LogFields = Readonly<Record<string, string | number>>;

/** Writes down that something happened. */
export type Log = (event: string, fields: LogFields) => void;

/** What the process tells the daemon. */
export type ConnectionNews =
  | { readonly kind: "log"; readonly event: string; readonly fields: LogFields }
  /** Wants to use a module; answered by EnterAnswer. */
  | { readonly kind: "enter"; readonly module: ByteString };

/** Whether there is room in the module. */
export interface EnterAnswer {
  readonly ok: boolean;
}

const textMax = 500;

/** Reads what a process says; undefined for what it should not say. The process has read what a peer sent, so nothing of it is believed. */
export function readNews(message: unknown): ConnectionNews | undefined {
  if (typeof message !== "object" || message === null || !("kind" in message)) return undefined;
  if (message.kind === "enter") {
    if (!("module" in message) || typeof message.module !== "string") return undefined;
    return { kind: "enter", module: message.module };
  }
  if (message.kind !== "log" || !("event" in message) || !("fields" in message)) return undefined;
  const { event, fields } = message;
  if (typeof event !== "string" || typeof fields !== "object" || fields === null) return undefined;
  const entries = Object.entries(fields)
    .slice(0, 20)
    .map(([name, value]): [string, string | number] => [
      name.slice(0, 40),
      typeof value === "number" ? value : String(value).slice(0, textMax),
    ]);
  return { kind: "log", event: event.slice(0, 40), fields: Object.fromEntries(entries) };
}

/** Returns the line of an event: one JSON object. `time`: when, in words. */
export function formatLogLine(time: string, event: string, fields: LogFields): string {
  const { time: _time, event: _event, ...rest } = fields;
  return `${JSON.stringify({ time, event, ...rest })}\n`;
}
