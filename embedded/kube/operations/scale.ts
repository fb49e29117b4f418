import { invalid } from "@holdfast/apimachinery/meta/field-error";
import { badRequest, failure, invalidObject } from "@holdfast/apimachinery/meta/status-error";
import type { Json, JsonObject, KubeObject } from "@holdfast/apimachinery/meta/types";
import { applyJsonPatch } from "@holdfast/apimachinery/patch/json-patch";
import { applyMergePatch } from "@holdfast/apimachinery/patch/merge-patch";
import { parseJsonStrict, parseYaml } from "@holdfast/apimachinery/schema/strict";
import type { ResourceType, ScalePaths } from "../resources/resource-type.ts";
import type { Caller, KubeContext, WriteOptions } from "./kube-context.ts";
import type { PatchType } from "./patch.ts";
import { getObject } from "./read.ts";
import { toServed } from "./served-version.ts";
import { toPatchError } from "./to-patch-error.ts";
import { updateObject } from "./update.ts";

const SCALE_KIND = { group: "autoscaling", version: "v1", kind: "Scale" };

interface ScaleInput {
  readonly type: ResourceType;
  readonly namespace: string;
  readonly name: string;
  readonly caller: Caller;
  readonly options: WriteOptions;
}

/** autoscaling/v1 Scale of an object. @throws 500 when a custom resource has no replicas, as the original does */
export function getScale(kube: KubeContext, type: ResourceType, namespace: string, name: string): KubeObject {
  return scaleOf(type, toServed(type, getObject(kube.store, type, namespace, name).object));
}

export async function putScale(
  kube: KubeContext,
  input: ScaleInput & { readonly body: Json | undefined },
): Promise<KubeObject> {
  return writeScale(kube, input, "UpdateOptions", () => structuredClone(input.body));
}

export async function patchScale(
  kube: KubeContext,
  input: ScaleInput & { readonly patchType: PatchType; readonly text: string; readonly force?: boolean },
): Promise<KubeObject> {
  const patch =
    input.patchType === "application/apply-patch+yaml"
      ? parseYaml(input.text).value
      : parseJsonStrict(input.text).value;
  return writeScale(kube, input, "PatchOptions", (scale) => {
    try {
      if (input.patchType === "application/json-patch+json") return applyJsonPatch(scale as unknown as Json, patch);
      return applyMergePatch(scale as unknown as Json, patch);
    } catch (error) {
      throw toPatchError(error);
    }
  });
}

async function writeScale(
  kube: KubeContext,
  input: ScaleInput,
  optionsKind: "UpdateOptions" | "PatchOptions",
  change: (scale: KubeObject) => Json | undefined,
): Promise<KubeObject> {
  const { type, name } = input;
  const paths = type.scale as ScalePaths;
  const written = await updateObject(kube, {
    type,
    namespace: input.namespace,
    name,
    subresource: "",
    options: input.options,
    caller: input.caller,
    optionsKind,
    managesFields: false,
    mayCreate: false,
    review: {
      subresource: "scale",
      kind: SCALE_KIND,
      view: (object) => scaleOf(type, object, true),
      merge: (view, into) => setAt(into, paths.specReplicas, replicasOf(view)),
    },
    transform: (live) => {
      const object = live as KubeObject;
      const before = scaleOf(type, object, true);
      const next = change(before);
      if (next === null || typeof next !== "object" || Array.isArray(next))
        throw badRequest("the body is not an object of kind Scale");
      const scale = next as unknown as KubeObject;
      if (scale.kind !== undefined && scale.kind !== "Scale") {
        throw badRequest(
          `Scale in version "v1" cannot be handled as a Scale: converting (${scale.apiVersion}, Kind=${scale.kind}) to (autoscaling/v1, Kind=Scale): unknown conversion`,
        );
      }
      if (scale.metadata?.name !== undefined && scale.metadata.name !== name) {
        throw badRequest(
          `the name of the object (${scale.metadata.name}) does not match the name on the URL (${name})`,
        );
      }
      const replicas = replicasOf(scale);
      if (replicas < 0 && type.definition === undefined) {
        throw invalidObject({ group: "autoscaling", resource: "Scale" }, name, [
          invalid("spec.replicas", replicas, "must be greater than or equal to 0"),
        ]);
      }
      setAt(object, paths.specReplicas, replicas);
      const { uid } = scale.metadata ?? {};
      if (uid !== undefined && uid !== "") object.metadata.uid = uid;
      const version = scale.metadata?.resourceVersion;
      if (version === undefined || version === "") delete object.metadata.resourceVersion;
      else object.metadata.resourceVersion = version;
      // A Scale names a version or none; "none" must not trip over kinds that demand one on the main endpoint.
      object.metadata.resourceVersion ??= before.metadata.resourceVersion as string;
      return object;
    },
  });
  return scaleOf(type, written.object);
}

