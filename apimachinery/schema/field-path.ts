// The JSON paths of selectable fields and of `fieldPath` in validation rules: `.spec.a['b.c']`, resolved in a schema.

import { getOwn } from "../meta/own-members.ts";
import type { JsonSchema } from "./json-schema.ts";

/** The schema a path leads to and its normal form; or why it leads nowhere. */
export type ResolvedPath =
  | { readonly path: string; readonly schema: JsonSchema | undefined }
  | { readonly error: string };

/**
 * Follows a path through a structural schema.
 *
 * @param allowBrackets - whether `['name']` may be used; the paths of selectable fields know dots only.
 */
export function resolveFieldPath(source: string, root: JsonSchema, allowBrackets: boolean): ResolvedPath {
  const tokens = tokenize(source);
  let path = "";
  let schema: JsonSchema | undefined = root;
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i] as string;
    if (token === "[") {
      if (!allowBrackets) return { error: "array notation is not allowed" };
      const quoted = tokens[++i];
      if (quoted === undefined) return { error: "unexpected end of JSON path" };
      if (quoted.length < 2 || !quoted.startsWith("'") || !quoted.endsWith("'")) {
        return { error: `expected single quoted string but got ${quoted}` };
      }
      const next = step(schema, quoted.slice(1, -1).replace(/\\(['\\])/g, "$1"));
      if (next === undefined) return { error: "does not refer to a valid field" };
      const close = tokens[++i];
      if (close === undefined) return { error: "unexpected end of JSON path" };
      if (close !== "]") return { error: `expected ] but got ${close}` };
      path += next.isNamed ? `${path === "" ? "" : "."}${next.name}` : `[${next.name}]`;
      schema = next.schema;
    } else if (token === ".") {
      const name = tokens[++i];
      if (name === undefined) return { error: "unexpected end of JSON path" };
      const next = step(schema, name);
      if (next === undefined) return { error: "does not refer to a valid field" };
      path += next.isNamed ? `${path === "" ? "" : "."}${next.name}` : `[${next.name}]`;
      schema = next.schema;
    } else return { error: `expected [ or . but got: ${token}` };
  }
  return { path, schema };
}

interface Step {
  readonly name: string;
  readonly isNamed: boolean;
  readonly schema: JsonSchema | undefined;
}

function step(schema: JsonSchema | undefined, name: string): Step | undefined {
  if (Object.keys(schema?.properties ?? {}).length > 0) {
    const property = getOwn(schema?.properties, name);
    return property === undefined ? undefined : { name, isNamed: true, schema: property };
  }
  const others = schema?.additionalProperties;
  if (others === undefined) return undefined;
  return { name, isNamed: false, schema: typeof others === "object" ? others : undefined };
}

/** Dots, brackets, quoted strings, and the texts between them. */
function tokenize(source: string): string[] {
  const tokens: string[] = [];
  let i = 0;
  while (i < source.length) {
    const start = i;
    const first = source[i] as string;
    i++;
    if (first === "'") {
      while (i < source.length && !(source[i] === "'" && source[i - 1] !== "\\")) i++;
      i = Math.min(i + 1, source.length);
    } else if (first !== "." && first !== "[" && first !== "]") {
      while (i < source.length && !".[]".includes(source[i] as string)) i++;
    }
    tokens.push(source.slice(start, i));
  }
  return tokens;
}
