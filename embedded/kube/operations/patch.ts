import { applyConfiguration } from "@holdfast/apimachinery/apply/server-side-apply";
import { badRequest, failure, StatusError } from "@holdfast/apimachinery/meta/status-error";
import { apiVersionOf, type Json, type JsonObject, type KubeObject } from "@holdfast/apimachinery/meta/types";
import { applyJsonPatch } from "@holdfast/apimachinery/patch/json-patch";
import { applyMergePatch } from "@holdfast/apimachinery/patch/merge-patch";
import { applyStrategicMergePatch } from "@holdfast/apimachinery/patch/strategic-merge-patch";
import { parseJsonStrict, parseYaml } from "@holdfast/apimachinery/schema/strict";
import type { ResourceType } from "../resources/resource-type.ts";
import { type Caller, type KubeContext, timestamp, type WriteOptions, type Written } from "./kube-context.ts";
import { checkKind, judgeStrictness, settleName, settleNamespace } from "./object-checks.ts";
import { strictPatchError, toPatchError } from "./to-patch-error.ts";
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
    throw failure("Invalid", 'PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch', {
      status: {
        group: "meta.k8s.io",
        kind: "PatchOptions",
        causes: [{ reason: "FieldValueForbidden", message: "Forbidden: may not be specified for non-apply patch", field: "force" }],
      },
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
    const message = "Required value: is required for apply patch";
    throw failure("Invalid", `PatchOptions.meta.k8s.io "" is invalid: fieldManager: ${message}`, {
      status: { group: "meta.k8s.io", kind: "PatchOptions", causes: [{ reason: "FieldValueRequired", message, field: "fieldManager" }] },
    });
  }
  const parsed = parseYaml(input.text);
  return (live) => {
    const config = structuredClone(parsed.value) as unknown as KubeObject;
    const object = checkApplied(config, type);
    if (object.metadata.managedFields !== undefined && object.metadata.managedFields !== null) {
      throw badRequest("metadata.managedFields must be nil");
    }
    settleName(object, name);
    settleNamespace(object, type, namespace);
    if (live === undefined && object.metadata.uid !== undefined && object.metadata.uid !== "") {
      throw failure(
        "Conflict",
        `Operation cannot be fulfilled on ${type.plural}${type.group === "" ? "" : `.${type.group}`} "${name}": uid mismatch: the provided object specified uid ${object.metadata.uid}, and no existing object was found`,
        { status: { name, ...(type.group === "" ? {} : { group: type.group }), kind: type.plural } },
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
      now: timestamp(kube.now()),
      ...(reset === undefined ? {} : { resetFields: reset }),
    }).object;
    if (live === undefined) delete applied.metadata.resourceVersion;
    const unknown: string[] = [];
    type.behaviour.normalize(applied, unknown);
    type.behaviour.defaults(applied);
    return applied;
  };
}

function checkApplied(config: KubeObject, type: ResourceType): KubeObject {
  if (config === null || typeof config !== "object" || Array.isArray(config)) {
    throw badRequest(`error decoding YAML: json: cannot unmarshal ${Array.isArray(config) ? "array" : typeof config} into Go value of type map[string]interface {}`);
  }
  return checkKind(config, type);
}

function patchTransform(input: PatchInput): (live: KubeObject | undefined) => KubeObject {
  const { type, name, options, caller } = input;
  const parsed = parsePatch(input);
  return (live) => {
    const before = live as unknown as JsonObject;
    let patched: Json;
    try {
      patched = patchValue(input.patchType, before, parsed.value, type);
    } catch (error) {
      throw toPatchError(error);
    }
    if (patched === null || typeof patched !== "object" || Array.isArray(patched)) throw toPatchError(new TypeError("not an object"));
    const object = patched as unknown as KubeObject;
    checkPatchedIdentity(object, live as KubeObject, type, name);
    const unknown: string[] = [];
    type.behaviour.normalize(object, unknown);
    const found = { unknown, duplicates: parsed.duplicates };
    if (options.fieldValidation === "Strict" && (unknown.length > 0 || parsed.duplicates.length > 0)) throw strictPatchError(found, type, name);
    judgeStrictness(type, found, options, caller);
    type.behaviour.defaults(object);
    return object;
  };
}

function parsePatch(input: PatchInput): { value: Json; duplicates: string[] } {
  try {
    return parseJsonStrict(input.text);
  } catch (error) {
    if (error instanceof StatusError) throw error;
    throw badRequest(`error decoding patch: ${error instanceof Error ? error.message : String(error)}`);
  }
}

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

function checkPatchedIdentity(object: KubeObject, live: KubeObject, type: ResourceType, name: string): void {
  if (object.metadata === undefined || object.metadata === null) object.metadata = {};
  if (object.apiVersion !== live.apiVersion || object.kind !== live.kind) {
    if (type.definition === undefined && object.kind !== live.kind && object.apiVersion === live.apiVersion) {
      object.kind = live.kind;
      return;
    }
    throw toPatchError(new TypeError("kind"));
  }
  if (object.metadata.name !== live.metadata.name) {
    throw badRequest(`the name of the object (${object.metadata.name}) does not match the name on the URL (${name})`);
  }
}
