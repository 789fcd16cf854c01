// From the lines of a configuration to its modules. What is wrong or unknown is refused with its line: a
// daemon that guesses serves the wrong people.

import { type ByteString, ManifoldError, toText } from "../../base/index.ts";
import { parseAddressList } from "../../transport/index.ts";
import {
  type ConfigLine,
  type ConfigPlace,
  configError,
  type ReadFile,
  type ReadNames,
  readConfigLines,
} from "./config-lines.ts";
import type { DaemonConfig, DaemonSettings, Module, ModuleFilter } from "./module.ts";
import {
  globalParameters,
  idleParameters,
  moduleParameters,
  refusedParameters,
} from "./parameters.ts";

type Values<Table extends Readonly<Record<string, { read(value: ByteString): unknown }>>> = {
  [Name in keyof Table]?: Exclude<ReturnType<Table[Name]["read"]>, undefined>;
};
type GlobalValues = Values<typeof globalParameters>;
type ModuleValues = Values<typeof moduleParameters>;

/** What stands in a section so far. */
interface Section {
  readonly values: Partial<Record<string, unknown>>;
  readonly filters: ModuleFilter[];
}

interface NamedSection extends Section {
  readonly name: ByteString;
  readonly at: ConfigPlace;
}

/** As rsync's. */
const defaultBacklog = 5;

const filterKinds: Readonly<Record<string, ModuleFilter["kind"]>> = {
  filter: "filter",
  include: "include",
  exclude: "exclude",
  "include from": "include-from",
  "exclude from": "exclude-from",
};

/** How a configuration is read. */
export interface ConfigRules {
  /** For %NAME% in values. */
  readonly variables?: Readonly<Record<string, ByteString | undefined>>;
  /** Clients have no keys: they are whoever started us. Modules need not say whose keys may come in. */
  readonly withoutKeys?: boolean;
  /** It is for rsync's clients: rsync's own parameters are taken, and what nobody knows is told of and left. */
  readonly forRsync?: boolean;
  /** Returns the names in a directory whose files are taken in; undefined = there are no directories. */
  readonly names?: ReadNames;
}

/** Reads a configuration. Throws a ManifoldError with file and line for the first thing that is wrong. */
export function parseConfig(
  file: ByteString,
  read: ReadFile,
  rules: ConfigRules = {},
): DaemonConfig {
  const reader = new ConfigReader(rules);
  for (const line of readConfigLines(file, read, rules.names)) reader.take(line);
  return reader.finish();
}

class ConfigReader {
  readonly #variables: Readonly<Record<string, ByteString | undefined>>;
  readonly #allowedByDefault: ByteString | undefined;
  readonly #settings: Partial<Record<string, unknown>> = {};
  readonly #sections: NamedSection[] = [];
  readonly #warnings = new Map<string, string>();
  #defaults: Section = { values: {}, filters: [] };
  #outer: Section[] = [];
  /** Undefined = the global section. */
  #section: NamedSection | undefined;

  readonly #forRsync: boolean;

  constructor({ variables = {}, withoutKeys = false, forRsync = false }: ConfigRules) {
    this.#forRsync = forRsync;
    this.#variables = variables;
    this.#allowedByDefault = withoutKeys ? "*" : undefined;
  }

  take(line: ConfigLine): void {
    if (line.kind === "section") this.#open(line.name, line.at);
    else if (line.kind === "parameter") this.#set(line.name, line.value, line.at);
    else if (line.kind === "enter") {
      this.#outer.push(this.#defaults);
      this.#defaults = copyOf(this.#defaults);
      this.#section = undefined;
    } else {
      this.#defaults = this.#outer.pop() ?? this.#defaults;
      this.#section = undefined;
    }
  }

