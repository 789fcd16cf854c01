// What a command line can ask for.
import type { ByteString } from "../base/index.ts";
import type { Options, Personality, Verb } from "./options.ts";

/** The programs that --generate can print something for. */
export const generatedKinds = ["man", "bash", "zsh", "fish"] as const;

/** A value of --generate. */
export type GeneratedKind = (typeof generatedKinds)[number];

/** What the command line says about serving; undefined = the configuration decides. */
export interface ServeOptions {
  readonly config: ByteString | undefined;
  readonly address: ByteString | undefined;
  readonly port: number | undefined;
  readonly ipVersion: 4 | 6 | undefined;
  readonly logFile: ByteString | undefined;
  readonly sockopts: ByteString | undefined;
  /** A remote shell's pipes lead to the client, whatever standard input is. */
  readonly onPipe: boolean;
}

/** What is answered by a text. */
export type TextResult = Exclude<Parsed, { readonly kind: "run" | "serve" | "key" | "cache" }>;

/** The result of parse(): a run, or one of the texts that replace it. */
export type Parsed =
  | { readonly kind: "run"; readonly verb: Verb; readonly options: Options }
  /** exit 1 means that the text answers a wrong command line and belongs on stderr. */
  | { readonly kind: "help"; readonly topic: string | undefined; readonly exit: 0 | 1 }
  /** Serve modules: at a port, or whoever is on standard input and output. */
  | { readonly kind: "serve"; readonly way: "port" | "pipe"; readonly asked: ServeOptions }
  | { readonly kind: "key"; readonly words: readonly ByteString[]; readonly asked: ServeOptions }
  /** Look after digest caches. */
  | { readonly kind: "cache"; readonly words: readonly ByteString[] }
  | { readonly kind: "daemon-help" }
  | { readonly kind: "version" }
  | { readonly kind: "version-json" }
  | { readonly kind: "info-help" }
  | { readonly kind: "debug-help" }
  | { readonly kind: "generate"; readonly what: GeneratedKind; readonly program: Personality };
