// Objects for tests: valid, small, and changed by what a test names.

import type { ClusterCreationPolicy } from "@holdfast/contracts/butler-api/cluster-creation-policy";
import type { IPAllocation } from "@holdfast/contracts/butler-api/ip-allocation";
import type { NetworkPool } from "@holdfast/contracts/butler-api/network-pool";
import type { ProviderConfig } from "@holdfast/contracts/butler-api/provider-config";
import type { Team, TeamSpec } from "@holdfast/contracts/butler-api/team";
import type { TenantCluster, TenantClusterSpec } from "@holdfast/contracts/butler-api/tenant-cluster";
import type { User } from "@holdfast/contracts/butler-api/user";
import type { Caller } from "../access/caller.ts";

const apiVersion = "butler.butlerlabs.dev/v1alpha1" as const;

export function caller(username: string, ...groups: string[]): Caller {
  return { username, groups };
}

export function user(email: string, spec: Partial<NonNullable<User["spec"]>> = {}): User {
  return { apiVersion, kind: "User", metadata: { name: email.replace(/\W/g, "-") }, spec: { email, ...spec } };
}

export function team(name: string, spec: TeamSpec = {}): Team {
  return { apiVersion, kind: "Team", metadata: { name }, spec };
}

interface ClusterOptions {
  readonly namespace?: string;
  readonly replicas?: number;
  readonly environment?: string;
  readonly annotations?: Record<string, string>;
  readonly spec?: Partial<TenantClusterSpec>;
  /** Size of a node; 4 cores, 16Gi and 100Gi unless told. */
  readonly node?: { readonly cpu?: number; readonly memory?: string | number; readonly diskSize?: string | number };
}

/** A cluster of team `acme` in its namespace, with one worker. */
export function cluster(name: string, options: ClusterOptions = {}): TenantCluster {
  const out: TenantCluster = {
    apiVersion,
    kind: "TenantCluster",
    metadata: { name, namespace: options.namespace ?? "acme", uid: `uid-${name}`, generation: 1 },
    spec: {
      kubernetesVersion: "v1.32.2",
      teamRef: { name: "acme" },
      workers: {
        replicas: options.replicas ?? 1,
        machineTemplate: { cpu: 4, memory: "16Gi", diskSize: "100Gi", ...options.node },
      },
      ...options.spec,
    },
  };
  if (options.environment !== undefined) {
    out.metadata.labels = { "butler.butlerlabs.dev/environment": options.environment };
  }
  if (options.annotations !== undefined) out.metadata.annotations = options.annotations;
  return out;
}

/** The same cluster without its team reference. */
export function withoutTeam(from: TenantCluster): TenantCluster {
  const { teamRef: _, ...spec } = from.spec as TenantClusterSpec;
  return { ...from, spec };
}

export function provider(name: string, spec: Partial<NonNullable<ProviderConfig["spec"]>> = {}): ProviderConfig {
  return {
    apiVersion,
    kind: "ProviderConfig",
    metadata: { name, namespace: "butler-system" },
    spec: { provider: "harvester", credentialsRef: { name: "c" }, harvester: { networkName: "a/b" }, ...spec },
  };
}

export function pool(name: string, cidr: string, spec: Partial<NonNullable<NetworkPool["spec"]>> = {}): NetworkPool {
  return { apiVersion, kind: "NetworkPool", metadata: { name, namespace: "butler-system" }, spec: { cidr, ...spec } };
}

export function allocation(name: string, poolName: string, status: NonNullable<IPAllocation["status"]>): IPAllocation {
  return {
    apiVersion,
    kind: "IPAllocation",
    metadata: { name, namespace: "butler-system", labels: { "butler.butlerlabs.dev/network-pool": poolName } },
    spec: { poolRef: { name: poolName }, tenantClusterRef: { name: "c", namespace: "acme" }, type: "loadbalancer" },
    status,
  };
}

export function policy(
  name: string,
  spec: Partial<NonNullable<ClusterCreationPolicy["spec"]>> = {},
): ClusterCreationPolicy {
  return {
    apiVersion,
    kind: "ClusterCreationPolicy",
    metadata: { name },
    spec: { scope: { platformWide: {} }, ...spec },
  };
}
