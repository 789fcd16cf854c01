// Which packages hold koffi, and whether one is installed here; finding out does not load it.

import { createRequire } from "node:module";
import process from "node:process";

/**
 * koffi's binary for this platform has a package of its own, which koffi depends on. Loading that takes a third of
 * the time of loading koffi (5 ms and 15 ms), whose own part is finding it and wrapping what we do not use.
 */
export const koffiPackages = [`@koromix/koffi-linux-${process.arch}`, "koffi"];

/** Finds packages from where this program lies. */
export const requirePackage = createRequire(import.meta.url);

/** Says whether system calls can be expected to load: cheap, and seldom wrong (a sandbox may refuse later). */
export function isKoffiInstalled(): boolean {
  if (process.platform !== "linux") return false;
  return koffiPackages.some((name) => {
    try {
      requirePackage.resolve(name);
      return true;
    } catch {
      return false; // Not there, which is the answer.
    }
  });
}
