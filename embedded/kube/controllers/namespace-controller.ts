import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import { WorkQueue } from "@holdfast/runtime/kube/work-queue";
import type { Logger } from "@holdfast/runtime/log/logger";
import { SYSTEM } from "../auth/user.ts";
import { deleteObject } from "../operations/delete.ts";
import { type KubeContext, timestamp } from "../operations/kube-context.ts";
import { rewriteStored } from "../store/rewrite.ts";

const CALLER = { user: SYSTEM, userAgent: "kube-controller-manager", warn: () => undefined };
/** Events go last: what is deleted may still report. */
const LAST = new Set(["events"]);

interface Condition {
  type: string;
  status: string;
  lastTransitionTime: string;
  reason: string;
  message: string;
}

/**
 * Empties namespaces that are to be deleted and lets them go when nothing is left in them. What admission keeps is tried again.
 *
 * @returns a function that stops it
 */
export function startNamespaceController(kube: KubeContext, log: Logger): () => Promise<void> {
  const queue = new WorkQueue((name) => emptyNamespace(kube, name), { name: "namespace", log });
  const terminating = (name: string) =>
    kube.store.bucket("namespaces").get(name)?.object.metadata.deletionTimestamp !== undefined;
  const unsubscribe = kube.store.subscribe("namespaces", (event) => {
    if (event.type !== "DELETED" && event.stored.object.metadata.deletionTimestamp !== undefined)
      queue.add(event.stored.object.metadata.name as string);
  });
  const unsubscribeAll = kube.store.subscribe(undefined, (event) => {
    if (event.type !== "DELETED") return;
    const { namespace } = event.stored.object.metadata;
    if (namespace !== undefined && terminating(namespace)) queue.add(namespace);
  });
  for (const [name] of kube.store.bucket("namespaces").range("")) if (terminating(name)) queue.add(name);
  return () => {
    unsubscribe();
    unsubscribeAll();
    return queue.stop();
  };
}

async function emptyNamespace(kube: KubeContext, name: string): Promise<undefined> {
  const namespace = kube.store.latest("namespaces", name);
  if (namespace === undefined || namespace.object.metadata.deletionTimestamp === undefined) return undefined;
  const types = kube.registry.stored().filter((t) => t.namespaced && t.verbs.includes("delete"));
  types.sort((a, b) => Number(LAST.has(a.bucket)) - Number(LAST.has(b.bucket)));
  const left: string[] = [];
  const held = new Map<string, number>();
  for (const type of types) {
    for (const [, stored] of [...kube.store.bucket(type.bucket).range(name)]) {
      const { metadata } = stored.object;
      if (metadata.deletionTimestamp === undefined) {
        await deleteObject(kube, {
          type,
          namespace: name,
          name: metadata.name as string,
          options: { dryRun: false, propagationPolicy: "Background" },
          caller: CALLER,
        }).catch((error: { status?: { reason?: string } }) => {
          if (error.status?.reason !== "NotFound") throw error;
        });
      }
    }
    const remaining = kube.store.bucket(type.bucket).count(name);
    if (remaining === 0) continue;
    left.push(`${type.plural}.${type.group} has ${remaining} resource instances`);
    for (const [, stored] of kube.store.bucket(type.bucket).range(name)) {
      for (const finalizer of stored.object.metadata.finalizers ?? [])
        held.set(finalizer, (held.get(finalizer) ?? 0) + 1);
    }
  }
  await rewriteStored(kube.store, "namespaces", name, (object) =>
    finishNamespace(object, left, held, timestamp(kube.now())),
  );
  return undefined;
}

/** Pure: the namespace's next state; "delete" when nothing keeps it. */
function finishNamespace(
  object: KubeObject,
  left: readonly string[],
  held: ReadonlyMap<string, number>,
  now: string,
): KubeObject | "delete" | undefined {
  if (left.length === 0) {
    const spec = (object["spec"] ?? {}) as { finalizers?: string[] };
    const finalizers = (spec.finalizers ?? []).filter((f) => f !== "kubernetes");
    if (finalizers.length === 0 && (object.metadata.finalizers ?? []).length === 0) return "delete";
    return { ...object, spec: { ...spec, finalizers } };
  }
  const before = ((object["status"] as { conditions?: Condition[] } | undefined)?.conditions ?? []) as Condition[];
  const finalizing = [...held].sort(([a], [b]) => (a < b ? -1 : 1)).map(([f, n]) => `${f} in ${n} resource instances`);
  const conditions = [
    make("NamespaceDeletionDiscoveryFailure", "False", "ResourcesDiscovered", "All resources successfully discovered"),
    make(
      "NamespaceDeletionGroupVersionParsingFailure",
      "False",
      "ParsedGroupVersions",
      "All legacy kube types successfully parsed",
    ),
    make(
      "NamespaceDeletionContentFailure",
      "False",
      "ContentDeleted",
      "All content successfully deleted, may be waiting on finalization",
    ),
    make(
      "NamespaceContentRemaining",
      "True",
      "SomeResourcesRemain",
      `Some resources are remaining: ${[...left].sort().join(", ")}`,
    ),
    finalizing.length === 0
      ? make(
          "NamespaceFinalizersRemaining",
          "False",
          "ContentHasNoFinalizers",
          "All content-preserving finalizers finished",
        )
      : make(
          "NamespaceFinalizersRemaining",
          "True",
          "SomeFinalizersRemain",
          `Some content in the namespace has finalizers remaining: ${finalizing.join(", ")}`,
        ),
  ];
  function make(type: string, status: string, reason: string, message: string): Condition {
    const known = before.find((c) => c.type === type);
    return {
      type,
      status,
      lastTransitionTime: known?.status === status ? known.lastTransitionTime : now,
      reason,
      message,
    };
  }
  if (JSON.stringify(conditions) === JSON.stringify(before)) return undefined;
  return { ...object, status: { phase: "Terminating", conditions } };
}
