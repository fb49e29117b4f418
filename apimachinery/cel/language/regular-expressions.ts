// Regular expressions in expressions: RE2, run in linear time, compiled once.

import { RE2JS } from "re2js";
import { MAX_PATTERN_LENGTH } from "../../schema/pattern.ts";
import { type CelError, celError } from "./cel-values.ts";
import type { Meter } from "./function-table.ts";

const MAX_CACHED = 1_000;
const cache = new Map<string, RE2JS | CelError>();

/**
 * A compiled pattern or the complaint of RE2. The latest 1,000 are kept.
 *
 * @param meter - charged for compiling, which takes far longer than the length of a pattern tells: `(\p{L}{30}){30}`
 */
export function compileRegex(source: string, meter?: Meter): RE2JS | CelError {
  let found = cache.get(source);
  if (found === undefined) {
    meter?.work(5_000 + 50 * source.length + 400 * repetitions(source));
    found = compile(source);
    if (cache.size >= MAX_CACHED) cache.delete(cache.keys().next().value as string);
    cache.set(source, found);
  }
  return found;
}

/** How often the parts of a pattern are repeated by counts, at most: RE2 takes no more than 1,000. */
function repetitions(source: string): number {
  let product = 1;
  for (const [, least = "0", most = ""] of source.matchAll(/\{(\d{1,4})(?:,(\d{1,4}))?/g)) {
    product *= Math.max(Number(least), Number(most), 1);
    if (product >= 1_000) return 1_000;
  }
  return product;
}

function compile(source: string): RE2JS | CelError {
  if (source.length > MAX_PATTERN_LENGTH) return celError("error parsing regexp: expression too large");
  try {
    return RE2JS.compile(source);
  } catch (error) {
    return celError(error instanceof Error ? error.message : String(error));
  }
}

export function matchesPattern(text: string, pattern: string, _c: never, _d: never, meter: Meter): boolean | CelError {
  const regex = compileRegex(pattern, meter);
  return regex instanceof RE2JS ? regex.test(text) : regex;
}
