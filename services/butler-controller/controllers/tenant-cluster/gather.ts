import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import type { ButlerConfig } from "@holdfast/contracts/butler-api/butler-config";
import { BUTLER_CONFIG_NAME, LABELS, MANAGED_BY, SYSTEM_NAMESPACE } from "@holdfast/contracts/butler-api/names";
import type { ProviderConfig } from "@holdfast/contracts/butler-api/provider-config";
import type { Team } from "@holdfast/contracts/butler-api/team";
import type { TenantCluster } from "@holdfast/contracts/butler-api/tenant-cluster";
import { providerRefOf } from "@holdfast/domain/quota/provider-rules";
import type { Informer } from "@holdfast/runtime/kube/informer";

/** Chooses the RoleBindings that Butler made. */
export const MANAGED_SELECTOR = `${LABELS.managedBy}=${MANAGED_BY}`;

/** Copies of what a TenantCluster depends on. */
export interface ClusterInformers {
  readonly clusters: Informer<KubeObject>;
  readonly teams: Informer<KubeObject>;
  readonly configs: Informer<KubeObject>;
  readonly providerConfigs: Informer<KubeObject>;
  readonly namespaces: Informer<KubeObject>;
  /** RoleBindings of {@link MANAGED_SELECTOR}. */
  readonly bindings: Informer<KubeObject>;
}

/** What is known about a cluster's surroundings. */
export interface Surroundings {
  readonly config: ButlerConfig | undefined;
  readonly team: Team | undefined;
  readonly providerRef: { readonly namespace: string; readonly name: string };
  readonly providerConfig: ProviderConfig | undefined;
  readonly clusters: readonly TenantCluster[];
}

/** Provider of clusters that name none, when ButlerConfig names none either. */
const DEFAULT_PROVIDER = "default";

export function gather(informers: ClusterInformers, cluster: TenantCluster): Surroundings {
  const config = informers.configs.get(BUTLER_CONFIG_NAME) as unknown as ButlerConfig | undefined;
  const teamName = cluster.spec?.teamRef?.name;
  // Never "the first one that is there": a cluster must not land where nobody sent it.
  const providerRef = providerRefOf(cluster) ?? {
    namespace: SYSTEM_NAMESPACE,
    name: config?.spec?.defaultProviderConfigRef?.name ?? DEFAULT_PROVIDER,
  };
  return {
    config,
    team: teamName === undefined ? undefined : (informers.teams.get(teamName) as unknown as Team | undefined),
    providerRef,
    providerConfig: informers.providerConfigs.get(providerRef.name, providerRef.namespace) as unknown as
      | ProviderConfig
      | undefined,
    clusters: informers.clusters.list() as unknown as TenantCluster[],
  };
}
