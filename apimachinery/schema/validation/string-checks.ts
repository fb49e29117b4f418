// Lengths and patterns of strings; the first violation is the only one reported.

import type { JsonSchema } from "../json-schema.ts";
import { compilePattern } from "../pattern.ts";
import type { ValidationRun } from "./validation-run.ts";

export type StringCheck = (value: string, run: ValidationRun) => void;

/** Compiles what a schema says of strings; undefined if nothing. */
export function compileStringCheck(schema: JsonSchema): StringCheck | undefined {
  const { maxLength, minLength, pattern = "" } = schema;
  if (maxLength === undefined && minLength === undefined && pattern === "") return undefined;
  const compiled = pattern === "" ? undefined : compilePattern(pattern);
  return (value, run) => {
    if (maxLength !== undefined && value.length > maxLength && codePoints(value) > maxLength) {
      run.refuse("FieldValueTooLong", tooLong(maxLength));
    } else if (minLength !== undefined && value.length < 2 * minLength && codePoints(value) < minLength) {
      run.complain(value, `should be at least ${minLength} chars long`);
    } else if (compiled !== undefined) {
      if ("error" in compiled) {
        run.complain(value, `should match '${pattern}, but pattern is invalid: ${compiled.error}'`);
      } else if (!compiled.matches(value)) run.complain(value, `should match '${pattern}'`);
    }
  };
}

function tooLong(max: number): string {
  if (max < 0) return "value is too long";
  return `may not be more than ${max} ${max === 1 ? "byte" : "bytes"}`;
}

/** `must have at most 3 items` */
export function tooMany(max: number): string {
  if (max < 0) return "has too many items";
  return `must have at most ${max} ${max === 1 ? "item" : "items"}`;
}

/** The number of Unicode code points; half a pair counts as one. */
function codePoints(text: string): number {
  let count = text.length;
  for (let i = 0; i + 1 < text.length; i++) {
    if ((text.charCodeAt(i) & 0xfc00) === 0xd800 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) {
      count--;
      i++;
    }
  }
  return count;
}
