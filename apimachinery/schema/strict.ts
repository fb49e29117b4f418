// Request bodies in JSON and YAML -> values, with the keys that are set twice. What a client sees of malformed bodies is
// worded as Go's decoders word it.

import type { Json } from "../meta/types.ts";
import { findJsonDuplicates } from "./body/json-duplicates.ts";
import { describeJsonError } from "./body/json-syntax-error.ts";
import { readYaml } from "./body/yaml-reader.ts";
import { SCHEMA_ERRORS } from "./depth-limit.ts";

/** A body and its repeated keys, each in the words of a warning: `duplicate field "spec.n"`. At most 100. */
export interface StrictBody {
  readonly value: Json;
  readonly duplicates: string[];
}

/** Nesting that no body may exceed. */
export const MAX_BODY_DEPTH = 10_000;

/**
 * Parses JSON; where a key is repeated the last value holds.
 *
 * @throws SCHEMA_BODY_INVALID for text that is not JSON or is nested deeper than 10,000 levels.
 */
export function parseJsonStrict(text: string): StrictBody {
  const colons = countColons(text);
  if (colons < 0)
    throw SCHEMA_ERRORS.create("SCHEMA_BODY_INVALID", { reason: describeJsonError(text, MAX_BODY_DEPTH) });
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (cause) {
    const reason = describeJsonError(text, MAX_BODY_DEPTH);
    throw SCHEMA_ERRORS.create("SCHEMA_BODY_INVALID", { reason }, { cause });
  }
  // Every member has one colon outside of strings. If the value has as many members, no key was repeated.
  return { value, duplicates: countMembers(value) === colons ? [] : findJsonDuplicates(text) };
}

/**
 * Parses the first document of a YAML 1.1 stream, as `kubectl` reads it: `n` and `on` are booleans, `012` is ten.
 *
 * Repeated keys read `line 7: key false already set in map`. Anchors may be used, but not to multiply a document.
 *
 * @throws SCHEMA_BODY_INVALID for text that is not YAML, has keys or numbers that JSON does not know, or is too deep.
 */
export function parseYaml(text: string): StrictBody {
  return readYaml(text, MAX_BODY_DEPTH);
}

/** Colons outside of strings; -1 if the text is nested too deep. The text need not be valid. */
function countColons(text: string): number {
  let colons = 0;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case 0x22:
        i = endOfString(text, i);
        if (i < 0) return colons;
        break;
      case 0x3a:
        colons++;
        break;
      case 0x7b:
      case 0x5b:
        if (++depth > MAX_BODY_DEPTH) return -1;
        break;
      case 0x7d:
      case 0x5d:
        depth--;
        break;
      default:
    }
  }
  return colons;
}

/** Index of the quote that closes the string opened at `start`; -1 without one. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === 0x5c) backslashes++;
    if (backslashes % 2 === 0) return end;
  }
  return -1;
}

/** Members of all objects in a value. No recursion: bodies may be deeper than the stack. */
function countMembers(root: Json): number {
  let members = 0;
  const open: (Json[] | { [key: string]: Json })[] = [];
  if (typeof root === "object" && root !== null) open.push(root);
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (Array.isArray(value)) {
      for (const item of value) if (typeof item === "object" && item !== null) open.push(item);
      continue;
    }
    for (const key in value) {
      members++;
      const member = value[key] as Json;
      if (typeof member === "object" && member !== null) open.push(member);
    }
  }
  return members;
}
