// Whether a cluster is where the platform's tenancy wants it: pure.

import type { ButlerConfig } from "@holdfast/contracts/butler-api/butler-config";
import type { Reason } from "@holdfast/contracts/butler-api/names";
import type { Team } from "@holdfast/contracts/butler-api/team";
import type { TenantCluster } from "@holdfast/contracts/butler-api/tenant-cluster";

export interface TenancyFacts {
  readonly cluster: TenantCluster;
  /** The ButlerConfig; undefined counts as multi-tenancy that is optional. */
  readonly config: ButlerConfig | undefined;
  /** The Team of spec.teamRef; undefined where it does not exist or none is named. */
  readonly team: Team | undefined;
}

/** Why a cluster cannot be where it is. `wait`: it heals without the cluster being changed. */
export interface TenancyFault {
  readonly reason: Reason;
  readonly message: string;
  readonly wait: boolean;
}

/** Name of the namespace for clusters without a team. */
export function defaultNamespaceOf(config: ButlerConfig | undefined): string {
  return config?.spec?.defaultNamespace ?? "butler-tenants";
}

/** What is wrong with the cluster's team and namespace; undefined when nothing is. */
export function tenancyFault(facts: TenancyFacts): TenancyFault | undefined {
  const { cluster, config, team } = facts;
  const mode = config === undefined ? "Optional" : (config.spec?.multiTenancy?.mode ?? "Disabled");
  const teamName = cluster.spec?.teamRef?.name;
  const namespace = cluster.metadata.namespace ?? "";
  const shared = defaultNamespaceOf(config);
  if (mode === "Disabled" || (mode === "Optional" && teamName === undefined && config !== undefined)) {
    if (namespace === shared) return undefined;
    const message =
      mode === "Disabled"
        ? `multi-tenancy is disabled, so clusters live in namespace ${JSON.stringify(shared)}; this one is in ${JSON.stringify(namespace)}`
        : `a cluster without a teamRef lives in namespace ${JSON.stringify(shared)}; this one is in ${JSON.stringify(namespace)}`;
    return { reason: "NamespaceMismatch", message, wait: false };
  }
  if (teamName === undefined) {
    if (mode !== "Enforced") return undefined;
    return {
      reason: "TeamRequired",
      message: "multi-tenancy is enforced: set spec.teamRef to the team the cluster belongs to",
      wait: false,
    };
  }
  if (team === undefined)
    return { reason: "TeamNotFound", message: `team ${JSON.stringify(teamName)} does not exist`, wait: true };
  const expected = team.status?.namespace ?? teamName;
  if (namespace !== expected) {
    const message = `clusters of team ${JSON.stringify(teamName)} live in namespace ${JSON.stringify(expected)}; this one is in ${JSON.stringify(namespace)}`;
    return { reason: "NamespaceMismatch", message, wait: false };
  }
  if (team.status?.phase !== "Ready") {
    const message = `team ${JSON.stringify(teamName)} is not Ready yet: ${team.status?.phase ?? "Pending"}`;
    return { reason: "WaitingForDependencies", message, wait: true };
  }
  return undefined;
}
