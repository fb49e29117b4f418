import { updateManagedFields } from "@holdfast/apimachinery/apply/managed-fields";
import { managerFromUserAgent } from "@holdfast/apimachinery/apply/manager-name";
import { apiVersionOf, type KubeObject } from "@holdfast/apimachinery/meta/types";
import type { AdmissionAttributes } from "../admission/admission.ts";
import type { ResourceType } from "../resources/resource-type.ts";
import { type Caller, type KubeContext, timestamp, type WriteOptions } from "./kube-context.ts";

export interface NewObject {
  readonly type: ResourceType;
  /** "" for cluster-scoped resources. */
  readonly namespace: string;
  readonly options: WriteOptions;
  readonly caller: Caller;
}

/** Puts on record that the sender owns every field of a new object, in metadata.managedFields. */
export function ownNewFields(
  kube: KubeContext,
  { type, options, caller }: NewObject,
  object: KubeObject,
  subresource = "",
): void {
  const managed = updateManagedFields({
    live: undefined,
    next: object,
    manager: options.fieldManager === "" ? managerFromUserAgent(caller.userAgent) : options.fieldManager,
    ...(subresource === "" ? {} : { subresource }),
    apiVersion: apiVersionOf(type),
    schema: type.schema,
    ...(type.empty === undefined ? {} : { empty: type.empty }),
    ...(type.versions === undefined ? {} : { versions: type.versions }),
    now: timestamp(kube.now()),
    ...(type.resetFields.main === undefined ? {} : { resetFields: type.resetFields.main }),
  });
  if (managed.length > 0) object.metadata.managedFields = managed;
  else delete object.metadata.managedFields;
}

/** What admission is asked about a new object. */
export function creationOf({ type, namespace, options, caller }: NewObject, object: KubeObject): AdmissionAttributes {
  return {
    operation: "CREATE",
    type,
    subresource: "",
    namespace,
    name: object.metadata.name ?? "",
    object,
    oldObject: undefined,
    options: { kind: "CreateOptions", apiVersion: "meta.k8s.io/v1", ...optionFields(options) },
    dryRun: options.dryRun,
    user: caller.user,
    warn: caller.warn,
  };
}

/** Options as admission shows them: only what was set. */
export function optionFields(options: WriteOptions): Record<string, unknown> {
  return {
    ...(options.dryRun ? { dryRun: ["All"] } : {}),
    ...(options.fieldManager === "" ? {} : { fieldManager: options.fieldManager }),
    ...(options.fieldValidation === "Warn" ? {} : { fieldValidation: options.fieldValidation }),
  };
}
