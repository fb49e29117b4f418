import { updateManagedFields } from "@holdfast/apimachinery/apply/managed-fields";
import { jsonEqual } from "@holdfast/apimachinery/meta/json-equal";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import { WorkQueue } from "@holdfast/runtime/kube/work-queue";
import type { Logger } from "@holdfast/runtime/log/logger";
import { SYSTEM } from "../auth/user.ts";
import { deleteObject } from "../operations/delete.ts";
import { type KubeContext, timestamp } from "../operations/kube-context.ts";
import { rewriteStored } from "../store/rewrite.ts";
import { customResources } from "./custom-resource.ts";
import type { CustomResourceDefinition } from "./definition.ts";
import {
  CLEANUP_FINALIZER,
  condition,
  isEstablished,
  judgeNames,
  setCondition,
  takenNames,
} from "./definition-status.ts";

export const DEFINITIONS = "customresourcedefinitions.apiextensions.k8s.io";

/**
 * Serves what CustomResourceDefinitions define: grants names, registers the resources, and empties them when a definition goes.
 *
 * @returns a function that stops it
 */
export function startDefinitionController(kube: KubeContext, log: Logger): () => Promise<void> {
  const cleaning = new WorkQueue((name) => cleanUp(kube, name), { name: "definition-cleanup", log });
  const shown = new Map<string, string>();
  let stopped = false;

  const definitions = () =>
    [...kube.store.bucket(DEFINITIONS).range("")].map(([, stored]) => stored.object as CustomResourceDefinition);

  const since = (name: string) => kube.store.latest(DEFINITIONS, name)?.createRevision ?? 0;

  const register = (crd: CustomResourceDefinition) => {
    const name = crd.metadata.name as string;
    // Status writes do not change what is served: compiling schemas again for each would be waste.
    const { deletionTimestamp } = crd.metadata;
    const mark = JSON.stringify([crd.spec, crd.status?.acceptedNames, isEstablished(crd), deletionTimestamp]);
    if (shown.get(name) === mark) return;
    try {
      kube.registry.replaceDefinition(name, isEstablished(crd) ? customResources(crd, since(name)) : []);
      shown.set(name, mark);
    } catch (error) {
      log.error("definition cannot be served", { definition: name, error });
    }
  };

  const unregister = (name: string) => {
    shown.delete(name);
    kube.registry.replaceDefinition(name, []);
    // Names this one held may be free for others now.
    for (const other of definitions()) void grant(other.metadata.name as string);
  };

  const grant = async (name: string) => {
    if (stopped) return;
    await rewriteStored(kube.store, DEFINITIONS, name, (object) => {
      const crd = object as CustomResourceDefinition;
      const status = judgeNames(crd, takenNames(crd, definitions()), timestamp(kube.now()));
      return jsonEqual(status, crd.status) ? undefined : withStatus(kube, crd, status);
    }).catch((error: unknown) => log.error("names of a definition cannot be stored", { definition: name, error }));
  };

  const onDefinition = (crd: CustomResourceDefinition) => {
    register(crd);
    if (crd.metadata.deletionTimestamp === undefined) void grant(crd.metadata.name as string);
    else if (crd.metadata.finalizers?.includes(CLEANUP_FINALIZER)) cleaning.add(crd.metadata.name as string);
  };

  const unsubscribe = kube.store.subscribe(DEFINITIONS, (event) => {
    const crd = event.stored.object as CustomResourceDefinition;
    if (event.type === "DELETED") unregister(crd.metadata.name as string);
    else onDefinition(crd);
  });
  for (const crd of definitions()) onDefinition(crd);
  // An instance that waited for its own finalizers may have been the last one.
  const unsubscribeAll = kube.store.subscribe(undefined, (event) => {
    if (event.type !== "DELETED" || event.bucket === DEFINITIONS) return;
    const stored = kube.store.bucket(DEFINITIONS).get(event.bucket);
    if (stored?.object.metadata.deletionTimestamp !== undefined) cleaning.add(event.bucket);
  });
  return () => {
    stopped = true;
    unsubscribe();
    unsubscribeAll();
    return cleaning.stop();
  };
}

