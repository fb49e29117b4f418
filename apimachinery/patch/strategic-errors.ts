// The refusals of a strategic merge patch, as kube-apiserver words them. Those without a reason are answered with 500 there.

import { failure, type StatusError } from "../meta/status-error.ts";
import type { Json, JsonObject } from "../meta/types.ts";
import { goPlain, goTypeName } from "./go-format.ts";
import { rejectedPatch } from "./to-status.ts";

export function missingMergeKey(item: JsonObject, mergeKey: string): StatusError {
  return failure("", `map: ${goPlain(item)} does not contain declared merge key: ${mergeKey}`);
}

export function unknownPatchType(directive: Json, object: JsonObject): StatusError {
  const word = typeof directive === "string" ? directive : `%!s(${goTypeName(directive)}=${goPlain(directive)})`;
  return failure("", `unknown patch type: ${word} in map: ${goPlain(object)}`);
}

export function badArgumentType(expected: Json, received: Json): StatusError {
  return failure("", `expected a ${typeWord(expected)}, but received a ${typeWord(received)}`);
}

function typeWord(value: Json): string {
  return value === null ? "%!s(<nil>)" : goTypeName(value);
}

export function orderMismatch(patch: Json[], order: Json[]): StatusError {
  const lists = [goPlain(patch), goPlain(order)];
  return failure("", `The order in patch list:\n${lists[0]}\n doesn't match $setElementOrder list:\n${lists[1]}\n`);
}

export function unlikeItems(lists: readonly Json[][]): StatusError {
  return failure("", `list element types are not identical: ${goPlain(lists as Json)}`);
}

export function unknownField(key: string): StatusError {
  return failure("", `unable to find api field in struct for the json field ${JSON.stringify(key)}`);
}

export function badList(what: "primitive list" | "retainKeys" | "setElementOrder list"): StatusError {
  return failure("BadRequest", `invalid patch format of ${what}`);
}

export function nestedLists(): StatusError {
  return rejectedPatch();
}

export function plain(message: string): StatusError {
  return failure("", message);
}

/** 413 for a patch that is nested more deeply than any built-in type. */
export function tooDeep(): StatusError {
  return failure("RequestEntityTooLarge", "Request entity too large: the patch is nested too deeply");
}
