import { updateManagedFields } from "@holdfast/apimachinery/apply/managed-fields";
import { managerFromUserAgent } from "@holdfast/apimachinery/apply/manager-name";
import { keepUnchangedTimes } from "@holdfast/apimachinery/apply/unchanged-times";
import { type FieldError, invalid } from "@holdfast/apimachinery/meta/field-error";
import { jsonEqual } from "@holdfast/apimachinery/meta/json-equal";
import { conflict, failure, invalidObject, MODIFIED, objectNotFound } from "@holdfast/apimachinery/meta/status-error";
import { apiVersionOf, type KubeObject } from "@holdfast/apimachinery/meta/types";
import { pathSegment } from "@holdfast/apimachinery/schema/name-rules";
import { validateObjectMeta, validateObjectMetaUpdate } from "@holdfast/apimachinery/schema/object-meta";
import type { AdmissionAttributes } from "../admission/admission.ts";
import { type ResourceType, storeKey } from "../resources/resource-type.ts";
import type { Stored } from "../store/stored.ts";
import { admitAndStore, written } from "./create.ts";
import { type Caller, type KubeContext, timestamp, type WriteOptions, type Written } from "./kube-context.ts";
import { optionFields } from "./new-object.ts";
import { checkResourceVersion, dropRepeatedOwners, refuseInvalid } from "./object-checks.ts";
import { toServed, toStorage } from "./served-version.ts";

export interface UpdateInput {
  readonly type: ResourceType;
  readonly namespace: string;
  readonly name: string;
  readonly subresource: "" | "status";
  readonly options: WriteOptions;
  readonly caller: Caller;
  readonly optionsKind: "UpdateOptions" | "PatchOptions";
  /** For admission: what the request carried beside the common options (`force`). */
  readonly extraOptions?: Readonly<Record<string, unknown>>;
  /**
   * Makes the next state from the live one (a copy that may be changed), or from nothing when the object does not exist.
   * It is called again when somebody else was faster.
   */
  readonly transform: (live: KubeObject | undefined) => Promise<KubeObject> | KubeObject;
  /** The transformation has set metadata.managedFields itself (server-side apply). */
  readonly managesFields: boolean;
  /** A missing object is created from the transformation of nothing instead of refused. */
  readonly mayCreate: boolean;
  /** Shape of the object under review where it differs (Scale). */
  readonly review?: {
    readonly subresource: string;
    readonly kind: { group: string; version: string; kind: string };
    view(object: KubeObject): KubeObject;
    /** Takes over what admission changed in the view. */
    merge(view: KubeObject, into: KubeObject): void;
  };
  /** Further complaints about the next state. */
  readonly check?: (next: KubeObject, live: KubeObject) => FieldError[];
}

const ATTEMPTS = 20;

/** PUT and PATCH: read, transform, admit, validate, compare-and-swap; again on a race unless the caller named a version. */
export async function updateObject(kube: KubeContext, input: UpdateInput): Promise<Written> {
  const { type, namespace, name } = input;
  const key = storeKey(namespace, name);
  for (let attempt = 1; ; attempt++) {
    const stored = kube.store.latest(type.bucket, key);
    if (stored === undefined) {
      if (!input.mayCreate) throw objectNotFound({ group: type.group, resource: type.plural }, name);
      const object = await input.transform(undefined);
      return admitAndStore(kube, { type, namespace, options: input.options, caller: input.caller }, object);
    }
    const outcome = await updateOnce(kube, input, stored);
    if (outcome !== "raced") return outcome;
    if (attempt >= ATTEMPTS) throw conflict({ group: type.group, resource: type.plural }, name, MODIFIED);
  }
}

