// Arguments that name something in a module of a daemon.

import { type ByteString, ManifoldError } from "../../base/index.ts";
import type { FarPlaces } from "../run-options.ts";
import type { RemotePlace } from "../values/host.ts";

/** A place in a module. */
interface ModulePlace {
  readonly module: ByteString;
  /** "." is the module's root. */
  readonly path: ByteString;
}

/** Takes "module/path" apart. */
function modulePlace({ path }: RemotePlace): ModulePlace {
  const slash = path.indexOf("/");
  if (slash < 0) return { module: path, path: "." };
  return { module: path.slice(0, slash), path: path.slice(slash + 1) || "." };
}

/** Returns the run's far end, all of whose arguments are in one module of one daemon. Throws a usage error. */
export function daemonPlaces(
  role: FarPlaces["role"],
  places: readonly RemotePlace[],
  program: ByteString | undefined,
): Omit<FarPlaces, "list"> {
  const [first] = places;
  if (first === undefined || first.kind === "shell" || first.kind === "web") {
    throw new ManifoldError("usage", "This is no place on a daemon.");
  }
  const { kind, host, port } = first;
  const inside = places.map(modulePlace);
  const module = inside[0]?.module ?? "";
  const isOne = places.every(
    (place, i) => place.kind === kind && place.port === port && inside[i]?.module === module,
  );
  if (!isOne) throw new ManifoldError("usage", "All source args must come from the same module.");
  if (module === "" && (role === "target" || inside.some(({ path }) => path !== "."))) {
    throw new ManifoldError("usage", "The remote path must start with a module name not a /");
  }
  const paths = inside.map(({ path }) => path);
  return { role, kind, host, port, module, paths, ...(program && { program }) };
}
