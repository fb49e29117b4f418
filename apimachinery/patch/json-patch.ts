// JSON patch as the API server applies it. https://www.rfc-editor.org/rfc/rfc6902#section-4
//
// The server is laxer than the RFC: negative indices count from the end, `replace` creates a member, `add` and `replace`
// without a value mean null, `copy` of a missing member writes null, a pointer's first segment is ignored.

import type { Json, JsonObject } from "../meta/types.ts";
import { patchErrors } from "./errors.ts";
import { jsonKindName } from "./go-format.ts";
import { type Container, PatchedDocument } from "./patched-document.ts";

/** More operations in one patch are refused. */
export const MAX_OPERATIONS = 10_000;
/** The copies of one patch may add up to so many bytes of JSON. */
export const MAX_COPIED_BYTES = 3 * 1024 * 1024;

interface Operation {
  readonly op: string;
  readonly path: string | undefined;
  readonly from: string | undefined;
  /** undefined: the operation has no such member. */
  readonly value: Json | undefined;
}

/**
 * Applies `operations` in order. `document` stays as it is; the result shares with it what no operation touched.
 *
 * @param operations - the decoded body: a list of operations; null is an empty list
 * @throws {HoldfastError} of {@link patchErrors}: PATCH_BAD_DOCUMENT, PATCH_BAD_MEMBER, PATCH_TOO_MANY_OPERATIONS,
 *   PATCH_OPERATION_FAILED, PATCH_COPY_TOO_LARGE
 */
export function applyJsonPatch(document: Json, operations: unknown): Json {
  const list = readOperations(operations);
  const patched = new PatchedDocument(document);
  let copiedBytes = 0;
  for (let index = 0; index < list.length; index++) {
    const operation = list[index] as Operation;
    const outcome = applyOperation(patched, operation, MAX_COPIED_BYTES - copiedBytes);
    if (typeof outcome === "string") {
      const where = { index, op: short(operation.op), path: short(operation.path ?? ""), reason: outcome };
      throw patchErrors.create("PATCH_OPERATION_FAILED", where, { details: where });
    }
    copiedBytes += outcome;
    if (copiedBytes > MAX_COPIED_BYTES) {
      const size = { index, bytes: copiedBytes, limit: MAX_COPIED_BYTES };
      throw patchErrors.create("PATCH_COPY_TOO_LARGE", size, { details: size });
    }
  }
  return patched.root;
}

/**
 * The members the operations have and JSON patch does not know, as strict decoding names them: `unknown field "[0].why"`.
 * Only for operations that {@link applyJsonPatch} accepted.
 */
export function unknownPatchMembers(operations: unknown): string[] {
  if (!Array.isArray(operations)) return [];
  const found: string[] = [];
  operations.forEach((operation: unknown, i) => {
    if (typeof operation !== "object" || operation === null) return;
    for (const key of Object.keys(operation)) {
      if (!["op", "path", "from", "value"].includes(key)) found.push(`unknown field "[${i}].${key}"`);
    }
  });
  return found;
}

function short(text: string): string {
  return text.length <= 200 ? text : `${text.slice(0, 200)}...`;
}

function readOperations(operations: unknown): Operation[] {
  if (operations === null) return [];
  if (!Array.isArray(operations)) throw badDocument(operations, "[]handlers.jsonPatchOp");
  const list = operations.map(readOperation);
  if (list.length > MAX_OPERATIONS) {
    const size = { count: list.length, limit: MAX_OPERATIONS };
    throw patchErrors.create("PATCH_TOO_MANY_OPERATIONS", size, { details: size });
  }
  return list;
}

function badDocument(value: unknown, wanted: string): Error {
  return patchErrors.create("PATCH_BAD_DOCUMENT", { got: jsonKindName(value), wanted });
}

function readOperation(value: unknown): Operation {
  if (value === null) return { op: "", path: undefined, from: undefined, value: undefined };
  if (typeof value !== "object" || Array.isArray(value)) throw badDocument(value, "handlers.jsonPatchOp");
  const source = value as JsonObject;
  return {
    op: textMember(source, "op") ?? "",
    path: textMember(source, "path"),
    from: textMember(source, "from"),
    value: Object.hasOwn(source, "value") ? source["value"] : undefined,
  };
}

function textMember(operation: JsonObject, name: string): string | undefined {
  const value = Object.hasOwn(operation, name) ? operation[name] : undefined;
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string") return value;
  throw patchErrors.create("PATCH_BAD_MEMBER", { got: jsonKindName(value), wanted: `jsonPatchOp.${name}` });
}

/** The bytes the operation copied, or why it does not apply. */
type Outcome = number | string;