function replicasOf(scale: KubeObject): number {
  const { replicas } = (scale["spec"] ?? {}) as { replicas?: unknown };
  if (replicas === undefined || replicas === null) return 0;
  if (typeof replicas !== "number" || !Number.isInteger(replicas) || Math.abs(replicas) > 2 ** 31) {
    throw badRequest(
      `Scale in version "v1" cannot be handled as a Scale: json: cannot unmarshal ${typeof replicas} into Go struct field ScaleSpec.spec.replicas of type int32`,
    );
  }
  return replicas;
}

/** @param mayLack - a missing number counts as 0, for writes that are about to set it */
function scaleOf(type: ResourceType, object: KubeObject, mayLack = false): KubeObject {
  const paths = type.scale as ScalePaths;
  const { metadata } = object;
  const replicas = getAt(object, paths.specReplicas);
  if (replicas === undefined && !mayLack && type.definition !== undefined) {
    throw failure(
      "InternalError",
      `Internal error occurred: the spec replicas field "${paths.specReplicas}" does not exist`,
      {
        status: { causes: [{ message: `the spec replicas field "${paths.specReplicas}" does not exist` }] },
      },
    );
  }
  const selector = paths.labelSelector === undefined ? undefined : getAt(object, paths.labelSelector);
  return {
    kind: "Scale",
    apiVersion: "autoscaling/v1",
    metadata: {
      name: metadata.name as string,
      ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
      ...(metadata.uid === undefined ? {} : { uid: metadata.uid }),
      ...(metadata.resourceVersion === undefined ? {} : { resourceVersion: metadata.resourceVersion }),
      ...(metadata.creationTimestamp === undefined ? {} : { creationTimestamp: metadata.creationTimestamp }),
    },
    spec: { ...(typeof replicas === "number" && replicas !== 0 ? { replicas } : {}) },
    status: {
      replicas: (getAt(object, paths.statusReplicas) as number | undefined) ?? 0,
      ...(selector === undefined ? {} : { selector: selectorText(selector) }),
    },
  };
}

/** A selector as text: custom resources keep text, built-in kinds a LabelSelector or a plain map. */
function selectorText(selector: unknown): string {
  if (typeof selector === "string") return selector;
  const object = (selector ?? {}) as {
    matchLabels?: Record<string, string>;
    matchExpressions?: { key: string; operator: string; values?: string[] }[];
  };
  const isLabelSelector = "matchLabels" in object || "matchExpressions" in object;
  const labels = isLabelSelector ? (object.matchLabels ?? {}) : (selector as Record<string, string>);
  const parts: [string, string][] = Object.entries(labels).map(([k, v]) => [k, `${k}=${v}`]);
  for (const { key, operator, values } of isLabelSelector ? (object.matchExpressions ?? []) : []) {
    const list = [...(values ?? [])].sort().join(",");
    const text: string =
      operator === "In"
        ? `${key} in (${list})`
        : operator === "NotIn"
          ? `${key} notin (${list})`
          : operator === "Exists"
            ? key
            : `!${key}`;
    parts.push([key, text]);
  }
  return parts
    .sort((a, b) => (a[0] < b[0] ? -1 : 1))
    .map((p) => p[1])
    .join(",");
}

function getAt(object: KubeObject, path: string): unknown {
  let value: unknown = object;
  for (const part of path.split(".").filter((p) => p !== "")) {
    if (value === null || typeof value !== "object" || !Object.hasOwn(value, part)) return undefined;
    value = (value as JsonObject)[part];
  }
  return value;
}

function setAt(object: KubeObject, path: string, to: number): void {
  const parts = path.split(".").filter((p) => p !== "");
  const last = parts.pop() as string;
  let value = object as unknown as Record<string, unknown>;
  for (const part of parts) {
    if (!Object.hasOwn(value, part) || value[part] === null || typeof value[part] !== "object") value[part] = {};
    value = value[part] as Record<string, unknown>;
  }
  value[last] = to;
}
