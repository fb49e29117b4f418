// Regular expressions in expressions: RE2, run in linear time, compiled once.

import { RE2JS } from "re2js";
import { MAX_PATTERN_LENGTH } from "../../schema/pattern.ts";
import { type CelError, celError } from "./cel-values.ts";

const MAX_CACHED = 1_000;
const cache = new Map<string, RE2JS | CelError>();

/** A compiled pattern or the complaint of RE2. The latest 1,000 are kept. */
export function compileRegex(source: string): RE2JS | CelError {
  let found = cache.get(source);
  if (found === undefined) {
    found = compile(source);
    if (cache.size >= MAX_CACHED) cache.delete(cache.keys().next().value as string);
    cache.set(source, found);
  }
  return found;
}

function compile(source: string): RE2JS | CelError {
  if (source.length > MAX_PATTERN_LENGTH) return celError("error parsing regexp: expression too large");
  try {
    return RE2JS.compile(source);
  } catch (error) {
    return celError(error instanceof Error ? error.message : String(error));
  }
}

export function matchesPattern(text: string, pattern: string): boolean | CelError {
  const regex = compileRegex(pattern);
  return regex instanceof RE2JS ? regex.test(text) : regex;
}
