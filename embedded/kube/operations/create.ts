import { updateManagedFields } from "@holdfast/apimachinery/apply/managed-fields";
import { managerFromUserAgent } from "@holdfast/apimachinery/apply/manager-name";
import { alreadyExists, failure, forbiddenObject } from "@holdfast/apimachinery/meta/status-error";
import { apiVersionOf, type KubeObject } from "@holdfast/apimachinery/meta/types";
import { validateObjectMeta } from "@holdfast/apimachinery/schema/object-meta";
import type { AdmissionAttributes } from "../admission/admission.ts";
import type { Decoded } from "../http/decode-body.ts";
import { isStorageForm, type ResourceType, storeKey } from "../resources/resource-type.ts";
import type { Stored } from "../store/stored.ts";
import { type Caller, type KubeContext, timestamp, type WriteOptions, type Written } from "./kube-context.ts";
import { checkKind, dropRepeatedOwners, judgeStrictness, refuseInvalid, settleNamespace } from "./object-checks.ts";
import { toServed, toStorage } from "./served-version.ts";

export interface CreateInput {
  readonly type: ResourceType;
  readonly namespace: string;
  readonly body: Decoded;
  readonly options: WriteOptions;
  readonly caller: Caller;
}

const GENERATE_ATTEMPTS = 8;

/** POST of a new object: decode, default, admit, validate, store. */
export async function createObject(kube: KubeContext, input: CreateInput): Promise<Written> {
  const { type, namespace, options, caller } = input;
  const object = checkKind(input.body.value, type, input.body.summary);
  if (
    object.metadata.resourceVersion !== undefined &&
    object.metadata.resourceVersion !== "" &&
    object.metadata.resourceVersion !== "0"
  ) {
    throw failure("", "resourceVersion should not be set on objects to be created", { code: 500 });
  }
  if (type.terminating === true) {
    const why = "create not allowed while custom resource definition is terminating";
    throw forbiddenObject({ group: type.group, resource: type.plural }, object.metadata.name ?? "", why);
  }
  settleNamespace(object, type, namespace);
  const unknown: string[] = [];
  type.behaviour.normalize(object, unknown);
  judgeStrictness(type, { unknown, duplicates: input.body.duplicates }, options, caller);
  type.behaviour.defaults(object);
  clearSystemFields(object);
  dropRepeatedOwners(object);
  const manager = options.fieldManager === "" ? managerFromUserAgent(caller.userAgent) : options.fieldManager;
  const managed = updateManagedFields({
    live: undefined,
    next: object,
    manager,
    apiVersion: apiVersionOf(type),
    schema: type.schema,
    ...(type.empty === undefined ? {} : { empty: type.empty }),
    ...(type.versions === undefined ? {} : { versions: type.versions }),
    now: timestamp(kube.now()),
    ...(type.resetFields.main === undefined ? {} : { resetFields: type.resetFields.main }),
  });
  if (managed.length > 0) object.metadata.managedFields = managed;
  else delete object.metadata.managedFields;
  return admitAndStore(kube, input, object);
}

/** The second half of a create: also where an apply or a PUT of a missing object ends. `object` is complete but for system fields. */
export async function admitAndStore(
  kube: KubeContext,
  input: Omit<CreateInput, "body">,
  object: KubeObject,
): Promise<Written> {
  const { type, namespace, options, caller } = input;
  const attributes: AdmissionAttributes = {
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
  await kube.admission.mutate(attributes);
  for (let attempt = 1; ; attempt++) {
    const next = finishForCreate(kube, type, namespace, attributes.object as KubeObject, attempt);
    const errors = type.behaviour.validate(next);
    if (type.behaviour.validatesMeta !== true) {
      errors.unshift(
        ...validateObjectMeta(next.metadata, { namespaced: type.namespaced, nameRule: type.nameProblems }),
      );
    }
    refuseInvalid(type, next.metadata.name ?? "", errors);
    for (const warning of type.behaviour.warnings?.(next) ?? []) caller.warn(warning);
    await kube.admission.validate({
      ...attributes,
      object: next,
      name: next.metadata.name as string,
      warn: caller.warn,
    });
    const key = storeKey(namespace, next.metadata.name as string);
    const generated = attributes.object?.metadata.name === undefined || attributes.object.metadata.name === "";
    const taken = kube.store.latest(type.bucket, key);
    if (taken === undefined) {
      const stored = toStorage(type, next);
      if (options.dryRun) return { object: toServed(type, stored), created: true };
      const committed = await kube.store.commit({ bucket: type.bucket, key, next: stored, expected: undefined });
      if (committed.ok) return written(type, committed.stored, true);
    }
    if (!generated || attempt >= GENERATE_ATTEMPTS) {
      const error = alreadyExists({ group: type.group, resource: type.plural }, next.metadata.name as string);
      if (kube.store.latest(type.bucket, key)?.object.metadata.deletionTimestamp !== undefined && !generated) {
        const refusal = `object is being deleted: ${error.message}`;
        throw failure(
          "AlreadyExists",
          refusal,
          error.status.details === undefined ? {} : { status: error.status.details },
        );
      }
      throw error;
    }
  }
}

function finishForCreate(
  kube: KubeContext,
  type: ResourceType,
  namespace: string,
  admitted: KubeObject,
  attempt: number,
): KubeObject {
  const object: KubeObject = { ...admitted, metadata: { ...admitted.metadata } };
  const { metadata } = object;
  if (type.namespaced) metadata.namespace = namespace;
  // Some kinds put their own identity into what they create.
  metadata.uid = kube.uuid();
  metadata.creationTimestamp = timestamp(kube.now());
  type.behaviour.prepareForCreate(object);
  if (metadata.name === undefined || metadata.name === "") {
    if (metadata.generateName !== undefined && metadata.generateName !== "" && attempt > 0) {
      metadata.name = metadata.generateName.slice(0, 58) + kube.randomSuffix(5);
    }
  }
  if (type.behaviour.generation) metadata.generation = 1;
  else delete metadata.generation;
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  delete metadata["selfLink" as keyof typeof metadata];
  return object;
}

function clearSystemFields(object: KubeObject): void {
  const { metadata } = object;
  delete metadata.uid;
  delete metadata.creationTimestamp;
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  delete metadata.generation;
  delete metadata.resourceVersion;
  delete metadata["selfLink" as keyof typeof metadata];
}

/** The reply to a stored object. */
export function written(type: ResourceType, stored: Stored, created: boolean): Written {
  if (isStorageForm(type)) return { object: stored.object, json: stored.json, created };
  return { object: toServed(type, stored.object), created };
}

/** Options as admission shows them: only what was set. */
export function optionFields(options: WriteOptions): Record<string, unknown> {
  return {
    ...(options.dryRun ? { dryRun: ["All"] } : {}),
    ...(options.fieldManager === "" ? {} : { fieldManager: options.fieldManager }),
    ...(options.fieldValidation === "Warn" ? {} : { fieldValidation: options.fieldValidation }),
  };
}
