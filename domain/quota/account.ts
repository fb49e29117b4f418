import { ANNOTATIONS, LABELS } from "@holdfast/contracts/butler-api/names";
import type { TenantCluster } from "@holdfast/contracts/butler-api/tenant-cluster";
import {
  addQuantities,
  LARGEST,
  multiplyQuantity,
  parseQuantity,
  type Quantity,
  wholeQuantity,
  ZERO,
} from "./quantity.ts";

/** What the worker nodes of one or more clusters take up. The control plane is hosted and not counted. */
export interface Usage {
  readonly nodes: number;
  readonly cpu: Quantity;
  readonly memory: Quantity;
  readonly storage: Quantity;
}

/** A cluster as quotas see it. */
export interface Account {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string | undefined;
  readonly generation: number;
  /** Name of the team it counts for: teamRef, else the namespace, which is named like its team. */
  readonly team: string;
  /** Value of the environment label; `""` without one. */
  readonly environment: string;
  /** An environment it is about to move to; it takes up room in both until it has. */
  readonly joiningEnvironment?: string;
  /** E-mail of the owner; `""` where nobody is known. */
  readonly owner: string;
  readonly usage: Usage;
}

/** The size of worker nodes that state none: the defaults of the TenantCluster schema. Whoever builds nodes must build these. */
export const DEFAULT_NODE = { cpu: 4, memory: "16Gi", diskSize: "100Gi" } as const;

/** Nothing. */
export const NO_USAGE: Usage = { nodes: 0, cpu: ZERO, memory: ZERO, storage: ZERO };

/** Name of the team a cluster counts for. */
export function teamNameOf(cluster: TenantCluster): string {
  return cluster.spec?.teamRef?.name ?? cluster.metadata.namespace ?? "";
}

/** Value of the environment label; `""` without one. */
export function environmentOf(cluster: TenantCluster): string {
  return cluster.metadata.labels?.[LABELS.environment] ?? "";
}

/** E-mail of the owner, before its promotion that of the creator; `""` where nobody is known. */
export function ownerOf(cluster: TenantCluster): string {
  const annotations = cluster.metadata.annotations;
  return annotations?.[ANNOTATIONS.owner] || annotations?.[ANNOTATIONS.creatorEmail] || "";
}

/** Identity of a cluster among the others. */
export function keyOf(cluster: { readonly namespace: string; readonly name: string }): string {
  return `${cluster.namespace}/${cluster.name}`;
}

/** The account of a cluster. A size that cannot be read counts as the largest: a quota fails closed. */
export function accountOf(cluster: TenantCluster): Account {
  return {
    namespace: cluster.metadata.namespace ?? "",
    name: cluster.metadata.name ?? "",
    uid: cluster.metadata.uid,
    generation: cluster.metadata.generation ?? 0,
    team: teamNameOf(cluster),
    environment: environmentOf(cluster),
    owner: ownerOf(cluster),
    usage: usageOf(cluster),
  };
}

/** What the worker nodes of a cluster take up. Negative sizes count as nothing, so that they make no room for others. */
export function usageOf(cluster: TenantCluster): Usage {
  const workers = cluster.spec?.workers;
  const nodes = Math.max(0, Math.trunc(workers?.replicas ?? 0));
  const node = workers?.machineTemplate;
  return {
    nodes,
    cpu: wholeQuantity(BigInt(Math.max(0, Math.trunc(node?.cpu ?? DEFAULT_NODE.cpu))) * BigInt(nodes)),
    memory: multiplyQuantity(size(node?.memory ?? DEFAULT_NODE.memory), nodes),
    storage: multiplyQuantity(size(node?.diskSize ?? DEFAULT_NODE.diskSize), nodes),
  };
}

function size(value: unknown): Quantity {
  const quantity = parseQuantity(value) ?? LARGEST;
  return quantity.nano < 0n ? ZERO : quantity;
}

/** The sum of what all of them take up. */
export function totalUsage(accounts: readonly Account[]): Usage {
  return accounts.reduce((sum, account) => addUsage(sum, account.usage), NO_USAGE);
}

/** The sum of two usages. */
export function addUsage(a: Usage, b: Usage): Usage {
  return {
    nodes: a.nodes + b.nodes,
    cpu: addQuantities(a.cpu, b.cpu),
    memory: addQuantities(a.memory, b.memory),
    storage: addQuantities(a.storage, b.storage),
  };
}
