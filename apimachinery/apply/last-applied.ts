// The meeting of kubectl's client-side apply with server-side apply: the annotation says what the user applied before.
// https://kubernetes.io/docs/reference/using-api/server-side-apply/#upgrading-from-client-side-apply-to-server-side-apply

import { isObject } from "../meta/own-members.ts";
import type { Json, JsonObject, KubeObject } from "../meta/types.ts";
import { goJson } from "../patch/go-format.ts";
import { differenceOfNodes, type FieldNode } from "./sets/field-node.ts";
import { isNestedBeyond } from "./sets/path-element.ts";
import { compareValues, IncomparableItem } from "./typed/compare.ts";
import { MAX_LEVELS, type MergeType } from "./typed/merge-type.ts";
import { setOfValue } from "./typed/to-field-set.ts";
import { typeProblem } from "./typed/typed-validation.ts";

export const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";
/** Only this field manager takes over from client-side apply. */
export const KUBECTL = "kubectl";
/** metadata.annotations may hold so many bytes in all. */
const MAX_ANNOTATION_BYTES = 256 * 1024;

/** The annotation of an object; undefined when it has none or an empty one. */
export function lastAppliedText(object: KubeObject): string | undefined {
  const text: unknown = object.metadata.annotations?.[LAST_APPLIED];
  return typeof text === "string" && text !== "" ? text : undefined;
}

/**
 * The fields of the last client-side apply that still have the value applied then: kubectl may take them over without a
 * conflict. Undefined when the annotation is missing or cannot be used.
 */
export function fieldsLastApplied(live: KubeObject, apiVersion: string, type: MergeType): FieldNode | undefined {
  const text = lastAppliedText(live);
  const applied = text === undefined ? undefined : parse(text);
  if (applied === undefined || applied["apiVersion"] !== apiVersion) return undefined;
  const stored = live as unknown as Json;
  if (typeProblem(applied, type, false) !== undefined || typeProblem(stored, type, false) !== undefined)
    return undefined;
  try {
    const { added, modified, removed } = compareValues(applied, stored, type);
    return [modified, added, removed].reduce(differenceOfNodes, setOfValue(applied, type));
  } catch (error) {
    if (error instanceof IncomparableItem) return undefined;
    throw error;
  }
}

function parse(text: string): JsonObject | undefined {
  try {
    const value = JSON.parse(text) as Json;
    return isObject(value) ? value : undefined;
  } catch {
    // A user may write anything into an annotation; what is no JSON allows nothing.
    return undefined;
  }
}

/**
 * The annotation for a configuration that was applied: JSON with members in order, without the annotation itself. Undefined
 * for a configuration nested more deeply than any that kubectl writes.
 */
export function lastAppliedOf(config: KubeObject): string | undefined {
  const { metadata, ...rest } = config;
  const { annotations, ...meta } = metadata;
  const { [LAST_APPLIED]: _, ...others } = annotations ?? {};
  const kept = annotations === undefined ? meta : { ...meta, annotations: others };
  const whole = { ...rest, metadata: kept } as unknown as Json;
  return isNestedBeyond(whole, MAX_LEVELS) ? undefined : `${goJson(sorted(whole))}\n`;
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key] as Json)]),
  );
}

/** The annotations with the new one, or without it when they would grow too large. */
export function withLastApplied(annotations: Record<string, string>, text: string | undefined): Record<string, string> {
  const next: Record<string, string> = { ...annotations, [LAST_APPLIED]: text ?? "" };
  const bytes = Object.entries(next).reduce((sum, [key, value]) => sum + byteLength(key) + byteLength(value), 0);
  if (text !== undefined && bytes <= MAX_ANNOTATION_BYTES) return next;
  delete next[LAST_APPLIED];
  return next;
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
