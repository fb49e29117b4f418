import { conflict, objectNotFound, type Status } from "@holdfast/apimachinery/meta/status-error";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import { type ResourceType, storeKey } from "../resources/resource-type.ts";
import { type Caller, type KubeContext, timestamp } from "./kube-context.ts";
import { toServed, toStorage } from "./served-version.ts";

/** metav1.DeleteOptions as far as the server acts on it. */
export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: "Orphan" | "Background" | "Foreground";
  readonly orphanDependents?: boolean;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly dryRun: boolean;
}

export interface DeleteInput {
  readonly type: ResourceType;
  readonly namespace: string;
  readonly name: string;
  readonly options: DeleteOptions;
  readonly caller: Caller;
}

export type Deleted =
  /** Gone (or would be): most kinds are answered with a Status. */
  | { readonly kind: "gone"; readonly object: KubeObject }
  /** Still there, waiting for finalizers or its grace period. */
  | { readonly kind: "marked"; readonly object: KubeObject };

const ATTEMPTS = 20;

/** DELETE of one object. */
export async function deleteObject(kube: KubeContext, input: DeleteInput): Promise<Deleted> {
  const { type, namespace, name, options, caller } = input;
  const key = storeKey(namespace, name);
  const subject = { group: type.group, resource: type.plural };
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const stored = kube.store.latest(type.bucket, key);
    if (stored === undefined) throw objectNotFound(subject, name);
    const live = stored.object;
    checkPreconditions(type, name, live, options);
    await kube.admission.validate({
      operation: "DELETE",
      type,
      subresource: "",
      namespace,
      name,
      object: undefined,
      oldObject: toServed(type, live),
      options: deleteOptionFields(options),
      dryRun: options.dryRun,
      user: caller.user,
      warn: caller.warn,
    });
    const plan = planDeletion(type, live, options, kube.now());
    if (plan.kind === "unchanged") return { kind: "marked", object: toServed(type, live) };
    if (options.dryRun)
      return { kind: plan.kind === "remove" ? "gone" : "marked", object: toServed(type, plan.object) };
    const committed =
      plan.kind === "remove"
        ? await kube.store.commit({ bucket: type.bucket, key, next: undefined, last: plan.object, expected: stored })
        : await kube.store.commit({ bucket: type.bucket, key, next: plan.object, expected: stored });
    if (committed.ok) {
      return { kind: plan.kind === "remove" ? "gone" : "marked", object: toServed(type, committed.stored.object) };
    }
  }
  throw conflict(subject, name, "the object kept changing while it was to be deleted; please try again");
}

type Plan = { kind: "remove"; object: KubeObject } | { kind: "mark"; object: KubeObject } | { kind: "unchanged" };

/** What a deletion does to an object: pure. */
export function planDeletion(type: ResourceType, live: KubeObject, options: DeleteOptions, nowMs: number): Plan {
  if (live.metadata.deletionTimestamp === undefined && type.behaviour.prepareForDelete !== undefined) {
    live = type.behaviour.prepareForDelete(live, timestamp(nowMs));
  }
  const finalizers = withPropagation(live.metadata.finalizers ?? [], options, defaultPropagation(type));
  const grace = type.behaviour.gracePeriodSeconds?.(live, options.gracePeriodSeconds) ?? 0;
  const deleting = live.metadata.deletionTimestamp !== undefined;
  const object: KubeObject = { ...live, metadata: { ...live.metadata } };
  const { metadata } = object;
  if (finalizers.length > 0) metadata.finalizers = finalizers;
  else delete metadata.finalizers;
  const held = type.behaviour.holdsDeletion?.(live) === true;
  if (finalizers.length === 0 && grace === 0 && !held) return { kind: "remove", object: toStorage(type, object) };
  const before = live.metadata.deletionGracePeriodSeconds ?? 0;
  if (deleting && grace >= before && sameList(finalizers, live.metadata.finalizers ?? [])) return { kind: "unchanged" };
  if (!deleting || grace < before) {
    metadata.deletionTimestamp = timestamp(nowMs + grace * 1000);
    if (type.behaviour.plainDeletionMark !== true) metadata.deletionGracePeriodSeconds = grace;
  }
  if (
    !deleting &&
    type.behaviour.plainDeletionMark !== true &&
    type.behaviour.generation &&
    metadata.generation !== undefined
  )
    metadata.generation++;
  return { kind: "mark", object: toStorage(type, object) };
}

/** ReplicationControllers orphan by default, everything else is collected in the background. */
function defaultPropagation(type: ResourceType): "Orphan" | "Background" {
  return type.group === "" && type.plural === "replicationcontrollers" ? "Orphan" : "Background";
}

function withPropagation(
  finalizers: readonly string[],
  options: DeleteOptions,
  byDefault: "Orphan" | "Background",
): string[] {
  let policy: string = options.propagationPolicy ?? "";
  if (policy === "" && options.orphanDependents !== undefined)
    policy = options.orphanDependents ? "Orphan" : "Background";
  if (policy === "") {
    // Without a wish, a finalizer that is already there decides.
    if (finalizers.includes("orphan") || finalizers.includes("foregroundDeletion")) return [...finalizers];
    policy = byDefault;
  }
  const rest = finalizers.filter((f) => f !== "orphan" && f !== "foregroundDeletion");
  if (policy === "Orphan") return [...rest, "orphan"];
  if (policy === "Foreground") return [...rest, "foregroundDeletion"];
  return rest;
}

function checkPreconditions(type: ResourceType, name: string, live: KubeObject, options: DeleteOptions): void {
  const subject = { group: type.group, resource: type.kind };
  const { uid, resourceVersion } = options.preconditions ?? {};
  const { metadata } = live;
  if (uid !== undefined && uid !== metadata.uid) {
    const why = `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid})`;
    throw conflict(subject, name, `${why}. The object might have been deleted and then recreated`);
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    const why = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion})`;
    throw conflict(subject, name, `${why}. The object might have been modified`);
  }
}

export function deleteOptionFields(options: DeleteOptions): Record<string, unknown> {
  return {
    kind: "DeleteOptions",
    apiVersion: "meta.k8s.io/v1",
    ...(options.gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds: options.gracePeriodSeconds }),
    ...(options.preconditions === undefined ? {} : { preconditions: options.preconditions }),
    ...(options.orphanDependents === undefined ? {} : { orphanDependents: options.orphanDependents }),
    ...(options.propagationPolicy === undefined ? {} : { propagationPolicy: options.propagationPolicy }),
    ...(options.dryRun ? { dryRun: ["All"] } : {}),
  };
}

/** The Status that answers a completed deletion. */
export function deletedStatus(type: ResourceType, object: KubeObject): Status {
  return {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Success",
    details: {
      name: object.metadata.name as string,
      ...(type.group === "" ? {} : { group: type.group }),
      kind: type.plural,
      uid: object.metadata.uid as string,
    },
  };
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((v, i) => v === b[i]);
}
