// find and findAll: https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-regex-library

import { RE2JS } from "re2js";
import { INT, LIST_OF_STRING, STRING } from "../language/cel-types.ts";
import { ArrayList, type CelError } from "../language/cel-values.ts";
import { type Meter, member, type Overload } from "../language/function-table.ts";
import { compileRegex } from "../language/regular-expressions.ts";

function find(text: string, pattern: string, _c: never, _d: never, meter: Meter): string | CelError {
  const regex = compileRegex(pattern, meter);
  if (!(regex instanceof RE2JS)) return regex;
  const matcher = regex.matcher(text);
  return matcher.find() ? (matcher.group() ?? "") : "";
}

function findAll(text: string, pattern: string, limit: bigint, meter: Meter): ArrayList | CelError {
  const regex = compileRegex(pattern, meter);
  if (!(regex instanceof RE2JS)) return regex;
  const found: string[] = [];
  const matcher = regex.matcher(text);
  while ((limit < 0n || BigInt(found.length) < limit) && matcher.find()) {
    meter.work(20);
    found.push(matcher.group() ?? "");
  }
  return new ArrayList(found);
}

export const REGEX_LIBRARY: Readonly<Record<string, readonly Overload[]>> = {
  find: [member("string_find_string", [STRING, STRING], STRING, find)],
  findAll: [
    member("string_find_all_string", [STRING, STRING], LIST_OF_STRING, (a: string, b: string, _c, _d, m) =>
      findAll(a, b, -1n, m),
    ),
    member(
      "string_find_all_string_int",
      [STRING, STRING, INT],
      LIST_OF_STRING,
      (a: string, b: string, c: bigint, _d, m) => findAll(a, b, c, m),
    ),
  ],
};
