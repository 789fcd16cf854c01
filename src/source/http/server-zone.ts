// The time zone of a server whose listings have local times. Nobody says it; but a file's true time comes with the file, and
// tells by how much the list is off. Where clocks are changed in spring and autumn that is of two kinds, so one file of each half of
// the year is asked about; in the months in between nothing is known unless both halves agree.

/** Halves of the year; "between" may be either. */
type Half = "winter" | "summer" | "between";

const daySeconds = 86_400;
/** Every zone is a multiple of it away from UTC. */
const zoneStep = 900;
const zoneMax = 15 * 3600;

/** What is known so far. */
export class ServerZone {
  readonly #offsets = new Map<Half, number | undefined>();

  /** Says whether asking for the true time of an entry with this listed time would tell something new. */
  wants(listed: number): boolean {
    const half = halfOf(listed);
    return half !== "between" && !this.#offsets.has(half);
  }

  /** An entry's true time; both in seconds. `step` is the width of the listed one. */
  learn(listed: number, truth: number, step: number): void {
    const offset = Math.round((listed - truth) / zoneStep) * zoneStep;
    const isZone =
      Math.abs(offset) <= zoneMax && Math.abs(listed - truth - offset) < Math.max(step, 1);
    this.#offsets.set(halfOf(listed), isZone ? offset : undefined);
  }

  /** Returns the true time of a listed one, to within its width; undefined = unknown. */
  correct(listed: number): number | undefined {
    const half = halfOf(listed);
    const summer = this.#offsets.get("summer");
    const winter = this.#offsets.get("winter");
    const between = summer === winter ? summer : undefined;
    const offset = half === "between" ? between : this.#offsets.get(half);
    return offset === undefined ? undefined : listed - offset;
  }
}

/** Clocks change between the end of the first week of March and April, and from the end of September to early in November. */
function halfOf(seconds: number): Half {
  const day = ((seconds / daySeconds) % 365.2425) + (seconds < 0 ? 365.2425 : 0);
  if (day < 60 || day > 315) return "winter";
  return day > 105 && day < 262 ? "summer" : "between";
}