function applyOperation(document: PatchedDocument, operation: Operation, copyBudget: number): Outcome {
  if (operation.path === undefined) return "the operation has no path";
  switch (operation.op) {
    case "add":
      return place(document, operation.path, operation.value ?? null);
    case "remove":
      return remove(document, operation.path);
    case "replace":
      return replace(document, operation.path, operation.value ?? null);
    case "test":
      return test(document, operation.path, operation.value);
    case "move":
      return move(document, operation.from, operation.path);
    case "copy":
      return copy(document, operation, copyBudget);
    default:
      return "the operation is not one of add, remove, replace, move, copy, test";
  }
}

function place(document: PatchedDocument, path: string, value: Json): Outcome {
  const spot = document.locate(path, true);
  return spot === undefined ? NO_PARENT : add(document, spot, value);
}
const NO_PARENT = "there is no such path in the object";

interface Spot {
  readonly parent: Container;
  readonly key: string;
}

function add(document: PatchedDocument, { parent, key }: Spot, value: Json): Outcome {
  if (!Array.isArray(parent)) {
    document.set(parent, key, value);
    return 0;
  }
  const index = key === "-" ? parent.length : listIndex(key, parent.length + 1);
  if (typeof index === "string") return index;
  if (index > parent.length) return OUT_OF_RANGE;
  parent.splice(index, 0, value);
  return 0;
}
const OUT_OF_RANGE = "the index is beyond the list";

/** Counts a negative index from `length`. The upper bound is the caller's to check. */
function listIndex(key: string, length: number): number | string {
  if (!/^[+-]?[0-9]{1,15}$/.test(key)) return "the last part of the path is no list index";
  const index = Number(key);
  if (index >= 0) return index;
  return index < -length ? OUT_OF_RANGE : index + length;
}

function remove(document: PatchedDocument, path: string): Outcome {
  const spot = document.locate(path, true);
  return spot === undefined ? NO_PARENT : removeAt(document, spot);
}

function removeAt(document: PatchedDocument, { parent, key }: Spot): Outcome {
  if (!Array.isArray(parent)) return document.delete(parent, key) ? 0 : "there is no such member to remove";
  const index = listIndex(key, parent.length);
  if (typeof index === "string") return index;
  if (index >= parent.length) return OUT_OF_RANGE;
  parent.splice(index, 1);
  return 0;
}

function replace(document: PatchedDocument, path: string, value: Json): Outcome {
  if (path === "") {
    if (typeof value !== "object" || value === null) return "the whole can only be replaced by an object or a list";
    document.root = value;
    return 0;
  }
  const spot = document.locate(path, true);
  if (spot === undefined) return NO_PARENT;
  if (!Array.isArray(spot.parent)) {
    document.set(spot.parent, spot.key, value);
    return 0;
  }
  const index = listIndex(spot.key, spot.parent.length);
  if (typeof index === "string") return index;
  if (index >= spot.parent.length) return OUT_OF_RANGE;
  spot.parent[index] = value;
  return 0;
}

function test(document: PatchedDocument, path: string, value: Json | undefined): Outcome {
  if (path === "") return value !== undefined && document.equals(document.root, value) ? 0 : TEST_FAILED;
  const spot = document.locate(path, false);
  if (spot === undefined) return NO_PARENT;
  const found = read(document, spot);
  if (typeof found === "string") return found;
  // A missing member equals null and no value at all.
  if (found.value === undefined || found.value === null) return (value ?? null) === null ? 0 : TEST_FAILED;
  return value !== undefined && document.equals(found.value, value) ? 0 : TEST_FAILED;
}
const TEST_FAILED = "the value is another one";

/** `value: undefined` for a missing member of an object. */
function read(document: PatchedDocument, { parent, key }: Spot): { value: Json | undefined } | string {
  if (!Array.isArray(parent)) return { value: document.get(parent, key) };
  const index = listIndex(key, parent.length);
  if (typeof index === "string") return index;
  return index < parent.length ? { value: parent[index] as Json } : OUT_OF_RANGE;
}

function move(document: PatchedDocument, from: string | undefined, path: string): Outcome {
  const source = from === undefined ? undefined : document.locate(from, true);
  if (source === undefined) return NO_SOURCE;
  const found = read(document, source);
  if (typeof found === "string") return found;
  const removed = removeAt(document, source);
  return typeof removed === "string" ? removed : place(document, path, found.value ?? null);
}
const NO_SOURCE = "there is no such path to take it from";

function copy(document: PatchedDocument, operation: Operation, budget: number): Outcome {
  const source = operation.from === undefined ? undefined : document.locate(operation.from, false);
  if (source === undefined) return NO_SOURCE;
  const found = read(document, source);
  if (typeof found === "string") return found;
  const cloned = document.clone(found.value ?? null, budget);
  if (cloned.bytes > budget) return cloned.bytes;
  const placed = place(document, operation.path as string, cloned.value);
  return typeof placed === "string" ? placed : cloned.bytes;
}
