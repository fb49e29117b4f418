import { applyConfiguration } from "@holdfast/apimachinery/apply/server-side-apply";
import { isObject, setOwn } from "@holdfast/apimachinery/meta/own-members";
import { badRequest, conflict, failure, StatusError } from "@holdfast/apimachinery/meta/status-error";
import { apiVersionOf, type Json, type JsonObject, type KubeObject } from "@holdfast/apimachinery/meta/types";
import { applyJsonPatch, unknownPatchMembers } from "@holdfast/apimachinery/patch/json-patch";
import { applyMergePatch } from "@holdfast/apimachinery/patch/merge-patch";
import { applyStrategicMergePatch } from "@holdfast/apimachinery/patch/strategic-merge-patch";
import { parseJsonStrict, parseYaml } from "@holdfast/apimachinery/schema/strict";
import { libyamlText } from "../http/libyaml-text.ts";
import type { ResourceType } from "../resources/resource-type.ts";
import { type Caller, type KubeContext, timestamp, type WriteOptions, type Written } from "./kube-context.ts";
import { checkKind, jsonWord, judgeStrictness, settleName, settleNamespace, strictnessTexts } from "./object-checks.ts";
import { optionsInvalid } from "./options-invalid.ts";
import { strictPatchError, toPatchError, unusablePatchResult } from "./to-patch-error.ts";
import { updateObject } from "./update.ts";

export const PATCH_TYPES = [
  "application/json-patch+json",
  "application/merge-patch+json",
  "application/strategic-merge-patch+json",
  "application/apply-patch+yaml",
] as const;
export type PatchType = (typeof PATCH_TYPES)[number];

export interface PatchInput {
  readonly type: ResourceType;
  readonly namespace: string;
  readonly name: string;
  readonly subresource: "" | "status";
  readonly patchType: PatchType;
  readonly text: string;
  /** Undefined when the query has no `force`. */
  readonly force: boolean | undefined;
  readonly options: WriteOptions;
  readonly caller: Caller;
}

/** PATCH of an object or its status, by any of the four media types. */
export async function patchObject(kube: KubeContext, input: PatchInput): Promise<Written> {
  const isApply = input.patchType === "application/apply-patch+yaml";
  if (!isApply && input.force !== undefined) {
    throw optionsInvalid("PatchOptions", {
      field: "force",
      reason: "FieldValueForbidden",
      message: "Forbidden: may not be specified for non-apply patch",
    });
  }
  const transform = isApply ? applyTransform(kube, input) : patchTransform(input);
  return updateObject(kube, {
    type: input.type,
    namespace: input.namespace,
    name: input.name,
    subresource: input.subresource,
    options: input.options,
    caller: input.caller,
    optionsKind: "PatchOptions",
    ...(input.force === undefined ? {} : { extraOptions: { force: input.force } }),
    transform,
    managesFields: isApply,
    mayCreate: isApply && input.subresource === "",
  });
}

function applyTransform(kube: KubeContext, input: PatchInput): (live: KubeObject | undefined) => KubeObject {
  const { type, name, namespace } = input;
  if (input.options.fieldManager === "") {
    throw optionsInvalid("PatchOptions", {
      field: "fieldManager",
      reason: "FieldValueRequired",
      message: "Required value: is required for apply patch",
    });
  }
  const parsed = parseApplied(input.text);
  return (live) => {
    const object = structuredClone(parsed) as KubeObject;
    checkApplied(object, type);
    if (object.metadata.managedFields !== undefined && object.metadata.managedFields !== null) {
      throw badRequest("metadata.managedFields must be nil");
    }
    if ((object.metadata.name ?? "") !== "") settleName(object, name);
    settleNamespace({ ...object, metadata: { ...object.metadata } }, type, namespace);
    if (live === undefined && object.metadata.uid !== undefined && object.metadata.uid !== "") {
      throw conflict(
        { group: type.group, resource: type.plural },
        name,
        `uid mismatch: the provided object specified uid ${object.metadata.uid}, and no existing object was found`,
      );
    }
    const reset = input.subresource === "status" ? type.resetFields.status : type.resetFields.main;
    const applied = applyConfiguration({
      live,
      config: object,
      manager: input.options.fieldManager,
      force: input.force === true,
      ...(input.subresource === "" ? {} : { subresource: input.subresource }),
      apiVersion: apiVersionOf(type),
      schema: type.schema,
      kind: type.kind,
      ...(type.empty === undefined ? {} : { empty: type.empty }),
      ...(type.versions === undefined ? {} : { versions: type.versions }),
      now: timestamp(kube.now()),
      ...(reset === undefined ? {} : { resetFields: reset }),
    }).object;
    applied.metadata.name ??= name;
    if (type.namespaced) applied.metadata.namespace ??= namespace;
    if (live === undefined) delete applied.metadata.resourceVersion;
    const unknown: string[] = [];
    type.behaviour.normalize(applied, unknown);
    const before = structuredClone(applied) as unknown as JsonObject;
    type.behaviour.defaults(applied);
    if (type.definition !== undefined) restoreNulls(before, applied as unknown as JsonObject);
    return applied;
  };
}