/** Empties a definition that is to be deleted, and lets it go when nothing of it is left. */
async function cleanUp(kube: KubeContext, name: string): Promise<undefined> {
  const { deletionTimestamp } = kube.store.latest(DEFINITIONS, name)?.object.metadata ?? {};
  if (deletionTimestamp === undefined) return undefined;
  await rewriteStored(kube.store, DEFINITIONS, name, (object) =>
    showProgress(kube, object as CustomResourceDefinition),
  );
  await removeInstances(kube, name);
  // What its own finalizers hold comes back with the event of its deletion.
  if (kube.store.bucket(name).size > 0) return undefined;
  await rewriteStored(kube.store, DEFINITIONS, name, (object) => {
    const finalizers = (object.metadata.finalizers ?? []).filter((f) => f !== CLEANUP_FINALIZER);
    if (finalizers.length === 0) return "delete";
    return { ...object, metadata: { ...object.metadata, finalizers } };
  });
  return undefined;
}

/** The definition with a status that the server itself has written, and is on record for. */
function withStatus(
  kube: KubeContext,
  crd: CustomResourceDefinition,
  status: CustomResourceDefinition["status"],
): KubeObject {
  const next = { ...crd, status, metadata: { ...crd.metadata } } as KubeObject;
  const type = kube.registry.find("apiextensions.k8s.io", "v1", "customresourcedefinitions");
  if (type === undefined) return next;
  const { status: resetFields } = type.resetFields;
  next.metadata.managedFields = updateManagedFields({
    live: crd,
    next,
    manager: "kube-apiserver",
    subresource: "status",
    apiVersion: "apiextensions.k8s.io/v1",
    schema: type.schema,
    ...(type.empty === undefined ? {} : { empty: type.empty }),
    now: timestamp(kube.now()),
    ...(resetFields === undefined ? {} : { resetFields }),
  });
  return next;
}

/** Says that instances are being deleted; undefined when it has been said. */
function showProgress(kube: KubeContext, crd: CustomResourceDefinition): KubeObject | undefined {
  const conditions = [...(crd.status?.conditions ?? [])];
  if (conditions.some((c) => c.type === "Terminating" && c.reason === "InstanceDeletionInProgress")) return undefined;
  const message = "CustomResource deletion is in progress";
  const now = timestamp(kube.now());
  setCondition(conditions, condition("Terminating", "True", "InstanceDeletionInProgress", message, now));
  return withStatus(kube, crd, { ...crd.status, conditions });
}

/** Deletes every instance that is not on its way out. */
async function removeInstances(kube: KubeContext, name: string): Promise<void> {
  const crd = kube.store.bucket(DEFINITIONS).get(name)?.object as CustomResourceDefinition | undefined;
  if (crd === undefined) return;
  const type = kube.registry.findAnyVersion(crd.spec.group, crd.spec.names.plural);
  const bucket = kube.store.bucket(name);
  if (type !== undefined) {
    for (const [, stored] of [...bucket.range("")]) {
      const { metadata } = stored.object;
      if (metadata.deletionTimestamp !== undefined) continue;
      await deleteObject(kube, {
        type,
        namespace: metadata.namespace ?? "",
        name: metadata.name as string,
        options: { dryRun: false, propagationPolicy: "Background" },
        caller: { user: SYSTEM, userAgent: "kube-apiserver", warn: () => undefined },
      });
    }
  }
}

/** What a deletion does to a definition before it waits for its instances. */
export function terminateDefinition(object: KubeObject, now: string): KubeObject {
  const crd = object as CustomResourceDefinition;
  const conditions = [...(crd.status?.conditions ?? [])];
  setCondition(
    conditions,
    condition(
      "Terminating",
      "True",
      "InstanceDeletionPending",
      "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon",
      now,
    ),
  );
  const finalizers = crd.metadata.finalizers ?? [];
  return {
    ...crd,
    metadata: {
      ...crd.metadata,
      finalizers: finalizers.includes(CLEANUP_FINALIZER) ? finalizers : [...finalizers, CLEANUP_FINALIZER],
    },
    status: { ...crd.status, conditions },
  } as KubeObject;
}
