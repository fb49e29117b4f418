import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import { LABELS } from "@holdfast/contracts/butler-api/names";
import type { TenantCluster } from "@holdfast/contracts/butler-api/tenant-cluster";
import { teamNameOf } from "@holdfast/domain/quota/account";
import { WorkQueue } from "@holdfast/runtime/kube/work-queue";
import type { Logger } from "@holdfast/runtime/log/logger";
import { type ReconcileParts, reconcileCluster } from "./reconcile.ts";
import { wasReady } from "./status.ts";

export interface TenantClusterParts extends ReconcileParts {
  readonly log: Logger;
  /** TenantClusters that are reconciled at once. */
  readonly concurrency: number;
  readonly onDone: (outcome: "ok" | "error") => void;
}

/** Brings every TenantCluster about, keeps it as it was asked for, and takes it away. */
export function startTenantClusterController(parts: TenantClusterParts): { stop(): Promise<void> } {
  const { clusters, teams, configs, providerConfigs, namespaces, bindings } = parts.informers;
  const queue = new WorkQueue((key) => reconcileCluster(parts, key), {
    name: "tenantcluster",
    log: parts.log,
    concurrency: parts.concurrency,
    lastRetryMs: 30_000,
    onDone: parts.onDone,
  });
  const wake = (chosen: (cluster: TenantCluster) => boolean) => {
    for (const object of clusters.list()) {
      if (chosen(object as unknown as TenantCluster)) queue.add(keyOf(object));
    }
  };
  /** What was made for a cluster says which one it is. */
  const wakeOwner = (object: KubeObject) => {
    const labels = object.metadata.labels ?? {};
    const namespace = labels[LABELS.sourceNamespace];
    const name = labels[LABELS.sourceName];
    if (namespace !== undefined && name !== undefined && clusters.get(name, namespace) !== undefined)
      queue.add(`${namespace}/${name}`);
  };
  const stops = [
    clusters.subscribe(({ type, object }) => {
      if (type !== "deleted") queue.add(keyOf(object));
      else {
        // Room it leaves may be what another waits for.
        const team = teamNameOf(object as unknown as TenantCluster);
        wake((cluster) => !wasReady(cluster) && teamNameOf(cluster) === team);
      }
    }),
    teams.subscribe(({ object }) => wake((cluster) => teamNameOf(cluster) === object.metadata.name)),
    configs.subscribe(() => wake(() => true)),
    providerConfigs.subscribe(() => wake((cluster) => !wasReady(cluster))),
    namespaces.subscribe(({ type, object }) => {
      if (type !== "added") wakeOwner(object);
    }),
    bindings.subscribe(({ type, object }) => {
      // A binding that somebody took away is made anew.
      const holder = namespaces.get(object.metadata.namespace ?? "");
      if (type === "deleted" && holder !== undefined) wakeOwner(holder);
    }),
  ];
  return {
    async stop() {
      for (const stop of stops) stop();
      await queue.stop();
    },
  };
}

function keyOf(object: KubeObject): string {
  return `${object.metadata.namespace}/${object.metadata.name}`;
}
