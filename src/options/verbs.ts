// The verbs: what `manifold VERB` can be told to do, and how far each is.
import type { Verb } from "./options.ts";

/** One verb, for the parser and the docs. */
export interface VerbRow {
  readonly name: Verb;
  /** Its arguments, for the usage text. */
  readonly usage: string;
  readonly help: string;
  readonly status: "done" | "planned";
  /** With "planned": the capability that it comes with. */
  readonly waitsFor?: string;
}

/** Makes the row of a verb that waits for a capability. */
function planned(name: Verb, usage: string, help: string, waitsFor: string): VerbRow {
  return { name, usage, help, status: "planned", waitsFor };
}

const changesets = "changesets and remote ends";
const multicast = "multicast and datagrams";

/** All verbs, in help order. A first argument that is exactly one of them is the verb. */
export const verbs: readonly VerbRow[] = [
  {
    name: "sync",
    usage: "[OPTION]... SRC... DEST",
    help: "make DEST like the sources; what happens when no verb is given",
    status: "done",
  },
  planned("scan", "TREE > listing", "write what a tree contains", changesets),
  planned("diff", "SRC DEST > cset", "write what would change, without data", changesets),
  planned("send", "SRC < cset > csetdata", "fill a changeset with data", changesets),
  planned("receive", "DEST < csetdata", "apply a changeset", changesets),
  planned("show", "FILE", "show a listing or changeset", changesets),
  planned("invert", "< cset > inverse", "write the changeset that undoes one", changesets),
  planned("serve", "[--config FILE]", "serve trees to other machines", changesets),
  planned("agent", "", "be the far end of a connection (used between programs)", changesets),
  planned("sources", "URL...", "probe and describe sources", "transfers from many sources"),
  planned("cast", "SRC...", "send to many machines at once", multicast),
  planned("catch", "DEST", "receive what cast sends", multicast),
  planned("key", "", "manage keys", changesets),
  planned("cache", "", "manage the digest cache", "rename detection"),
  {
    name: "help",
    usage: "[VERB | OPTION | TOPIC]",
    help: "explain a verb or an option, or list the options of a topic",
    status: "done",
  },
];

/** Returns the row of a verb, undefined for anything else. */
export function findVerb(word: string | undefined): VerbRow | undefined {
  return verbs.find(({ name }) => name === word);
}
