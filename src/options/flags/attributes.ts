// Flags that say which attributes travel and how they are changed on the way.
// This file is a table.
import { ManifoldError } from "../../base/index.ts";
import { count, type Flag, set, store, toggle } from "../flag.ts";
import type { IdMapSetting, Settings } from "../settings.ts";
import { parseChmod } from "../values/chmod.ts";

const category = "attributes";

/** Stores an id map; rsync allows one for users and one for groups, whatever option it is from. */
function setMap(settings: Settings, side: "user" | "group", map: IdMapSetting): void {
  const key = side === "user" ? "userMap" : "groupMap";
  const before = settings[key];
  if (before !== undefined)
    throw new ManifoldError("usage", mapConflict(side, before.from, map.from));
  settings[key] = map;
  if (side === "user") settings.owner = true;
  else settings.group = true;
}

function mapConflict(
  side: "user" | "group",
  before: "map" | "chown",
  now: "map" | "chown",
): string {
  if (before === now) {
    return now === "map"
      ? `You can only specify --${side}map once.`
      : `You can only specify a ${side}-affecting --chown once.`;
  }
  return now === "map"
    ? `--${side}map conflicts with prior --chown.`
    : `--chown conflicts with prior --${side}map.`;
}

/** The rows, in help order. */
export const attributeFlags: readonly Flag[] = [
  toggle("mode", {
    name: "perms",
    short: "p",
    negations: ["no-perms", "no-p"],
    category,
    help: "keep permissions",
    manual:
      "Give targets the source's permission bits. Without it, existing files keep theirs and new ones get the source's less the umask.",
  }),
  toggle("executability", {
    name: "executability",
    short: "E",
    category,
    help: "keep whether a file is executable",
    manual:
      "Without -p: make an existing regular file executable (where it is readable) when the source has any x bit, and not executable when it has none.",
  }),
  {
    name: "chmod",
    category,
    takes: "text",
    placeholder: "CHMOD",
    origin: "rsync",
    status: "done",
    help: "change permissions on the way",
    manual: `Treat permissions as if the source had them after these changes. CHMOD is a comma-separated list of clauses as for chmod(1), octal modes included; a "D" before a clause restricts it to directories, an "F" to everything else. May be repeated. Existing files change only with -p.`,
    apply: (settings, value) => {
      settings.chmod.push(...parseChmod(value));
    },
  },
  {
    name: "acls",
    short: "A",
    negations: ["no-acls", "no-A"],
    category,
    takes: "nothing",
    origin: "rsync",
    status: "done",
    help: "keep access control lists (implies -p)",
    manual:
      "Give targets the source's POSIX access and default ACLs. Both file systems must have them.",
    apply: (settings) => {
      settings.acls = true;
      settings.mode = true;
    },
    negate: set("acls", false),
  },
  {
    name: "xattrs",
    short: "X",
    negations: ["no-xattrs", "no-X"],
    category,
    takes: "nothing",
    origin: "rsync",
    status: "done",
    help: "keep extended attributes",
    manual:
      "Give targets the source's extended attributes: all but system ones for the super-user, user.* for others. Filter rules with the x modifier choose names. Given twice, the attributes in which --fake-super keeps its data are copied too.",
    apply: count("xattrs"),
    negate: set("xattrs", 0),
  },
  toggle("owner", {
    name: "owner",
    short: "o",
    negations: ["no-owner", "no-o"],
    category,
    help: "keep the owner (super-user only)",
    manual: "Owners are matched by name where both sides know it, otherwise by number.",
  }),
  toggle("group", {
    name: "group",
    short: "g",
    negations: ["no-group", "no-g"],
    category,
    help: "keep the group",
    manual: "Without privileges only groups that the user belongs to can be kept.",
  }),
  toggle("numericIds", {
    name: "numeric-ids",
    negations: ["no-numeric-ids"],
    category,
    help: "keep ids as numbers, do not match names",
    manual: "Owners and groups keep their numbers whatever names they have on either side.",
  }),
  {
    name: "usermap",
    category,
    takes: "text",
    placeholder: "STRING",
    origin: "rsync",
    status: "done",
    help: "change owners on the way, by pairs FROM:TO",
    manual: `FROM is a name, a wildcard pattern, an id, a range LOW-HIGH, or nothing for ids without a name; TO is a name or an id on the target. The first pair that matches counts. Implies -o.`,
    apply: (settings, text) => setMap(settings, "user", { text, from: "map" }),
  },
  {
    name: "groupmap",
    category,
    takes: "text",
    placeholder: "STRING",
    origin: "rsync",
    status: "done",
    help: "change groups on the way, by pairs FROM:TO",
    manual: "The same for groups. Implies -g.",
    apply: (settings, text) => setMap(settings, "group", { text, from: "map" }),
  },
  {
    name: "chown",
    category,
    takes: "text",
    placeholder: "USER:GROUP",
    origin: "rsync",
    status: "done",
    help: "give everything to USER and GROUP",
    manual: `Short for --usermap='*:USER' --groupmap='*:GROUP'. Either part may be missing.`,
    apply: (settings, value) => {
      const colon = value.indexOf(":");
      const user = colon < 0 ? value : value.slice(0, colon);
      const group = colon < 0 ? "" : value.slice(colon + 1);
      if (user !== "") setMap(settings, "user", { text: `*:${user}`, from: "chown" });
      if (group !== "") setMap(settings, "group", { text: `*:${group}`, from: "chown" });
    },
  },
  toggle("times", {
    name: "times",
    short: "t",
    negations: ["no-times", "no-t"],
    category,
    help: "keep modification times",
    manual:
      "Give targets the source's modification times, with nanoseconds. Without it the next run finds every file changed.",
  }),
  {
    name: "atimes",
    short: "U",
    negations: ["no-atimes", "no-U"],
    category,
    takes: "nothing",
    origin: "rsync",
    status: "done",
    help: "keep access times",
    manual: "Give targets the source's access times. Given twice, implies --open-noatime.",
    apply: (settings) => {
      settings.atimes += 1;
      if (settings.atimes > 1) settings.openNoatime = true;
    },
    negate: set("atimes", 0),
  },
  toggle("openNoatime", {
    name: "open-noatime",
    negations: ["no-open-noatime"],
    category,
    help: "leave the access times of what is read alone",
    manual: "Open files with O_NOATIME where the system allows it.",
  }),
  toggle("crtimes", {
    name: "crtimes",
    short: "N",
    negations: ["no-crtimes", "no-N"],
    category,
    status: "impossible",
    waitsFor: "Linux lets no program set creation times",
    help: "keep creation times",
    manual: "Give targets the source's creation times.",
  }),
  toggle("omitDirTimes", {
    name: "omit-dir-times",
    short: "O",
    negations: ["no-omit-dir-times", "no-O"],
    category,
    help: "keep no times of directories",
    manual: "Leave directories out of -t, -U and -N. A --backup without --backup-dir implies it.",
  }),
  toggle("omitLinkTimes", {
    name: "omit-link-times",
    short: "J",
    negations: ["no-omit-link-times", "no-J"],
    category,
    help: "keep no times of symlinks",
    manual: "Leave symlinks out of -t, -U and -N.",
  }),
  {
    short: "D",
    negations: ["no-D"],
    category,
    takes: "nothing",
    origin: "rsync",
    status: "done",
    help: "stands for --devices --specials",
    manual: "--no-D turns both off.",
    apply: (settings) => {
      settings.devices = true;
      settings.specials = true;
    },
    negate: (settings) => {
      settings.devices = false;
      settings.specials = false;
    },
  },
  toggle("devices", {
    name: "devices",
    negations: ["no-devices"],
    category,
    help: "keep device files (super-user only)",
    manual: "Make block and character devices on the target as the source has them.",
  }),
  toggle("specials", {
    name: "specials",
    negations: ["no-specials"],
    category,
    help: "keep named pipes and sockets",
    manual: "Make named pipes and sockets on the target as the source has them.",
  }),
  toggle("dropDevices", {
    name: "drop-D",
    negations: ["no-drop-D"],
    category,
    help: "make no devices or special files, whatever was asked for",
    manual:
      "The target skips devices and special files as if -D had not been given. Meant to be imposed on one end of a connection.",
  }),
  {
    name: "super",
    negations: ["no-super"],
    category,
    takes: "nothing",
    origin: "rsync",
    status: "done",
    help: "try what only the super-user may do",
    manual:
      "Attempt to set owners and make devices without being the super-user, so that failures are errors. --no-super leaves such things even to the super-user undone.",
    apply: set("privileges", "super"),
    negate: set("privileges", "no-super"),
  },
  {
    name: "fake-super",
    category,
    takes: "nothing",
    origin: "rsync",
    status: "done",
    help: "keep privileged attributes in extended attributes",
    manual:
      "Store owner, group, device numbers and special mode bits in the extended attribute user.rsync.%stat, and read them from there. For one side of a local copy: -M--fake-super affects only the target.",
    apply: set("privileges", "fake-super"),
  },
  {
    name: "copy-as",
    category,
    takes: "text",
    placeholder: "USER[:GROUP]",
    origin: "rsync",
    status: "done",
    help: "do the copying as another user",
    manual:
      "Only root may. From before the first look at a source on everything is done with the rights of USER, and of GROUP if given, else of all groups that USER is in: nothing can be read or written that USER could not. With another machine this holds for this end, from when it is connected (by one connection, whatever --streams says), and -M--copy-as=USER for the other, unless that is a module, which has a user of its own.",
    apply: store("copyAs"),
  },
];
