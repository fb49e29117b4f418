import { isReason } from "@holdfast/apimachinery/meta/status-error";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import type { ClusterCreationPolicy } from "@holdfast/contracts/butler-api/cluster-creation-policy";
import type { IdentityProvider } from "@holdfast/contracts/butler-api/identity-provider";
import type { IPAllocation } from "@holdfast/contracts/butler-api/ip-allocation";
import type { NetworkPool } from "@holdfast/contracts/butler-api/network-pool";
import type { ProviderConfig } from "@holdfast/contracts/butler-api/provider-config";
import type { Team } from "@holdfast/contracts/butler-api/team";
import type { TenantCluster } from "@holdfast/contracts/butler-api/tenant-cluster";
import type { User } from "@holdfast/contracts/butler-api/user";
import type { Caller } from "@holdfast/domain/access/caller";
import { accessReviewOf, isPlatformAdmin, needsAccessReview } from "@holdfast/domain/access/platform-role";
import type { KubeClient, ResourceRef } from "@holdfast/runtime/kube/kube-client";
import { controllerErrors } from "../errors.ts";
import {
  ACCESS_REVIEWS,
  CREATION_POLICIES,
  IDENTITY_PROVIDERS,
  IP_ALLOCATIONS,
  NAMESPACES,
  NETWORK_POOLS,
  PROVIDER_CONFIGS,
  TEAMS,
  TENANT_CLUSTERS,
  USERS,
} from "../resource-refs.ts";

/**
 * Reads what decisions stand on from the API server itself, past any cache: a role that was taken away a moment ago is gone, a
 * limit that was lowered counts. Whatever cannot be read refuses the request.
 */
export class Facts {
  readonly #client: KubeClient;

  constructor(client: KubeClient) {
    this.#client = client;
  }

  /** Whether the caller administers the platform. */
  async platformAdmin(caller: Caller): Promise<boolean> {
    return this.#must("resolve platform admin", async () => {
      const [users, identityProviders] = await Promise.all([
        this.#all<User>(USERS),
        this.#all<IdentityProvider>(IDENTITY_PROVIDERS),
      ]);
      const facts = { caller, users, identityProviders };
      if (!needsAccessReview(facts)) return isPlatformAdmin(facts);
      return isPlatformAdmin({ ...facts, accessReviewAllowed: await this.#accessReview(caller) });
    });
  }

  team(name: string): Promise<Team | undefined> {
    return this.#must(`read Team ${JSON.stringify(name)}`, () => this.#find<Team>(TEAMS, name));
  }

  teams(): Promise<Team[]> {
    return this.#must("list Teams", () => this.#all<Team>(TEAMS));
  }

  providerConfig(at: { readonly namespace: string; readonly name: string }): Promise<ProviderConfig | undefined> {
    return this.#must(`read ProviderConfig ${JSON.stringify(at.name)}`, () =>
      this.#find<ProviderConfig>(PROVIDER_CONFIGS, at.name, at.namespace),
    );
  }

  /** Every TenantCluster: quotas count by team, which may have clusters in any namespace. */
  clusters(): Promise<TenantCluster[]> {
    return this.#must("list TenantClusters", () => this.#all<TenantCluster>(TENANT_CLUSTERS));
  }

  pools(): Promise<NetworkPool[]> {
    return this.#must("list NetworkPools", () => this.#all<NetworkPool>(NETWORK_POOLS));
  }

  providerConfigs(namespace: string): Promise<ProviderConfig[]> {
    return this.#must("list ProviderConfigs", () => this.#all<ProviderConfig>(PROVIDER_CONFIGS, namespace));
  }

  allocations(): Promise<IPAllocation[]> {
    return this.#must("list IPAllocations", () => this.#all<IPAllocation>(IP_ALLOCATIONS));
  }

  policies(): Promise<ClusterCreationPolicy[]> {
    return this.#must("list ClusterCreationPolicies", () => this.#all<ClusterCreationPolicy>(CREATION_POLICIES));
  }

  /** Labels of a namespace; undefined when there is none. */
  async namespaceLabels(name: string): Promise<{ readonly labels?: Record<string, string> } | undefined> {
    const found = await this.#must(`read namespace ${JSON.stringify(name)}`, () =>
      this.#find<KubeObject>(NAMESPACES, name),
    );
    if (found === undefined) return undefined;
    return found.metadata.labels === undefined ? {} : { labels: found.metadata.labels };
  }

  async #accessReview(caller: Caller): Promise<boolean> {
    const question = accessReviewOf(caller);
    const review = await this.#client.create<KubeObject>(ACCESS_REVIEWS, {
      kind: "SubjectAccessReview",
      apiVersion: "authorization.k8s.io/v1",
      metadata: {},
      spec: {
        user: question.user,
        groups: question.groups,
        resourceAttributes: { verb: question.verb, group: question.group, resource: question.resource },
      },
    });
    return (review["status"] as { allowed?: unknown } | undefined)?.allowed === true;
  }

  async #find<T>(ref: ResourceRef, name: string, namespace = ""): Promise<T | undefined> {
    return (await this.#client.find(ref, name, namespace)) as T | undefined;
  }

  /** A kind that is not installed has no objects. */
  async #all<T>(ref: ResourceRef, namespace = ""): Promise<T[]> {
    try {
      return (await this.#client.list(ref, namespace)).items as unknown as T[];
    } catch (error) {
      if (isReason(error, "NotFound")) return [];
      throw error;
    }
  }

  async #must<T>(action: string, read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw controllerErrors.create("BUTLER_FACTS_MISSING", { action, why }, { cause });
    }
  }
}
