// Pruning: what a structural schema does not declare is not stored.
// Kubernetes documentation, "Extend the Kubernetes API with CustomResourceDefinitions", section "Field pruning".

import { isObject } from "../meta/own-members.ts";
import type { Json, JsonObject } from "../meta/types.ts";
import { assertDepth } from "./depth-limit.ts";
import type { JsonSchema } from "./json-schema.ts";

export interface PruneOptions {
  /** The value is a whole resource: apiVersion, kind and metadata stay. Default false. */
  readonly isResourceRoot?: boolean;
  /** Receives the path of every dropped field (`spec.a.b`, `spec.list[0].x`), sorted. Without it no path is built. */
  readonly unknown?: string[];
}

/** Removes, in place, every field that `schema` does not declare. Allocates nothing where nothing is dropped. */
export function pruneObject(value: JsonObject, schema: JsonSchema, options: PruneOptions = {}): void {
  const mode = modeOf(schema, false, options.isResourceRoot === true);
  if (options.unknown === undefined) {
    prune(value, schema, new Walk(undefined), mode);
    return;
  }
  const found: string[] = [];
  prune(value, schema, new Walk(found), mode);
  options.unknown.push(...found.sort());
}

/** Where the walk stands. Segments are kept only when somebody wants to know what is dropped. */
class Walk {
  readonly found: string[] | undefined;
  readonly #segments: (string | number)[] = [];
  depth = 0;

  constructor(found: string[] | undefined) {
    this.found = found;
  }

  enter(segment: string | number): void {
    assertDepth(++this.depth);
    if (this.found !== undefined) this.#segments.push(segment);
  }

  leave(): void {
    this.depth--;
    if (this.found !== undefined) this.#segments.pop();
  }

  record(key: string): void {
    if (this.found === undefined) return;
    let path = "";
    for (const segment of this.#segments) {
      path += typeof segment === "number" ? `[${segment}]` : path === "" ? segment : `.${segment}`;
    }
    this.found.push(path === "" ? key : `${path}.${key}`);
  }
}

function isMetaField(key: string): boolean {
  return key === "metadata" || key === "kind" || key === "apiVersion";
}

/** How to treat one value: as a resource (its meta fields stay), and whether undeclared fields stay. */
interface Mode {
  readonly resource: boolean;
  readonly preserve: boolean;
}

const PLAIN: Mode = { resource: false, preserve: false };
const RESOURCE: Mode = { resource: true, preserve: false };
const PRESERVING: Mode = { resource: false, preserve: true };
const PRESERVING_RESOURCE: Mode = { resource: true, preserve: true };

function modeOf(schema: JsonSchema | undefined, inheritPreserve: boolean, isRoot = false): Mode {
  if (schema === undefined) return inheritPreserve ? PRESERVING : PLAIN;
  const resource = isRoot || schema["x-kubernetes-embedded-resource"] === true;
  const preserve = inheritPreserve || schema["x-kubernetes-preserve-unknown-fields"] === true;
  if (resource) return preserve ? PRESERVING_RESOURCE : RESOURCE;
  return preserve ? PRESERVING : PLAIN;
}

function prune(value: Json, schema: JsonSchema | undefined, walk: Walk, mode: Mode): void {
  if (typeof value !== "object" || value === null) return;
  if (schema === undefined) {
    if (!mode.preserve) dropAll(value, walk);
  } else if (Array.isArray(value)) pruneItems(value, schema.items, walk, mode.preserve);
  else pruneMembers(value, schema, walk, mode);
}

function pruneMembers(value: JsonObject, schema: JsonSchema, walk: Walk, mode: Mode): void {
  const { properties, additionalProperties } = schema;
  for (const key in value) {
    if (mode.resource && isMetaField(key)) continue;
    const property = properties !== undefined && Object.hasOwn(properties, key) ? properties[key] : undefined;
    if (property === undefined && additionalProperties === undefined) {
      if (mode.preserve) continue;
      walk.record(key);
      delete value[key];
      continue;
    }
    const member = value[key] as Json;
    if (typeof member !== "object" || member === null) continue;
    const below = property ?? (typeof additionalProperties === "object" ? additionalProperties : undefined);
    walk.enter(key);
    prune(member, below, walk, modeOf(below, false));
    walk.leave();
  }
}

/** Items of a preserving list preserve what they do not declare; members of a preserving object do not. */
function pruneItems(items: readonly Json[], schema: JsonSchema | undefined, walk: Walk, preserve: boolean): void {
  if (preserve && schema === undefined) return;
  const mode = modeOf(schema, preserve);
  for (let i = 0; i < items.length; i++) {
    const item = items[i] as Json;
    if (typeof item !== "object" || item === null) continue;
    walk.enter(i);
    prune(item, schema, walk, mode);
    walk.leave();
  }
}

/** Without a schema nothing is declared: objects end up empty, lists keep their shape. */
function dropAll(value: Json[] | JsonObject, walk: Walk): void {
  if (isObject(value)) {
    for (const key in value) {
      walk.record(key);
      delete value[key];
    }
    return;
  }
  for (let i = 0; i < value.length; i++) {
    const item = value[i] as Json;
    if (typeof item !== "object" || item === null) continue;
    walk.enter(i);
    dropAll(item, walk);
    walk.leave();
  }
}
