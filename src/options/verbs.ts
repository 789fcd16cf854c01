// The verbs: what `manifold VERB` can be told to do, and how far each is.
import type { Verb } from "./options.ts";

/** One verb, for the parser and the docs. */
export interface VerbRow {
  readonly name: Verb;
  /** Its arguments, for the usage text. */
  readonly usage: string;
  readonly help: string;
  readonly status: "done" | "planned";
  /** What else there is to say about it, in lines. */
  readonly more?: string;
  /** With "planned": the capability that it comes with. */
  readonly waitsFor?: string;
  /** For stage verbs: the least and most arguments, and what they are; sync has rules of its own. */
  readonly places?: {
    readonly min: number;
    readonly max: number;
    /** The last one is the target. */
    readonly endsInTarget: boolean;
  };
}

const noPlace = { min: 0, max: 0, endsInTarget: false };
const oneSource = { min: 1, max: 1, endsInTarget: false };
const oneTarget = { min: 1, max: 1, endsInTarget: true };
const sourceAndTarget = { min: 2, max: 2, endsInTarget: true };

/** What there is to say about serve. */
const serveText = `The configuration has rsyncd.conf's syntax. A module that is enough:

  allowed keys = /etc/manifold/allowed
  [music]
      path = /srv/music

Others reach it as manifold://HOST/music/PATH. SIGHUP reads the configuration anew for those who come
after it and opens the log file again; SIGTERM takes nobody in any more and waits for those inside, a
second one ends them.`;

/** What there is to say about cast. */
const castText = `Each target is reached as a sync reaches it (ssh, or -e; a module of manifold serve). It says what it has;
those that have the same get the same datagrams, all at once, and acknowledge, verify and apply them as receive does.
What datagrams do not bring goes over the connection with the target. The exit status is 0 if every target
has everything. manifold cast --changeset FILE --targets ... casts what was recorded. With --admit=NUM targets come by themselves.
-v tells what becomes of each target, -vv how fast it goes, --debug=io each datagram, and -q nothing but problems.`;

/** What there is to say about sources. */
const sourcesText = `Each is asked what it can do, read for two seconds at most, and looked at for the state of its tree: what keepers
of mirrors leave there for that (project/trace/master, dists/*/InRelease, lastupdate, repodata/repomd.xml), or the newest of what is
near its top. Those that the same thing tells of are compared: the newest, and how far the others are behind it. The next run from
these sources begins with the rates that were found. URLs are those of sync's SRC and --mirror; 'A|B' and --mirrors-from name several.
The exit status is 23 if one does not answer.`;

/** What there is to say about catch. */
const catchText = `It listens at port 8730 (--port, --address) for casts to manifold://HOST, from masters whose keys it knows: print a
code with manifold key invite NAME, and use it on the master with manifold key pair HOST. Several casts may come at once.
With --master HOST it goes to the casts of that machine itself (manifold cast --admit), now, or when there is one.
With --discard what comes is verified and nothing is applied; --once ends it after the first cast.`;

/** What there is to say about key. */
const keyText = `  key show [FILE]               print the fingerprint of our key, or of the one in FILE; made if missing
  key generate FILE             make a key for a server ("key file")
  key invite NAME [--config FILE]
                                on the server: print a code that lets one client in, within 10 minutes
  key pair HOST[:PORT] [CODE]   on the client: use the code, which also proves that the server is the right one
  key forget HOST[:PORT]        forget the key of a server that has changed it`;

/** What there is to say about cache. */
const cacheText = `  cache list                    print the roots of which there are digests, how many, and in how many bytes
  cache prune                   forget digests of files that have changed or gone, and roots that have gone
  cache clear                   forget all digests
  cache verify                  read every file again and print those that are not what they were (exit status 23)`;

/** All verbs, in help order. A first argument that is exactly one of them is the verb. */
export const verbs: readonly VerbRow[] = [
  {
    name: "sync",
    usage: "[OPTION]... SRC... DEST",
    help: "make DEST like the sources; what happens when no verb is given",
    status: "done",
  },
  {
    name: "scan",
    usage: "TREE > listing",
    help: "write what a tree contains",
    status: "done",
    places: oneSource,
  },
  {
    name: "diff",
    usage: "SRC DEST > cset",
    help: "write what would change, without data",
    status: "done",
    places: sourceAndTarget,
  },
  {
    name: "send",
    usage: "SRC < cset > csetdata",
    help: "fill a changeset with data",
    status: "done",
    places: oneSource,
  },
  {
    name: "receive",
    usage: "DEST < csetdata",
    help: "apply a changeset",
    status: "done",
    places: oneTarget,
  },
  {
    name: "show",
    usage: "FILE",
    help: "show a listing or changeset",
    status: "done",
    places: oneSource,
  },
  {
    name: "invert",
    usage: "< cset > inverse",
    help: "write the changeset that undoes one",
    status: "done",
    places: noPlace,
  },
  {
    name: "serve",
    usage: "[--config FILE]",
    help: "serve trees to other machines",
    status: "done",
    more: serveText,
  },
  {
    name: "agent",
    usage: "",
    help: "be the far end of a connection, on standard input and output (used between programs)",
    status: "done",
    places: noPlace,
  },
  {
    name: "sources",
    usage: "URL...",
    help: "tell how far away, how fast, how able and how old sources of one tree are",
    status: "done",
    more: sourcesText,
  },
  {
    name: "cast",
    usage: "[OPTION]... SRC... --targets HOST:PATH,...",
    help: "make many targets on other machines like the sources, at once",
    status: "done",
    more: castText,
  },
  {
    name: "catch",
    usage: "[OPTION]... DEST",
    help: "wait for casts, and make DEST what they say",
    status: "done",
    more: catchText,
    places: oneTarget,
  },
  {
    name: "key",
    usage: "[show|generate|invite|pair|forget]",
    help: "manage keys: ours, those of servers, and how clients and servers come to know each other",
    status: "done",
    more: keyText,
  },
  {
    name: "cache",
    usage: "[list|prune|clear|verify] [ROOT]...",
    help: "look after digests that were kept (--cache): of all roots, or of those that are named",
    status: "done",
    more: cacheText,
  },
  {
    name: "version",
    usage: "",
    help: "print the version and what this build can do, as --version does",
    status: "done",
  },
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