async function updateOnce(kube: KubeContext, input: UpdateInput, stored: Stored): Promise<Written | "raced"> {
  const { type, name, options, caller, subresource } = input;
  const subject = { group: type.group, resource: type.plural };
  const live = toServed(type, stored.copy());
  const old = toServed(type, stored.object);
  const next = await input.transform(live);
  const { metadata } = next;
  const sentVersion = metadata.resourceVersion;
  checkResourceVersion(sentVersion);
  const versionless = sentVersion === undefined || sentVersion === "" || sentVersion === "0";
  if (input.optionsKind === "UpdateOptions") {
    const { uid } = metadata;
    if (uid !== undefined && uid !== "" && uid !== old.metadata.uid) {
      const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${old.metadata.uid}`;
      const where = `Code: 4, Key: ${registryKey(type, input.namespace, name)}, ResourceVersion: 0`;
      throw conflict(subject, name, `StorageError: invalid object, ${where}, AdditionalErrorMsg: ${why}`);
    }
  }
  if (versionless && !type.behaviour.unconditionalUpdate && input.review === undefined) {
    throw invalidObject(subject, name, [invalid("metadata.resourceVersion", 0, "must be specified for an update")]);
  }
  if (!versionless && sentVersion !== old.metadata.resourceVersion) throw conflict(subject, name, MODIFIED);
  // Ownership goes by what was sent, not by what the endpoint lets through.
  if (!input.managesFields) manageFields(kube, input, old, next);
  settleSystemFields(next, old);
  if (subresource === "status") type.behaviour.prepareForStatusUpdate(next, old);
  else type.behaviour.prepareForUpdate(next, old);
  const attributes = reviewOf(input, next, old);
  await kube.admission.mutate(attributes);
  const admitted = keepUnchangedTimes(old, takeReview(input, attributes, next));
  settleSystemFields(admitted, old);
  settleGeneration(type, admitted, old, subresource);
  const errors = [
    ...metaErrors(type, admitted, old),
    ...(subresource === "status"
      ? type.behaviour.validateStatusUpdate(admitted, old)
      : type.behaviour.validateUpdate(admitted, old)),
    ...(input.check?.(admitted, old) ?? []),
  ];
  refuseInvalid(type, name, errors);
  for (const warning of type.behaviour.warnings?.(admitted) ?? []) caller.warn(warning);
  await kube.admission.validate(reviewOf(input, admitted, old));
  const finished =
    admitted.metadata.deletionTimestamp !== undefined &&
    (admitted.metadata.finalizers ?? []).length === 0 &&
    type.behaviour.holdsDeletion?.(admitted) !== true;
  if (options.dryRun) return { object: admitted, created: false };
  const storedForm = toStorage(type, admitted);
  const key = storeKey(input.namespace, name);
  if (finished && (old.metadata.deletionGracePeriodSeconds ?? 0) === 0) {
    const committed = await kube.store.commit({
      bucket: type.bucket,
      key,
      next: undefined,
      last: stored.object,
      expected: stored,
    });
    if (!committed.ok) return "raced";
    admitted.metadata.resourceVersion = committed.stored.object.metadata.resourceVersion as string;
    return { object: admitted, created: false };
  }
  if (jsonEqual(storedForm, stored.object)) return written(type, stored, false);
  const committed = await kube.store.commit({ bucket: type.bucket, key, next: storedForm, expected: stored });
  if (committed.ok) return written(type, committed.stored, false);
  if (sentVersion !== undefined && sentVersion !== "" && input.optionsKind === "UpdateOptions")
    throw conflict(subject, name, MODIFIED);
  return "raced";
}

/** Where the original keeps an object: its refusals name the key. */
function registryKey(type: ResourceType, namespace: string, name: string): string {
  const group = type.definition === undefined ? "" : `/apiextensions.kubernetes.io/${type.group}`;
  return `/registry${group}/${type.plural}${namespace === "" ? "" : `/${namespace}`}/${name}`;
}

/** The original judges metadata as that of a new object, then as a change, and most kinds judge the change once more. */
function metaErrors(type: ResourceType, next: KubeObject, old: KubeObject): FieldError[] {
  const once = validateObjectMetaUpdate(next.metadata, old.metadata);
  return [
    ...validateObjectMeta(next.metadata, { namespaced: type.namespaced, nameRule: pathSegment }),
    ...once,
    ...(type.behaviour.validatesMeta === true ? [] : once),
  ];
}

/** What clients cannot change: identity and the marks of creation and deletion. */
function settleSystemFields(next: KubeObject, old: KubeObject): void {
  const from = old.metadata;
  const to = next.metadata;
  to.name = from.name as string;
  if (from.namespace !== undefined) to.namespace = from.namespace;
  copyOrDrop(to, from, "creationTimestamp");
  // Deletion cannot be taken back; whoever marks an object by hand is told off by validation.
  if (from.deletionTimestamp !== undefined) to.deletionTimestamp = from.deletionTimestamp;
  if (to.deletionGracePeriodSeconds === undefined) copyOrDrop(to, from, "deletionGracePeriodSeconds");
  copyOrDrop(to, from, "generation");
  dropRepeatedOwners(next);
  if (to.uid === undefined || to.uid === "") copyOrDrop(to, from, "uid");
  to.resourceVersion = from.resourceVersion as string;
  delete (to as Record<string, unknown>)["selfLink"];
}

function copyOrDrop<K extends keyof KubeObject["metadata"]>(
  to: KubeObject["metadata"],
  from: KubeObject["metadata"],
  key: K,
): void {
  if (from[key] === undefined) delete to[key];
  else to[key] = from[key];
}

function settleGeneration(type: ResourceType, next: KubeObject, old: KubeObject, subresource: string): void {
  if (!type.behaviour.generation || subresource === "status") return;
  const ignore = type.hasStatus ? ["metadata", "status", "apiVersion", "kind"] : ["metadata", "apiVersion", "kind"];
  const keys = new Set([...Object.keys(next), ...Object.keys(old)]);
  for (const key of keys) {
    if (ignore.includes(key) || jsonEqual(next[key], old[key])) continue;
    next.metadata.generation = (old.metadata.generation ?? 0) + 1;
    return;
  }
}

function manageFields(kube: KubeContext, input: UpdateInput, live: KubeObject, next: KubeObject): void {
  const { type, options, caller, subresource } = input;
  const reset = subresource === "status" ? type.resetFields.status : type.resetFields.main;
  const managed = updateManagedFields({
    live,
    next,
    manager: options.fieldManager === "" ? managerFromUserAgent(caller.userAgent) : options.fieldManager,
    ...(input.review !== undefined
      ? { subresource: input.review.subresource }
      : subresource === ""
        ? {}
        : { subresource }),
    apiVersion: apiVersionOf(type),
    schema: type.schema,
    ...(type.empty === undefined ? {} : { empty: type.empty }),
    ...(type.versions === undefined ? {} : { versions: type.versions }),
    now: timestamp(kube.now()),
    ...(reset === undefined ? {} : { resetFields: reset }),
  });
  if (managed.length > 0) next.metadata.managedFields = managed;
  else delete next.metadata.managedFields;
}

function reviewOf(input: UpdateInput, next: KubeObject, old: KubeObject): AdmissionAttributes {
  const { type, caller, options, review } = input;
  return {
    operation: "UPDATE",
    type,
    ...(review === undefined ? {} : { objectKind: review.kind }),
    subresource: review?.subresource ?? input.subresource,
    namespace: input.namespace,
    name: input.name,
    object: review === undefined ? next : review.view(next),
    oldObject: review === undefined ? old : review.view(old),
    options: { kind: input.optionsKind, apiVersion: "meta.k8s.io/v1", ...optionFields(options), ...input.extraOptions },
    dryRun: options.dryRun,
    user: caller.user,
    warn: (text) => caller.warn(text),
  };
}

function takeReview(input: UpdateInput, attributes: AdmissionAttributes, next: KubeObject): KubeObject {
  if (attributes.object === undefined) throw failure("InternalError", "admission removed the object under review");
  if (input.review === undefined) return attributes.object;
  input.review.merge(attributes.object, next);
  return next;
}
