// Regular expressions of schemas: RE2 syntax, run in linear time, never by the JavaScript engine.

import { RE2JS } from "re2js";

/** A compiled pattern, or why it is none. */
export type Pattern = { readonly matches: (text: string) => boolean } | { readonly error: string };

/** Longer expressions are refused rather than compiled. */
export const MAX_PATTERN_LENGTH = 65_536;
const MAX_CACHED = 2_000;
const cache = new Map<string, Pattern>();

/**
 * Compiles an expression once. It matches anywhere in a text unless it is anchored.
 *
 * The most recent 2,000 expressions are kept.
 */
export function compilePattern(source: string): Pattern {
  let found = cache.get(source);
  if (found === undefined) {
    found = compile(source);
    if (cache.size >= MAX_CACHED) cache.delete(cache.keys().next().value as string);
    cache.set(source, found);
  }
  return found;
}

function compile(source: string): Pattern {
  if (source.length > MAX_PATTERN_LENGTH) return { error: "error parsing regexp: expression too large" };
  try {
    const compiled = RE2JS.compile(source);
    return { matches: (text) => compiled.test(text) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}
