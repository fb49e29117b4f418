// Dates, times and durations as strfmt reads them: RFC 3339 without leap seconds, and durations in Go's or in Scala's words.

const TIME_OF_DAY = /^([0-9]{2}):([0-9]{2}):([0-9]{2})(?:[^\n][0-9]+)?(?:z|[+-][0-9]{2}:[0-9]{2})$/;

/** RFC 3339 full-date of a day that exists. */
export function isDate(value: string): boolean {
  if (value.length !== 10 || !/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(value)) return false;
  const month = Number(value.slice(5, 7));
  const day = Number(value.slice(8, 10));
  return month >= 1 && month <= 12 && day >= 1 && day <= daysIn(Number(value.slice(0, 4)), month);
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** RFC 3339 date-time, `t` and `z` in either case; second 60 is refused. What follows a second `t` is not looked at. */
export function isDateTime(value: string): boolean {
  const [date = "", time] = value.toLowerCase().split("t", 2);
  if (time === undefined || !isDate(date)) return false;
  const match = TIME_OF_DAY.exec(time);
  return match !== null && Number(match[1]) <= 23 && Number(match[2]) <= 59 && Number(match[3]) <= 59;
}

const GO_UNITS: ReadonlySet<string> = new Set(["ns", "us", "µs", "μs", "ms", "s", "m", "h"]);
/** The words of a unit; the last may be longer than written here (`sec`, `second`, `seconds`). */
const WORDS: readonly (readonly string[])[] = [
  ["ns", "nano"],
  ["us", "µs", "micro"],
  ["ms", "milli"],
  ["s", "sec"],
  ["m", "min"],
  ["h", "hr", "hour"],
  ["d", "day"],
  ["w", "wk", "week"],
];

/** `1h30m`, `-5s`, `0` as Go reads them, or any text in which a number with a unit stands: `2 days`, `5 min`. */
export function isDuration(value: string): boolean {
  return isGoDuration(value) || hasWordedDuration(value);
}

const MAX_NANOSECONDS = 2 ** 63;
const NANOSECONDS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 6e10,
  h: 3.6e12,
};

function isGoDuration(value: string): boolean {
  let rest = value.replace(/^[-+]/, "");
  if (rest === "0") return true;
  if (rest === "") return false;
  let total = 0;
  const part = /^([0-9]*)(\.[0-9]*)?([^.0-9]+)/;
  while (rest !== "") {
    const match = part.exec(rest);
    if (match === null) return false;
    const [all, whole = "", fraction = "", unit = ""] = match;
    if ((whole === "" && fraction.length < 2) || !GO_UNITS.has(unit)) return false;
    total += (Number(whole) + (fraction.length > 1 ? Number(`0${fraction}`) : 0)) * (NANOSECONDS[unit] as number);
    if (total > MAX_NANOSECONDS) return false;
    rest = rest.slice(all.length);
  }
  return true;
}

/** Finds numbers followed by letters, in one pass: an expression would try every digit of a long number anew. */
function hasWordedDuration(value: string): boolean {
  let found = false;
  let i = 0;
  while (i < value.length) {
    const start = i;
    while (isDigit(value.charCodeAt(i))) i++;
    if (i === start) {
      i++;
      continue;
    }
    const number = value.slice(start, i);
    while (BLANKS.has(value.charCodeAt(i))) i++;
    const word = i;
    while (isUnitLetter(value.charCodeAt(i))) i++;
    if (i === word) continue;
    if (number.length > 400 || Number(number) >= MAX_NANOSECONDS) return false;
    const unit = value.slice(word, i).toLowerCase();
    found ||= WORDS.some((words) => words.includes(unit) || unit.startsWith(words[words.length - 1] as string));
  }
  return found;
}

const BLANKS: ReadonlySet<number> = new Set([0x09, 0x0a, 0x0c, 0x0d, 0x20]);

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** ASCII letters and the micro sign. */
function isUnitLetter(code: number): boolean {
  return (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a) || code === 0xb5;
}
