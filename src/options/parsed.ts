// What a command line can ask for.
import type { Options, Personality, Verb } from "./options.ts";

/** The programs that --generate can print something for. */
export const generatedKinds = ["man", "bash", "zsh", "fish"] as const;

/** A value of --generate. */
export type GeneratedKind = (typeof generatedKinds)[number];

/** The result of parse(): a run, or one of the texts that replace it. */
export type Parsed =
  | { readonly kind: "run"; readonly verb: Verb; readonly options: Options }
  /** exit 1 means that the text answers a wrong command line and belongs on stderr. */
  | { readonly kind: "help"; readonly topic: string | undefined; readonly exit: 0 | 1 }
  | { readonly kind: "daemon-help" }
  | { readonly kind: "version" }
  | { readonly kind: "version-json" }
  | { readonly kind: "info-help" }
  | { readonly kind: "debug-help" }
  | { readonly kind: "generate"; readonly what: GeneratedKind; readonly program: Personality };