/** Defaulting drops nulls; what an apply leaves as null is for validation to judge. */
function restoreNulls(before: JsonObject, after: JsonObject): void {
  for (const key of Object.keys(before)) {
    const value = before[key];
    const kept = Object.hasOwn(after, key) ? after[key] : undefined;
    if (value === null && kept === undefined) setOwn(after, key, null);
    else if (isObject(value) && isObject(kept)) restoreNulls(value, kept);
  }
}

/** The body of an apply, JSON being YAML. @throws StatusError 400 */
function parseApplied(text: string): JsonObject {
  let value: Json;
  try {
    value = parseYaml(text).value ?? {};
  } catch (error) {
    throw badRequest(`error encoding patch: ${libyamlText(error instanceof Error ? error.message : String(error))}`);
  }
  if (typeof value === "object" && !Array.isArray(value) && value !== null) return value;
  const got = Array.isArray(value) ? "array" : jsonWord(value);
  throw badRequest(
    `error decoding patch: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${got} into Go value of type map[string]interface {}`,
  );
}

function checkApplied(config: KubeObject, type: ResourceType): void {
  const apiVersion = typeof config.apiVersion === "string" ? config.apiVersion : "";
  const kind = typeof config.kind === "string" ? config.kind : "";
  if (apiVersion !== apiVersionOf(type) || kind !== type.kind) {
    const shown = apiVersion.includes("/") ? apiVersion : `/${apiVersion}`;
    throw badRequest(`invalid object type: ${shown}, Kind=${kind}`);
  }
  checkKind(config, type);
}

function patchTransform(input: PatchInput): (live: KubeObject | undefined) => KubeObject {
  const { type, name, options, caller } = input;
  const parsed = parsePatch(input);
  const strict = options.fieldValidation === "Strict";
  return (live) => {
    let patched: Json;
    try {
      patched = patchValue(input.patchType, live as unknown as JsonObject, parsed.value, type);
    } catch (error) {
      throw toPatchError(error);
    }
    if (patched === null || typeof patched !== "object" || Array.isArray(patched))
      throw badRequest("Invalid JSON Patch");
    const shown = strict ? structuredClone(patched) : patched;
    const object = patched as unknown as KubeObject;
    checkPatchedIdentity(object, live as KubeObject, type);
    const unknown: string[] = [];
    type.behaviour.normalize(object, unknown);
    settleName(object, name);
    settleNamespace(object, type, input.namespace);
    const found = { unknown, duplicates: parsed.duplicates };
    const texts = strictnessTexts(found, true);
    if (strict && texts.length > 0) throw strictPatchError(shown, texts);
    judgeStrictness(type, found, options, caller);
    type.behaviour.defaults(object);
    return object;
  };
}

function parsePatch(input: PatchInput): { value: Json; duplicates: readonly string[] } {
  const isMerge = input.patchType !== "application/json-patch+json";
  let parsed: { value: Json; duplicates: string[] };
  try {
    parsed = parseJsonStrict(input.text);
  } catch (error) {
    if (error instanceof StatusError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw badRequest(input.patchType === STRATEGIC ? why : "invalid JSON patch");
  }
  const { value } = parsed;
  if (isMerge && value !== null && (typeof value !== "object" || Array.isArray(value))) {
    const why = `json: cannot unmarshal ${jsonWord(value)} into Go value of type map[string]interface {}`;
    throw badRequest(input.patchType === STRATEGIC ? why : `error decoding patch: ${why}`);
  }
  if (isMerge && value === null && input.patchType !== STRATEGIC) throw badRequest("Invalid JSON Patch");
  if (isMerge) return parsed;
  // An operation's surplus members are complaints of their own.
  const surplus = unknownPatchMembers(value).map((text) => `json patch ${text}`);
  return { value, duplicates: [...parsed.duplicates.map((text) => `json patch ${text}`), ...surplus] };
}

const STRATEGIC = "application/strategic-merge-patch+json";

function patchValue(patchType: PatchType, live: JsonObject, patch: Json, type: ResourceType): Json {
  switch (patchType) {
    case "application/json-patch+json":
      return applyJsonPatch(live, patch);
    case "application/strategic-merge-patch+json":
      if (type.definition !== undefined) {
        throw failure(
          "UnsupportedMediaType",
          "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml",
        );
      }
      return applyStrategicMergePatch(live, patch as JsonObject, type.schema);
    default:
      return applyMergePatch(live, patch);
  }
}

function checkPatchedIdentity(object: KubeObject, live: KubeObject, type: ResourceType): void {
  const { kind } = object;
  if (typeof kind !== "string" || kind === "") {
    throw unusablePatchResult(object as unknown as Json, (shown) => `Object 'Kind' is missing in '${shown}'`);
  }
  if (object.metadata === undefined || object.metadata === null) object.metadata = {};
  if (type.definition !== undefined) return;
  // A built-in kind reads every patch as itself.
  object.kind = live.kind;
  object.apiVersion = live.apiVersion;
}
