// RFC 3339 times as Go parses and prints them; metav1.Time keeps whole seconds in UTC.

import { goQuote } from "../meta/field-error.ts";

/** A time in the form the API stores, or Go's complaint. */
export type GoTime = { readonly text: string } | { readonly error: string };

const LAYOUT = "2006-01-02T15:04:05Z07:00";
const RFC3339 = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:[.,]\d+)?(Z|[+-]\d{2}:\d{2})/;
/** How much of a text each part of the layout takes, and what the complaint names. */
const PARTS: readonly (readonly [string, RegExp])[] = [
  ["2006", /^\d{4}/],
  ["-", /^-/],
  ["01", /^\d{2}/],
  ["-", /^-/],
  ["02", /^\d{2}/],
  ["T", /^T/],
  ["15", /^\d{2}/],
  [":", /^:/],
  ["04", /^\d{2}/],
  [":", /^:/],
  ["05", /^\d{2}(?:[.,]\d+)?/],
  ["Z07:00", /^(?:Z|[+-]\d{2}:\d{2})/],
];

/** Parses a time; `2024-01-02T03:04:05.9+02:00` becomes `2024-01-02T01:04:05Z`. */
export function parseGoTime(value: string): GoTime {
  const match = RFC3339.exec(value);
  if (match === null) return { error: complaint(value) };
  const [all, year, month, day, hour, minute, second, zone] = match as unknown as [string, ...string[]];
  const outOfRange =
    rangeError([month, day, hour, minute, second].map(Number), Number(year)) ?? zoneError(zone as string);
  if (outOfRange !== undefined) return { error: `parsing time ${goQuote(value)}: ${outOfRange} out of range` };
  if (all.length < value.length) {
    return { error: `parsing time ${goQuote(value)}: extra text: ${goQuote(value.slice(all.length))}` };
  }
  const stamp = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`) - offsetMs(zone as string);
  return { text: `${new Date(stamp).toISOString().slice(0, 19)}Z` };
}

function offsetMs(zone: string): number {
  if (zone === "Z") return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6));
  return (zone.startsWith("-") ? -minutes : minutes) * 60_000;
}

function zoneError(zone: string): string | undefined {
  if (zone === "Z") return undefined;
  if (Number(zone.slice(1, 3)) > 24) return "time zone offset hour";
  return Number(zone.slice(4, 6)) >= 60 ? "time zone offset minute" : undefined;
}

function rangeError(parts: readonly number[], year: number): string | undefined {
  const [month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts;
  if (month < 1 || month > 12) return "month";
  if (hour > 23) return "hour";
  if (minute > 59) return "minute";
  if (second > 59) return "second";
  const lastDay = new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
  return day < 1 || day > lastDay ? "day" : undefined;
}

function complaint(value: string): string {
  let rest = value;
  for (const [part, pattern] of PARTS) {
    const match = pattern.exec(rest);
    if (match === null) {
      return `parsing time ${goQuote(value)} as ${goQuote(LAYOUT)}: cannot parse ${goQuote(rest)} as ${goQuote(part)}`;
    }
    rest = rest.slice(match[0].length);
  }
  return `parsing time ${goQuote(value)}`;
}