  finish(): DaemonConfig {
    const modules = this.#sections.map((section) =>
      Object.freeze(moduleOf(section, this.#allowedByDefault, this.#forRsync)),
    );
    return Object.freeze({
      settings: Object.freeze(settingsOf(this.#settings as GlobalValues, this.#defaults.values)),
      modules: Object.freeze(modules),
      warnings: [...this.#warnings.values()],
    });
  }

  #open(name: ByteString, at: ConfigPlace): void {
    if (name.toLowerCase() === "global") {
      this.#section = undefined;
      return;
    }
    // Names are told in lines, and stand in URLs.
    if (name.includes("/") || /[^ -~\x80-\xff]/.test(name)) {
      throw configError(at, `a module's name has no slash and no control characters`);
    }
    const twin = this.#sections.find((section) => section.name === name);
    if (twin !== undefined) {
      throw configError(at, `[${toText(name)}] is there already, in line ${twin.at.line}`);
    }
    this.#section = { name, at, ...copyOf(this.#defaults) };
    this.#sections.push(this.#section);
  }

  #set(name: string, raw: ByteString, at: ConfigPlace): void {
    const value = raw.replace(/%(\w*)%/g, (reference, variable: string) =>
      variable === "" ? "%" : (ownValue(this.#variables, variable) ?? reference),
    );
    const module = ownValue(moduleParameters, name);
    const global = ownValue(globalParameters, name);
    if (module !== undefined) {
      const section = this.#section ?? this.#defaults;
      const kind = filterKinds[name];
      const read = readValue(module, name, value, at);
      if (kind !== undefined) section.filters.push({ kind, text: value });
      else section.values[name] = read;
      if (name.startsWith("hosts ") && !this.#forRsync)
        checkAddresses(read as readonly string[], at);
    } else if (global !== undefined) {
      if (this.#section !== undefined)
        throw configError(at, `"${name}" is no parameter of modules`);
      this.#settings[name] = readValue(global, name, value, at);
    } else if (this.#forRsync) this.#takeRsync(name, value, at);
    else this.#refuseOrWarn(name, at);
  }

  #takeRsync(name: string, value: ByteString, at: ConfigPlace): void {
    const section = this.#section ?? this.#defaults;
    const isKnown = Object.hasOwn(refusedParameters, name) || Object.hasOwn(idleParameters, name);
    if (isKnown) section.values[`${rsyncMark}${name}`] = value;
    else this.#warnings.set(name, configError(at, `"${toText(name)}" is no parameter`).message);
  }

  #refuseOrWarn(name: string, at: ConfigPlace): void {
    const refused = ownValue(refusedParameters, name);
    if (refused !== undefined) throw configError(at, `"${name}" does not work here: ${refused}`);
    const idle = ownValue(idleParameters, name);
    if (idle === undefined) throw configError(at, `"${toText(name)}" is no parameter`);
    const says = `"${name}" has no effect: ${idle}`;
    if (!this.#warnings.has(name)) this.#warnings.set(name, configError(at, says).message);
  }
}

/** Ahead of the names of rsync's own parameters among values. */
const rsyncMark = "rsync:";

function copyOf({ values, filters }: Section): Section {
  return { values: { ...values }, filters: [...filters] };
}

/** Looks a name from outside up in a table; what every object has counts as nothing. */
function ownValue<Value>(table: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function readValue(
  type: { readonly expects: string; read(value: ByteString): unknown },
  name: string,
  value: ByteString,
  at: ConfigPlace,
): unknown {
  const read = type.read(value);
  if (read !== undefined) return read;
  throw configError(at, `"${name}" is ${type.expects}, not "${toText(value)}"`);
}

function checkAddresses(words: readonly string[], at: ConfigPlace): void {
  const list = parseAddressList(words);
  if (typeof list === "function") return;
  throw configError(at, `"${list.bad}" is no address and no network; names are not looked up`);
}

function settingsOf(values: GlobalValues, defaults: Section["values"]): DaemonSettings {
  const { "allowed keys": allowedKeys } = defaults as ModuleValues;
  return {
    allowedKeys: allowedKeys === "*" ? undefined : allowedKeys,
    port: values.port,
    address: values.address,
    keyFile: values["key file"],
    pidFile: values["pid file"],
    logFile: values["log file"],
    socketOptions: values["socket options"] ?? "",
    listenBacklog: values["listen backlog"] ?? defaultBacklog,
  };
}

function moduleOf(
  { name, at, values: raw, filters }: NamedSection,
  allowedByDefault: ByteString | undefined,
  forRsync: boolean,
): Module {
  const values = raw as ModuleValues;
  const rsync = rsyncValues(raw);
  const { path, "allowed keys": allowedKeys = allowedByDefault } = values;
  if (path === undefined) throw configError(at, `[${toText(name)}] has no path`);
  if (allowedKeys === undefined) {
    const says = `[${toText(name)}] says nothing about who may use it: "allowed keys = FILE", or * for everybody`;
    throw configError(at, says);
  }
  if (values["read only"] && values["write only"]) {
    throw configError(at, `[${toText(name)}] is read only and write only`);
  }
  return {
    name,
    // What stands ahead of the dot is where rsync would take root.
    path: path.replace("/./", "/"),
    comment: values.comment ?? "",
    readOnly: values["read only"] ?? !values["write only"],
    writeOnly: values["write only"] ?? false,
    isListed: values.list ?? true,
    uid: values.uid,
    gids: values.gid ?? [],
    maxConnections: values["max connections"] ?? 0,
    timeoutMs: (values.timeout ?? 0) * 1000,
    allowedKeys,
    hostsAllow: values["hosts allow"],
    hostsDeny: values["hosts deny"],
    filters: Object.freeze(filters),
    hidesByName: forRsync,
    followsOut: isYes(rsync["insecure links"]),
    mungeSymlinks: values["munge symlinks"] ?? (isRootOfChroot(path, rsync) ? false : undefined),
    numericIds: values["numeric ids"],
    fakeSuper: values["fake super"] ?? false,
    ignoreErrors: values["ignore errors"] ?? false,
    incomingChmod: values["incoming chmod"] ?? "",
    refuseOptions: values["refuse options"] ?? [],
    tempDir: values["temp dir"] ?? "",
    rsync,
  };
}

/** rsync stores links as they are where the module is all that there is: its operator says so, and relies on it. */
function isRootOfChroot(path: ByteString, rsync: Module["rsync"]): boolean {
  return isYes(rsync["use chroot"]) && !path.includes("/./");
}

function isYes(value: ByteString | undefined): boolean {
  return value !== undefined && moduleParameters.list.read(value) === true;
}

/** Says whether a client's address may use a module: as rsync, what is allowed is looked at first. */
export function mayComeFrom(
  { hostsAllow, hostsDeny }: Pick<Module, "hostsAllow" | "hostsDeny">,
  address: string,
): boolean {
  const isIn = (words: readonly string[]): boolean => {
    const list = parseAddressList(words);
    if (typeof list === "function") return list(address);
    throw new ManifoldError("usage", `${list.bad} is no address`);
  };
  if (hostsAllow !== undefined && isIn(hostsAllow)) return true;
  if (hostsDeny !== undefined) return !isIn(hostsDeny);
  return hostsAllow === undefined;
}

function rsyncValues(raw: Section["values"]): Readonly<Record<string, ByteString>> {
  const own: Record<string, ByteString> = {};
  for (const [name, value] of Object.entries(raw)) {
    if (name.startsWith(rsyncMark)) own[name.slice(rsyncMark.length)] = String(value);
  }
  return own;
}
