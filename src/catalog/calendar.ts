// Dates as servers write them, to seconds since 1970. Pure arithmetic: no time zone of this machine
// comes into it.

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const daySeconds = 86_400;

/** Parts of a date; the month begins at 1. */
export interface DateParts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour?: number;
  readonly minute?: number;
  readonly second?: number;
}

/** Returns the number of a month by its first three letters or its digits, 0 for anything else. */
export function monthNumber(word: string): number {
  if (/^\d{1,2}$/.test(word)) return Number(word) <= 12 ? Number(word) : 0;
  return months.indexOf(word.slice(0, 3).toLowerCase()) + 1;
}

/** Returns seconds since 1970 (UTC) in the Gregorian calendar, or undefined when there is no such date. */
export function utcSeconds(parts: DateParts): number | undefined {
  const { year, month, day, hour = 0, minute = 0, second = 0 } = parts;
  const isDate = month >= 1 && month <= 12 && day >= 1 && day <= daysOf(year, month);
  if (!isDate || hour > 23 || minute > 59 || second > 60) return undefined;
  return daysBefore(year, month, day) * daySeconds + hour * 3600 + minute * 60 + second;
}

/** Returns the year in which a moment lies. */
export function yearOf(seconds: number): number {
  const year = 1970 + Math.floor(seconds / (365.2425 * daySeconds));
  const next = daysBefore(year + 1, 1, 1) * daySeconds;
  if (seconds >= next) return year + 1;
  return seconds < daysBefore(year, 1, 1) * daySeconds ? year - 1 : year;
}

/** Returns the date and time (UTC) of a moment: the inverse of utcSeconds. */
export function dateOf(seconds: number): Required<DateParts> {
  const days = Math.floor(seconds / daySeconds);
  const rest = Math.floor(seconds - days * daySeconds);
  const year = yearOf(seconds);
  let month = 12;
  while (daysBefore(year, month, 1) > days) month--;
  return {
    year,
    month,
    day: days - daysBefore(year, month, 1) + 1,
    hour: Math.floor(rest / 3600),
    minute: Math.floor(rest / 60) % 60,
    second: rest % 60,
  };
}

/** Parses the three forms of HTTP's dates (RFC 9110, 5.6.7) and RFC 5322's with a numeric zone. */
export function parseHttpDate(text: string): number | undefined {
  const modern =
    /(\d{1,2})[ -]([A-Za-z]{3})[ -](\d{4}|\d{2}) (\d\d):(\d\d):(\d\d)(?: ([+-]\d{4}))?/.exec(text);
  if (modern !== null) {
    const [, day, month = "", year, hour, minute, second, zone] = modern;
    const seconds = utcSeconds({
      year: fullYear(Number(year)),
      month: monthNumber(month),
      day: Number(day),
      hour: Number(hour),
      minute: Number(minute),
      second: Number(second),
    });
    return seconds === undefined ? undefined : seconds - zoneSeconds(zone);
  }
  const ancient = /([A-Za-z]{3}) +(\d{1,2}) (\d\d):(\d\d):(\d\d) (\d{4})/.exec(text);
  if (ancient === null) return undefined;
  const [, month = "", day, hour, minute, second, year] = ancient;
  return utcSeconds({
    year: Number(year),
    month: monthNumber(month),
    day: Number(day),
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second),
  });
}

/** Returns a moment of the years 1970 to 9999 in the form that HTTP prefers, to the second: the inverse of parseHttpDate. */
export function formatHttpDate(seconds: number): string {
  const { year, month, day, hour, minute, second } = dateOf(seconds);
  const two = (number: number): string => `${number}`.padStart(2, "0");
  // 1970 began on a Thursday.
  const weekday = weekdays[(Math.floor(seconds / daySeconds) + 4) % 7] as string;
  const name = months[month - 1] as string;
  const written = `${two(day)} ${name.slice(0, 1).toUpperCase()}${name.slice(1)} ${year}`;
  return `${weekday}, ${written} ${two(hour)}:${two(minute)}:${two(second)} GMT`;
}

/** Parses RFC 3339: "2026-11-27T13:22:00.5Z"; seconds and nanoseconds. */
export function parseIsoTime(text: string): { seconds: number; nanos: number } | undefined {
  const found =
    /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9})\d*)? ?(Z|[+-]\d\d:?\d\d)$/.exec(
      text,
    );
  if (found === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction = "", zone = ""] = found;
  const seconds = utcSeconds({
    year: Number(year),
    month: Number(month),
    day: Number(day),
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second),
  });
  if (seconds === undefined) return undefined;
  return { seconds: seconds - zoneSeconds(zone), nanos: Number(fraction.padEnd(9, "0")) };
}

/** Seconds that "+0130" or "-05:00" is ahead of UTC; 0 for everything else. */
function zoneSeconds(zone: string | undefined): number {
  const found = /^([+-])(\d\d):?(\d\d)$/.exec(zone ?? "");
  if (found === null) return 0;
  const seconds = Number(found[2]) * 3600 + Number(found[3]) * 60;
  return found[1] === "-" ? -seconds : seconds;
}

/** RFC 850's two digits: what is more than 50 years ahead was meant to be in the past. */
function fullYear(year: number): number {
  if (year >= 100) return year;
  return year < 70 ? 2000 + year : 1900 + year;
}

function daysOf(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** Days from 1970-01-01 to a date (H. Hinnant, "chrono-compatible low-level date algorithms", days_from_civil). */
function daysBefore(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}
