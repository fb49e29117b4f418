import { isReason } from "@holdfast/apimachinery/meta/status-error";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import { ANNOTATIONS } from "@holdfast/contracts/butler-api/names";
import type { Informer } from "@holdfast/runtime/kube/informer";
import type { KubeClient } from "@holdfast/runtime/kube/kube-client";
import { WorkQueue } from "@holdfast/runtime/kube/work-queue";
import type { Logger } from "@holdfast/runtime/log/logger";
import { TENANT_CLUSTERS } from "../resource-refs.ts";

export interface OwnershipParts {
  readonly client: KubeClient;
  readonly clusters: Informer<KubeObject>;
  readonly log: Logger;
  /** TenantClusters that are reconciled at once. */
  readonly concurrency: number;
  readonly onDone: (outcome: "ok" | "error") => void;
}

/**
 * The annotations of a TenantCluster that belong to the controller: the owner is promoted from the creator, and a permission to
 * migrate is taken away once the change it was for is stored.
 */
export function startOwnershipController(parts: OwnershipParts): { stop(): Promise<void> } {
  const queue = new WorkQueue((key) => reconcile(parts, key), {
    name: "ownership",
    log: parts.log,
    concurrency: parts.concurrency,
    onDone: parts.onDone,
  });
  const unsubscribe = parts.clusters.subscribe(({ type, object }) => {
    if (type !== "deleted") queue.add(`${object.metadata.namespace}/${object.metadata.name}`);
  });
  return {
    async stop() {
      unsubscribe();
      await queue.stop();
    },
  };
}

/** The annotations to set (text) and to remove (null); undefined when there is nothing to do. Pure. */
export function annotationChanges(cluster: KubeObject): Record<string, string | null> | undefined {
  const annotations = cluster.metadata.annotations ?? {};
  const changes: Record<string, string | null> = {};
  const creator = annotations[ANNOTATIONS.creatorEmail] ?? "";
  if (creator !== "" && (annotations[ANNOTATIONS.owner] ?? "") === "") changes[ANNOTATIONS.owner] = creator;
  if (Object.hasOwn(annotations, ANNOTATIONS.migrationOperation)) changes[ANNOTATIONS.migrationOperation] = null;
  return Object.keys(changes).length === 0 ? undefined : changes;
}

async function reconcile(parts: OwnershipParts, key: string): Promise<undefined> {
  const [namespace = "", name = ""] = key.split("/");
  const cluster = parts.clusters.get(name, namespace);
  if (cluster === undefined || cluster.metadata.deletionTimestamp !== undefined) return undefined;
  const annotations = annotationChanges(cluster);
  if (annotations === undefined) return undefined;
  try {
    await parts.client.patch(
      TENANT_CLUSTERS,
      { name, namespace },
      {
        type: "application/merge-patch+json",
        body: { metadata: { annotations, resourceVersion: cluster.metadata.resourceVersion } },
      },
    );
  } catch (error) {
    if (!isReason(error, "Conflict") && !isReason(error, "NotFound")) throw error;
  }
  return undefined;
}
