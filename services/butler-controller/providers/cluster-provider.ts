import type { Reason } from "@holdfast/contracts/butler-api/names";
import type { ProviderConfig } from "@holdfast/contracts/butler-api/provider-config";
import type { TenantCluster } from "@holdfast/contracts/butler-api/tenant-cluster";

/** Which cluster is meant. All of it stays the same for the life of a TenantCluster. */
export interface ClusterIdentity {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  /** Namespace that holds what is made for this cluster. */
  readonly tenantNamespace: string;
}

/** What a provider is asked to bring about. */
export interface ClusterPlan extends ClusterIdentity {
  readonly cluster: TenantCluster;
  readonly providerConfig: ProviderConfig;
  /** Labels of everything that is made. */
  readonly labels: Readonly<Record<string, string>>;
  readonly workers: number;
}

/** How far one part of a cluster is. */
export interface Progress {
  readonly ready: boolean;
  readonly reason: Reason;
  readonly message: string;
}

/** What is there, as the provider sees it. */
export interface ProviderState {
  readonly infrastructure: Progress;
  readonly controlPlane: Progress;
  /** `host:port` of the API server, once it is known. */
  readonly endpoint?: string;
  /** Kubeconfig of the cluster's administrator, once there is one. */
  readonly adminKubeconfig?: string;
  /** Version the API server reports, once it answers. */
  readonly kubernetesVersion?: string;
  /** Undefined where the provider was set up to run no nodes at all. */
  readonly workers?: {
    /** Nodes that report Ready, by name. */
    readonly ready: readonly string[];
    /** Nodes that are there. */
    readonly present: readonly string[];
  };
}

/** Makes clusters somewhere. Every method is idempotent, and may be called again after a crash at any point. */
export interface ClusterProvider {
  /** Takes the next steps towards the plan and tells what is there now; does not wait for machines. */
  ensure(plan: ClusterPlan): Promise<ProviderState>;
  /** Tells what is there and changes nothing; undefined where there is nothing. */
  observe(identity: ClusterIdentity): Promise<ProviderState | undefined>;
  /** Takes the next steps towards nothing being left. */
  remove(identity: ClusterIdentity): Promise<"gone" | "going">;
}
