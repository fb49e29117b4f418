// metav1.MicroTime: RFC 3339 with exactly six decimals, kept in UTC.
import { goQuote } from "../../../meta/field-error.ts";
import { type GoTime, parseGoTime } from "../../../schema/go-time.ts";

const LAYOUT = "2006-01-02T15:04:05.000000Z07:00";
const MICRO = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(.*)$/s;

/** Parses a time with microseconds; `2024-01-02T03:04:05.000001+02:00` becomes `2024-01-02T01:04:05.000001Z`. */
export function parseMicroTime(value: string): GoTime {
  const match = MICRO.exec(value);
  if (match === null) {
    const plain = parseGoTime(value);
    return "error" in plain ? { error: plain.error.replace('"2006-01-02T15:04:05Z07:00"', `"${LAYOUT}"`) } : plain;
  }
  const [, seconds = "", rest = ""] = match;
  const fraction = /^\.\d{6}/.exec(rest)?.[0];
  if (fraction === undefined) return complaint(value, rest, ".000000");
  const zone = rest.slice(7);
  if (!/^(?:Z|[+-]\d{2}:\d{2})/.test(zone)) return complaint(value, zone, "Z07:00");
  const whole = parseGoTime(`${seconds}${zone}`);
  if ("error" in whole) return { error: whole.error.replace(goQuote(`${seconds}${zone}`), goQuote(value)) };
  return { text: `${whole.text.slice(0, -1)}${fraction}Z` };
}

function complaint(value: string, rest: string, part: string): GoTime {
  return {
    error: `parsing time ${goQuote(value)} as ${goQuote(LAYOUT)}: cannot parse ${goQuote(rest)} as ${goQuote(part)}`,
  };
}
