// The namespace that holds what is made for one cluster: pure.

import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import { LABELS, MANAGED_BY } from "@holdfast/contracts/butler-api/names";
import type { TenantCluster } from "@holdfast/contracts/butler-api/tenant-cluster";
import { environmentOf, teamNameOf } from "@holdfast/domain/quota/account";
import { shortHash } from "../short-hash.ts";

const NAME_LIMIT = 63;

/** A name that only this cluster has, however often it is asked for: a crash before it was noted makes no second namespace. */
export function tenantNamespaceName(cluster: TenantCluster): string {
  const { namespace = "", name = "", uid = "" } = cluster.metadata;
  const end = `-${shortHash(uid)}`;
  return `tenant-${namespace}-${name}`.slice(0, NAME_LIMIT - end.length).replace(/-+$/, "") + end;
}

/** Labels of everything that is made for a cluster; by them it is found and taken away again. */
export function tenantLabels(cluster: TenantCluster): Record<string, string> {
  const { namespace = "", name = "" } = cluster.metadata;
  const environment = environmentOf(cluster);
  return {
    [LABELS.managedBy]: MANAGED_BY,
    // Label values end at 63 characters, names of clusters may not.
    [LABELS.tenant]: labelValue(name),
    [LABELS.sourceNamespace]: namespace,
    [LABELS.sourceName]: labelValue(name),
    [LABELS.team]: teamNameOf(cluster),
    ...(environment === "" ? {} : { [LABELS.environment]: environment }),
  };
}

function labelValue(name: string): string {
  return name.length <= NAME_LIMIT ? name : `${name.slice(0, NAME_LIMIT - 11)}-${shortHash(name)}`;
}

/** The namespace. Control planes of hosted clusters need the privileged profile on providers that run them as pods here. */
export function desiredTenantNamespace(cluster: TenantCluster, privileged: boolean): KubeObject {
  const profile = privileged ? "privileged" : "restricted";
  return {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: {
      name: tenantNamespaceName(cluster),
      labels: {
        ...tenantLabels(cluster),
        "pod-security.kubernetes.io/enforce": profile,
        "pod-security.kubernetes.io/audit": profile,
        "pod-security.kubernetes.io/warn": profile,
      },
    },
  };
}

/** Whether a namespace of that name was made for this cluster. */
export function isTenantNamespaceOf(namespace: KubeObject, cluster: TenantCluster): boolean {
  const labels = namespace.metadata.labels ?? {};
  const wanted = tenantLabels(cluster);
  return [LABELS.managedBy, LABELS.sourceNamespace, LABELS.sourceName].every((key) => labels[key] === wanted[key]);
}
