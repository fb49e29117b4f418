// Timestamps and durations: reading, writing, and the parts of a time in a zone.

import { type CelError, celError, Duration, Timestamp } from "./cel-values.ts";

const SECOND = 1_000_000_000n;
/** 0001-01-01T00:00:00Z and 9999-12-31T23:59:59.999999999Z */
const MIN_NANOS = -62_135_596_800n * SECOND;
const MAX_NANOS = 253_402_300_800n * SECOND - 1n;
const RFC3339 = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:[.,](\d{1,18}))?(?:Z|([+-])(\d{2}):(\d{2}))$/;

/** An RFC 3339 time; undefined if the text is none. */
export function parseTimestamp(text: string): Timestamp | undefined {
  const match = RFC3339.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction, sign, zoneHour = "0", zoneMinute = "0"] = match;
  const parts = [year, month, day, hour, minute, second].map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const date = new Date(0);
  date.setUTCFullYear(parts[0], parts[1] - 1, parts[2]);
  if (date.getUTCMonth() !== parts[1] - 1 || date.getUTCDate() !== parts[2]) return undefined;
  if (parts[3] > 23 || parts[4] > 59 || parts[5] > 59 || Number(zoneHour) > 24 || Number(zoneMinute) > 59)
    return undefined;
  const offset = (sign === "-" ? -1 : 1) * (Number(zoneHour) * 3600 + Number(zoneMinute) * 60);
  const seconds = date.getTime() / 1000 + parts[3] * 3600 + parts[4] * 60 + parts[5] - offset;
  const nanos = BigInt((fraction ?? "").padEnd(9, "0").slice(0, 9));
  return new Timestamp(BigInt(seconds) * SECOND + nanos);
}

/** A timestamp in the range that has one, else an error. */
export function timestampOf(nanos: bigint): Timestamp | CelError {
  return nanos < MIN_NANOS || nanos > MAX_NANOS ? celError("timestamp overflow") : new Timestamp(nanos);
}

export function durationOf(nanos: bigint): Duration | CelError {
  return BigInt.asIntN(64, nanos) === nanos ? new Duration(nanos) : celError("duration overflow");
}

/** RFC 3339 in UTC, with as many digits of the fraction as it needs. */
export function showTimestamp({ nanos }: Timestamp): string {
  const seconds = floorDivide(nanos, SECOND);
  const date = new Date(Number(seconds) * 1000);
  const fraction = (nanos - seconds * SECOND).toString().padStart(9, "0").replace(/0+$/, "");
  const year = date.getUTCFullYear().toString().padStart(4, "0");
  const rest = date
    .toISOString()
    .replace(/^[+-]?\d+/, "")
    .slice(0, 15);
  return `${year}${rest}${fraction === "" ? "" : `.${fraction}`}Z`;
}

function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b < 0n ? quotient - 1n : quotient;
}

const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: SECOND,
  m: 60n * SECOND,
  h: 3600n * SECOND,
};

/** A duration as Go reads it: `1h30m`, `-1.5s`, `0`; undefined if the text is none or does not fit 64 bits. */
export function parseDuration(text: string): Duration | undefined {
  const isNegative = text.startsWith("-");
  let rest = text.replace(/^[+-]/, "");
  if (rest === "0") return new Duration(0n);
  if (rest === "" || rest.length > 200) return undefined;
  let nanos = 0n;
  const part = /^(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/;
  while (rest !== "") {
    const match = part.exec(rest);
    if (match === null) return undefined;
    const [all, whole = "", fraction = "", unit = ""] = match;
    if (whole === "" && fraction === "") return undefined;
    const scale = UNITS[unit] as bigint;
    nanos += BigInt(whole === "" ? 0 : whole) * scale;
    if (fraction !== "") nanos += (BigInt(fraction) * scale) / 10n ** BigInt(fraction.length);
    rest = rest.slice(all.length);
  }
  const signed = isNegative ? -nanos : nanos;
  return BigInt.asIntN(64, signed) === signed ? new Duration(signed) : undefined;
}

/** `5400s`, `1.5s` */
export function showDuration({ nanos }: Duration): string {
  const absolute = nanos < 0n ? -nanos : nanos;
  const fraction = (absolute % SECOND).toString().padStart(9, "0").replace(/0+$/, "");
  return `${nanos < 0n ? "-" : ""}${absolute / SECOND}${fraction === "" ? "" : `.${fraction}`}s`;
}

/** What a clock and a calendar show; the fields of {@link Date}, as if UTC were the zone. */
export function inZone(time: Timestamp, zone: string): Date | CelError {
  const millis = Number(floorDivide(time.nanos, 1_000_000n));
  const fixed = /^([+-]?)(\d{1,2}):(\d{2})$/.exec(zone);
  if (fixed !== null) {
    const minutes = Number(fixed[2]) * 60 + Number(fixed[3]);
    return new Date(millis + (fixed[1] === "-" ? -minutes : minutes) * 60_000);
  }
  if (zone === "" || zone === "UTC") return new Date(millis);
  const format = zoneFormat(zone);
  if (format === undefined) return celError(`unknown time zone ${zone}`);
  const parts = new Map(format.formatToParts(new Date(millis)).map(({ type, value }) => [type, Number(value)]));
  const get = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0;
  const shown = Date.UTC(get("year"), get("month") - 1, get("day"), get("hour") % 24, get("minute"), get("second"));
  return new Date(shown + (((millis % 1000) + 1000) % 1000));
}

const MAX_ZONES = 100;
const zoneFormats = new Map<string, Intl.DateTimeFormat | undefined>();

/** Making a format takes long, so the latest hundred are kept. */
function zoneFormat(zone: string): Intl.DateTimeFormat | undefined {
  if (zoneFormats.has(zone)) return zoneFormats.get(zone);
  let format: Intl.DateTimeFormat | undefined;
  try {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  } catch {
    format = undefined;
  }
  if (zoneFormats.size >= MAX_ZONES) zoneFormats.delete(zoneFormats.keys().next().value as string);
  zoneFormats.set(zone, format);
  return format;
}
