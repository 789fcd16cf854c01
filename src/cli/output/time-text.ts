// Dates and durations as text. Wall-clock times are local, as everywhere in rsync's output.

/** Returns "YYYY/MM/DD HH:MM:SS" of a time in seconds since 1970, in local time. */
export function timeText(seconds: number): string {
  const date = new Date(Math.floor(seconds) * 1000);
  if (Number.isNaN(date.getTime())) return "(time out of range)";
  const year = String(date.getFullYear()).padStart(4, " ");
  const day = `${year}/${two(date.getMonth() + 1)}/${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** Returns rsync's "   H:MM:SS" (hours in four columns) of a duration in seconds. */
export function clockText(seconds: number): string {
  if (seconds < 0 || seconds > 9999 * 3600) return "  ??:??:??";
  const hours = String(Math.floor(seconds / 3600)).padStart(4, " ");
  return `${hours}:${two(Math.floor(seconds / 60) % 60)}:${two(Math.floor(seconds) % 60)}`;
}

/** Returns "M:SS" or "H:MM:SS" of a duration in milliseconds. */
export function durationText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${two(seconds % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}
