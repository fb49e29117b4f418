import { alreadyExists, failure, forbiddenObject } from "@holdfast/apimachinery/meta/status-error";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import { validateObjectMeta } from "@holdfast/apimachinery/schema/object-meta";
import type { Decoded } from "../http/decode-body.ts";
import { isStorageForm, type ResourceType, storeKey } from "../resources/resource-type.ts";
import type { Stored } from "../store/stored.ts";
import { type KubeContext, timestamp, type Written } from "./kube-context.ts";
import { creationOf, type NewObject, ownNewFields } from "./new-object.ts";
import { checkKind, dropRepeatedOwners, judgeStrictness, refuseInvalid, settleNamespace } from "./object-checks.ts";
import { toServed, toStorage } from "./served-version.ts";

export interface CreateInput extends NewObject {
  readonly body: Decoded;
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
  ownNewFields(kube, input, object);
  return admitAndStore(kube, input, object);
}

/** The second half of a create: also where an apply or a PUT of a missing object ends. `object` is complete but for system fields. */
export async function admitAndStore(kube: KubeContext, input: NewObject, object: KubeObject): Promise<Written> {
  const { type, namespace, options, caller } = input;
  const attributes = creationOf(input, object);
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
